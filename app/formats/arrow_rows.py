"""Arrow columns as rows of cells, types kept as far as a spreadsheet has them.

| Arrow | a cell |
|---|---|
| null, NaN | empty |
| bool | a boolean |
| integers | a number, all digits kept |
| floating point | a number; infinities are text |
| decimals | a number with all its decimals, trailing zeros too |
| dates, timestamps (without time zone, or in UTC) | a number shown as a date |
| times, durations | a number of days shown as a time |
| strings | text |
| binary | Base64 text (RFC 4648) |
| lists, structs, maps, all else | JSON text |

Dates before March 1900 or after 9999, timestamps of other time zones, and of columns in which one is finer
than milliseconds, are text (ISO 8601), because no spreadsheet keeps those as numbers.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.formats import guard
from app.formats.guard import Limits
from app.formats.typed_workbook import Style
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from app.sheet.cell import EXACT, LexicalNumber, Value
from app.sheet.row import Row
from app.sheet.serial import MAX_SERIAL

_EPOCH = 25_569
"""The serial of 1 January 1970."""
_FIRST_SERIAL = 61
"""1 March 1900, from where on all programs count alike."""
_SECONDS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_A_DAY = 86_400


class Reading(NamedTuple):
    """How a column is read: the style of its cells, and what makes values of an array of it."""

    style: Style
    values: Callable[[Any], Sequence[Value]]


def rows(
    names: Sequence[str],
    styles: Sequence[Style],
    batches: Iterable[Sequence[Sequence[Value]]],
    limits: Limits,
) -> Iterator[tuple[int, Row]]:
    """(zero-based row, Row) of batches of columns, the names first; rows that hold nothing are left out.

    Raises UnreadableFile where there is more than a sheet or the limits hold.
    """
    if len(names) > MAX_COLUMNS:
        raise guard.too_large("columns", MAX_COLUMNS)
    whole, all_styles = tuple(range(len(names))), tuple(map(int, styles)) if any(styles) else ()
    start, cells = 1, len(names)
    if names:
        yield 0, Row(whole, tuple(_checked(names)))
    for columns in batches:
        count = max(map(len, columns), default=0)
        if start + count > MAX_ROWS:
            raise guard.too_large("rows", MAX_ROWS)
        for at, values in enumerate(zip(*map(_checked, columns), strict=True), start):
            if None not in values:
                cells += len(values)
                yield at, Row(whole, values, all_styles)
            elif held := [column for column in whole if values[column] is not None]:
                cells += len(held)
                yield (
                    at,
                    Row(
                        tuple(held),
                        tuple([values[column] for column in held]),
                        tuple([all_styles[column] for column in held]) if all_styles else (),
                    ),
                )
        if cells > limits.cells:
            raise guard.too_large("cells", limits.cells)
        start += count


def reading(kind: Any, fine: bool = False) -> Reading:
    """How columns of an Arrow type are read. fine: some of its timestamps are (`is_fine`)."""
    for fits, made in _READINGS:
        if fits(kind):
            return Reading(Style.PLAIN, made)
    if pa.types.is_date(kind):
        return Reading(Style.DAY, _days)
    if pa.types.is_timestamp(kind):
        if kind.tz not in (None, "UTC", "Etc/UTC", "+00:00", "Z"):
            return Reading(Style.PLAIN, _zoned)
        return Reading(Style.PLAIN, _moment_texts) if fine else Reading(Style.MOMENT, _moments)
    if pa.types.is_time(kind):
        return Reading(Style.TIME, _spans)
    if pa.types.is_duration(kind):
        return Reading(Style.ELAPSED, _spans)
    if pa.types.is_dictionary(kind):
        style, values = reading(kind.value_type, fine)
        return Reading(style, lambda array: values(array.dictionary_decode()))
    if isinstance(kind, pa.BaseExtensionType):
        style, values = reading(kind.storage_type, fine)
        return Reading(style, lambda array: values(array.storage))
    return Reading(Style.PLAIN, _json)


def is_fine(array: Any) -> bool:
    """Whether a timestamp of the array is finer than milliseconds."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary
    if not pa.types.is_timestamp(array.type) or array.type.unit not in ("us", "ns"):
        return False
    return bool(np.any(_whole_numbers(array) % (_SECONDS[array.type.unit] // 1_000)))


def _checked(values: Sequence[Value]) -> Sequence[Value]:
    """The values, none of them a text longer than a cell holds."""
    if any(type(value) is str and len(value) > MAX_TEXT for value in values):
        raise guard.too_large("characters in a cell", MAX_TEXT)
    return values


def _listed(array: Any) -> list[Value]:
    return array.to_pylist()  # type: ignore[no-any-return]


def _integers(array: Any) -> list[Value]:
    found = array.to_pylist()
    bounds = pc.min_max(array).as_py()
    if bounds["min"] is None or max(abs(bounds["min"]), abs(bounds["max"])) <= EXACT:
        return found  # type: ignore[no-any-return]
    return [LexicalNumber(str(v)) if v is not None and abs(v) > EXACT else v for v in found]


def _floats(array: Any) -> list[Value]:
    found = array.cast(pa.float64()).to_pylist()
    if pc.all(pc.is_finite(array)).as_py() is not False:
        return found  # type: ignore[no-any-return]
    return [
        None if value is None or value != value else value if np.isfinite(value) else str(value)
        for value in found
    ]


def _decimals(array: Any) -> list[Value]:
    return [None if value is None else _integer_or_lexical(f"{value:f}") for value in array.to_pylist()]


def _integer_or_lexical(text: str) -> Value:
    number = int(text) if text.lstrip("-").isdecimal() else EXACT + 1
    return number if abs(number) <= EXACT and str(number) == text else LexicalNumber(text)


def _days(array: Any) -> list[Value]:
    days = _whole_numbers(array.cast(pa.date32()).cast(pa.int32()))
    return _dated(array, days + _EPOCH, lambda: np.datetime_as_string(days.astype("datetime64[D]")))


def _moments(array: Any) -> list[Value]:
    """Dates of timestamps that are none finer than milliseconds."""
    counted, a_second = _whole_numbers(array), _SECONDS[array.type.unit]
    if a_second > 1_000:
        counted, a_second = counted // (a_second // 1_000), 1_000
    serials = counted / (_A_DAY * a_second) + _EPOCH
    return _dated(array, serials, lambda: np.array(_moment_texts(array), dtype=object))


def _dated(array: Any, serials: Any, texts: Callable[[], Any]) -> list[Value]:
    """Serials where there is a date for them, else texts."""
    there = (serials >= _FIRST_SERIAL) & (serials < MAX_SERIAL + 1)
    values: list[Value] = serials.tolist()
    if not there.all():
        spelled = texts()
        for at in np.flatnonzero(~there).tolist():
            values[at] = str(spelled[at])
    return _with_nulls(array, values)


def _moment_texts(array: Any) -> list[Value]:
    moments = _whole_numbers(array).astype(f"datetime64[{array.type.unit}]")
    ending = "Z" if array.type.tz else ""
    return _with_nulls(array, [f"{text}{ending}" for text in np.datetime_as_string(moments).tolist()])


def _zoned(array: Any) -> list[Value]:
    """Timestamps of a time zone as that zone's clocks showed them, with their distance from UTC."""
    try:
        return _listed(pc.strftime(array, format="%Y-%m-%dT%H:%M:%S%z"))
    except pa.ArrowInvalid:  # a zone this machine knows nothing of
        return _moment_texts(array)


def _spans(array: Any) -> list[Value]:
    """Times of day and durations as days; those that float64 does not hold as their count of units."""
    counted, a_day = _whole_numbers(array), _A_DAY * _SECONDS[array.type.unit]
    days = counted / a_day
    values: list[Value] = days.tolist()
    for at in np.flatnonzero(np.rint(days * a_day).astype(np.int64) != counted).tolist():
        values[at] = f"{counted[at]} {array.type.unit}"
    return _with_nulls(array, values)


def _whole_numbers(array: Any) -> Any:
    """What dates and times are counted in, as int64; 0 for nulls."""
    width = pa.int32() if array.type.bit_width == 32 else pa.int64()
    return pc.fill_null(array.cast(width), 0).to_numpy(zero_copy_only=False).astype(np.int64)


def _with_nulls(array: Any, values: list[Value]) -> list[Value]:
    if array.null_count:
        for at in np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False)).tolist():
            values[at] = None
    return values


def _binary(array: Any) -> list[Value]:
    return [None if value is None else b64encode(value).decode("ascii") for value in array.to_pylist()]


def _json(array: Any) -> list[Value]:
    return [None if value is None else json_text(value) for value in array.to_pylist()]


def json_text(value: object) -> str:
    """What has parts of its own, as JSON; what JSON has no form for as text."""
    return msgspec.json.encode(value, enc_hook=_json_part).decode()


def _json_part(value: object) -> object:
    return msgspec.Raw(value.text.encode()) if isinstance(value, LexicalNumber) else str(value)


_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_BINARIES = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_binary_view,
)

_READINGS: Sequence[tuple[Callable[[Any], bool], Callable[[Any], Sequence[Value]]]] = (
    (pa.types.is_integer, _integers),
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_boolean, _listed),
    (pa.types.is_null, _listed),
    (lambda kind: any(fits(kind) for fits in _TEXTS), _listed),
    (lambda kind: any(fits(kind) for fits in _BINARIES), _binary),
)
