"""The heart: what a sheet is and how it changes. Pure: no Flask, no database, no clock.

    cell        values and cells              address     A1 names, ranges, limits
    row         one row's cells               references  formulas kept relative to their cell
    plane       a column's values, packed     packing     single values, packed
      form        what kind of plane it is      offsets     integers side by side
      number_planes  of numbers                 text_planes of texts
    run         a column's cells, packed      strip       how a run of them changed
    entry       text typed by a person → value            number_format  value → text shown
    operations  what a user does              column_edit the same for very many cells
    step        what changed in a sheet       changeset   what a revision changed, and its inverse

A file becomes rows (`app.formats`), rows become blocks and trees of chunks (`app.store`), a user's
operations make a changeset, and a changeset applied to a sheet makes the next one.
"""
