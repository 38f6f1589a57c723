"""Tables: columns and constraints, no logic.

    user → session                        who may come in
    workbook → membership                 what there is, and who may see it
    workbook → revision → named_version   its history, and the names people gave
    workbook → chunk                      the stored bytes all of it is made of

Every table of a workbook leads its keys with `workbook_id`, so that the database can be distributed
by workbook; users and sessions refer to no workbook. Keys and times are made by the caller.
"""
