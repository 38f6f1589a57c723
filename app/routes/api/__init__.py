"""The REST API, version 1: JSON in and out, errors as problem documents (RFC 9457). See docs/api.md.

body        request bodies, decoded and validated          workbooks   workbooks and uploads
revisions   the history: list, commit, restore, revert     sheets      layout and windows of cells
"""
