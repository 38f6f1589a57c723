"""Sheets as tables for programs that compute: named columns, each of one type.

A column comes as an Arrow array, or as Python values where no type holds all of them. What the store cannot
know is decided here: what the columns are called, and which numbers are dates.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.formats.look import Look
from app.sheet.address import column_name
from app.sheet.cell import Scalar, plain_text
from app.sheet.number_format import shows_day
from app.sheet.serial import DAYS_1904, MAX_SERIAL

Values: TypeAlias = "pa.Array | list[Scalar]"
"""The values of a column, None or null where it has none."""
Table: TypeAlias = Mapping[str, Values]
"""Columns of one length by name, in their order."""

DATE = pa.timestamp("ms")
"""Dates have no time zone, and milliseconds: what a spreadsheet shows at most of the times it keeps."""

_EPOCH = 25_569
"""The serial of 1 January 1970."""
_LEAP_DAY_THAT_NEVER_WAS = 60
_MS_A_DAY = 86_400_000


def column_names(heads: Mapping[int, str], columns: Iterable[int]) -> list[str]:
    """The names of zero-based columns: what their heads say, or their letters where they say nothing.

    A name that came before gets the first number that makes it another, as in pandas: "Price", "Price.1".
    """
    names: dict[str, None] = {}
    for column in columns:
        head = heads.get(column, "").strip() or column_name(column)
        name, number = head, 0
        while name in names:
            number += 1
            name = f"{head}.{number}"
        names[name] = None
    return list(names)


def are_dates(values: Values, styles: npt.NDArray[np.int64], look: Look) -> bool:
    """Whether the values are numbers, all shown as days by their styles, and all days there are."""
    if isinstance(values, list) or values.type not in (pa.int64(), pa.float64()):
        return False
    present = values.is_valid().to_numpy(zero_copy_only=False)
    if not all(shows_day(look.code(style)) for style in np.unique(styles[present]).tolist()):
        return False
    serials = _serials_1900(values.drop_null(), look.date1904)
    skipped = (serials >= _LEAP_DAY_THAT_NEVER_WAS) & (serials < _LEAP_DAY_THAT_NEVER_WAS + 1)
    return bool(np.all((serials >= 1) & (serials < MAX_SERIAL + 1) & ~skipped))


def dates(values: Any, look: Look) -> Any:
    """The dates that numbers stand for which `are_dates`, to the millisecond."""
    serials = _serials_1900(pc.fill_null(values, _EPOCH), look.date1904)
    days = serials - _EPOCH + (serials < _LEAP_DAY_THAT_NEVER_WAS)
    moments = np.rint(days * _MS_A_DAY).astype(np.int64)
    absent = None if not values.null_count else values.is_null().to_numpy(zero_copy_only=False)
    return pa.array(moments, DATE, mask=absent)


def arrow_table(table: Table) -> pa.Table:
    """The table as Arrow has it: where no type holds all of a column, its values are texts."""
    return pa.table({name: _texts(v) if isinstance(v, list) else v for name, v in table.items()})


def _texts(values: list[Scalar]) -> pa.Array:
    texts = [None if value is None else valid_text(plain_text(value)) for value in values]
    return pa.array(texts, pa.large_string())


def valid_text(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which UTF-8 has no bytes for."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _serials_1900(values: Any, date1904: bool) -> npt.NDArray[np.float64]:
    """Numbers without nulls, as serials of the 1900 date system."""
    found: npt.NDArray[np.float64] = values.to_numpy(zero_copy_only=False).astype(np.float64)
    return found + DAYS_1904 if date1904 else found
