"""The heart: what a sheet is and how it changes. Pure: no Flask, no database, no clock.

    cell        values and cells              address     A1 names, ranges, limits
    row         one row's cells               references  formulas kept relative to their cell
    plane       a column's cells, packed      packing     single values, packed
    entry       text typed by a person → value            number_format  value → text shown
    operations  what a user does              changeset   what a revision changed, and its inverse

A file becomes rows (`app.formats`), rows become blocks and trees of chunks (`app.store`), a user's
operations make a changeset, and a changeset applied to a sheet makes the next one.
"""
