"""xlsx, xlsm, xltx and xltm: packages that go through unharmed.

In, `reader.read`: `container` opens the zip file within limits; `package` finds the workbook's parts;
`survey` looks through each worksheet once and makes its `frame`; `rows` takes rows apart on demand: `runs`
reads those of one shape by a pattern made for them, regular expressions the others cell by cell, and
`row_source`, by expat, those written in a way of their own, whose source is then kept. `cells`,
`texts`, `strings` and `numbers` know what a cell's source means; `report` counts.

Out, `writer.write`: untouched parts and sheets byte for byte (`render`); edited sheets through
`edited_sheet`, which splices rows (`row_source`) and mends `shared_formulas`; then what must follow:
`calculation` (the calculation chain, recalculation on load) and `tables` (their columns' names).

What is no cell: `style_content` says which styles are the same, `style_book` adds new ones to the styles
part, `sheet_list` adds sheets and takes them away; `package_edit` and `part_source` splice the parts for
them. `blank` is a new workbook.

Beside them: `edits` tells which cells cannot be edited; `styles`, `colors` and `layout` what the grid shows.
"""
