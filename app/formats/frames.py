"""Sheets as pandas DataFrames, and frames as documents.

Out of a sheet:

| a column that holds | has the dtype |
|---|---|
| whole numbers | int64, or Int64 where cells are empty |
| numbers | float64, NaN where cells are empty |
| texts | str |
| booleans | bool, or boolean where cells are empty |
| dates | datetime64[ms] |
| nothing | float64, all NaN |
| of several sorts, or whole numbers beyond 64 bits | object: Python values, None where cells are empty |

Into a sheet, values go as `arrow_rows` says.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa

from app.formats.arrow_rows import Reading, is_fine, reading, rows
from app.formats.guard import Limits
from app.formats.tables import Table, Values
from app.formats.typed_workbook import Style, workbook
from app.sheet.cell import Value
from app.sheet.document import Document

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


def document(frame: pd.DataFrame, sheet_name: str, limits: Limits) -> Document:
    """The frame as a workbook of one sheet, whose first row is the columns' names.

    An index comes first, as columns of its own, but for the one that only counts the rows. The document's
    rows raise UnreadableFile where they are more than a sheet or the limits hold.
    """
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    columns = [_column(frame.iloc[:, at]) for at in range(frame.shape[1])]
    names, styles = [str(name) for name in frame.columns], [style for style, _ in columns]
    report: dict[str, object] = {"rows": len(frame), "columns": len(names)}
    values = [found for _, found in columns]
    return workbook(sheet_name, partial(rows, names, styles, [values], limits), report)


def _column(series: "pd.Series[Any]") -> tuple[Style, Sequence[Value]]:
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, OverflowError):  # of several sorts
        return Style.PLAIN, [_value(value) for value in series]
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    read: Reading = reading(array.type, is_fine(array))
    return read.style, read.values(array)


def _value(value: Any) -> Value:
    """One of the values of a column of several sorts: dates are text, since their cells look no other way."""
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    try:
        array = pa.array([value], from_pandas=True)
    except (pa.ArrowException, OverflowError):
        return str(value)
    read = reading(array.type)
    found = read.values(array)[0]
    return found if read.style is Style.PLAIN else str(value)
