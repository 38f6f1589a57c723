"""CSV and TSV files ↔ sheets, with every byte accounted for.

    file ─encoding→ text ─records→ records ─fields→ values ─rows→ rows
    rows ─lines→ text in the dialect of the sheet's frame ─encoding→ file

A sheet's frame is its file's dialect (`dialect`). What rendering a row in that dialect would not give
back is kept with it: a field's own source in its cell's `extra`, the number of fields and the line end in
the row's attributes. So an unedited file comes back byte for byte, and an edited one differs in the edited
fields only.
"""
