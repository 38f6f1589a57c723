"""Sheets as pandas DataFrames.

| a column that holds | has the dtype |
|---|---|
| whole numbers | int64, or Int64 where cells are empty |
| numbers | float64, NaN where cells are empty |
| texts | str |
| booleans | bool, or boolean where cells are empty |
| dates | datetime64[ms] |
| nothing | float64, all NaN |
| of several sorts, or whole numbers beyond 64 bits | object: Python values, None where cells are empty |
"""

from typing import Any

import pandas as pd
import pyarrow as pa

from app.formats.tables import Table, Values

_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def data_frame(table: Table) -> pd.DataFrame:
    """The table as a frame; large columns are shared with it, not copied."""
    return pd.DataFrame({name: _series(values) for name, values in table.items()}, copy=False)


def _series(values: Values) -> Any:
    if isinstance(values, list):
        return pd.Series(values, dtype=object)
    if pa.types.is_null(values.type):
        values = pa.nulls(len(values), pa.float64())
    nullable = values.null_count and values.type in _NULLABLE
    return values.to_pandas(types_mapper=_NULLABLE.get if nullable else None)
