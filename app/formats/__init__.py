"""Files ↔ sheets. A reader makes a `Document` of a file, a writer a file of a `Document`.

    registry   which format a file is in     guard        limits, and refusals people read
    xlsx       packages, unharmed            csv          text files, byte for byte
    look       how sheets look in the grid   plain_xlsx   xlsx for what came otherwise
    tables     columns by name and type      frames       pandas DataFrames
    parquet    tables as Parquet files       json_rows    tables as JSON

    file ─guard, registry→ xlsx | csv ─Document→ (store) ─Document→ xlsx | csv | plain_xlsx → file

Formats know sheets, and neither the store nor the services.
"""
