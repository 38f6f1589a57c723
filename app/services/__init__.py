"""Use cases, one module a noun: each a transaction, and the only place that commits.

    access                                   who may do what
    accounts sessions devices sharing        people
    workbooks imports exports storage demo   workbooks as wholes
    tables frames                            their sheets as columns, and as DataFrames
    revisions commits restores editing       reading a state; making the next one
    effects packages sheet_changes           what an operation makes of a state
    history windows                          what changed, and cells, as readers see them
    administration health                    the whole installation

Actors, times and ids come in as arguments; no service knows a request.
"""
