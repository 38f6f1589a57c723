"""Blueprints: parse the request, call one service, render the answer.

    auth account              signing in, one's own account      actor     who asks, and whether they may
    workbooks workbook        the list; the grid page            download  files on their way out
    history admin health      version history; administration    api       the JSON API

Who may call which is in one table, `services.access.ROUTES`.
"""
