"""Files ↔ sheets. A reader makes a `Document` of a file, a writer a file of a `Document`.

    registry   which format a file is in     guard        limits, and refusals people read
    xlsx       packages, unharmed            csv          text files, byte for byte
    look       how sheets look in the grid   plain_xlsx   xlsx for what came otherwise
    tables     columns by name and type      frames       pandas DataFrames
    parquet    Parquet files in and out      json_rows    JSON lines in and out, JSON out
    by_value   xls, xlsb and ods             ole2         what compound files are
    arrow_rows     Arrow columns as rows     typed_workbook  the package they come to
    calamine_child the process of by_value

    file ─guard, registry→ xlsx | csv | by_value | parquet | json_rows ─Document→ (store)
    (store) ─Document→ xlsx | csv | plain_xlsx → file;  (store) ─Table→ frames | parquet | json_rows → file

Formats know sheets, and neither the store nor the services.
"""
