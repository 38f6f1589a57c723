"""JSON files of tables: an object a row, one a line or all in an array; and documents of JSON lines.

A number keeps the way it is written; objects and lists inside of an object are JSON text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, TypeVar

import msgspec

from app.formats import guard
from app.formats.arrow_rows import json_text
from app.formats.guard import Limits
from app.formats.tables import Table, Values, valid_text
from app.formats.typed_workbook import workbook
from app.formats.xlsx.numbers import parse_number
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from app.sheet.cell import EXACT, LexicalNumber, Value
from app.sheet.document import Document
from app.sheet.row import Row

_AT_ONCE = 2_000
"""Rows that are Python objects at a time."""

_T = TypeVar("_T")
_MARK = b"\xef\xbb\xbf"

_encode = msgspec.json.Encoder().encode


def read(file: BinaryIO, sheet_name: str, limits: Limits) -> Document:
    """A file of JSON lines as a workbook of one sheet, whose first row is the names in all objects.

    The file is read once for the names, and again as rows are taken; it stays open as long as that. Raises
    UnreadableFile.
    """
    names: dict[str, int] = {}
    count = cells = 0
    for found in _lines(file, limits, msgspec.json.Decoder(dict[str, msgspec.Raw]).decode):
        count += 1
        cells += len(found)
        for name in found:
            if name not in names:
                names[name] = len(names)
        if len(names) > MAX_COLUMNS:
            raise guard.too_large("columns", MAX_COLUMNS)
        if cells > limits.cells:
            raise guard.too_large("cells", limits.cells)
    report: dict[str, object] = {"rows": count, "columns": len(names)}
    return workbook(sheet_name, lambda: _rows(file, names, limits), report)


def write_lines(batches: Iterable[Table], out: BinaryIO) -> None:
    """Write tables that continue one another as JSON lines (https://jsonlines.org), UTF-8."""
    for line in _objects(batches):
        out.write(line + b"\n")


def write_array(batches: Iterable[Table], out: BinaryIO) -> None:
    """Write tables that continue one another as one JSON array, UTF-8."""
    before = b"[\n"
    for line in _objects(batches):
        out.write(before + line)
        before = b",\n"
    out.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def _objects(batches: Iterable[Table]) -> Iterator[bytes]:
    """Each row as an object of all columns: null where a cell is empty, dates as ISO 8601 writes them."""
    for batch in batches:
        count = max(map(len, batch.values()), default=0)
        for start in range(0, count, _AT_ONCE):
            columns = [_values(values[start : start + _AT_ONCE]) for values in batch.values()]
            for row in zip(*columns, strict=True):
                yield _encode(dict(zip(batch, row, strict=True)))


def _values(values: Values) -> list[Any]:
    if isinstance(values, list):
        return [valid_text(value) if isinstance(value, str) else value for value in values]
    return values.to_pylist()  # type: ignore[no-any-return]


def _lines(
    file: BinaryIO, limits: Limits, decode: Callable[[bytes], dict[str, _T]]
) -> Iterator[dict[str, _T]]:
    """The object of each line that is not blank."""
    file.seek(0)
    number = 0
    while line := file.readline(limits.row_bytes + 1):
        number += 1
        if len(line) > limits.row_bytes:
            raise guard.too_large("bytes in a line", limits.row_bytes)
        line = line.removeprefix(_MARK) if number == 1 else line
        if not line.strip():
            continue
        if number >= MAX_ROWS:
            raise guard.too_large("rows", MAX_ROWS)
        try:
            yield decode(line)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            raise guard.damaged(f"line {number:,} is no JSON object") from None


def _rows(file: BinaryIO, names: Mapping[str, int], limits: Limits) -> Iterator[tuple[int, Row]]:
    whole, order = tuple(range(len(names))), list(names)
    if names:
        yield 0, Row(whole, tuple(map(_text, order)))
    decode = msgspec.json.Decoder(dict[str, Any], float_hook=_number).decode
    for row, found in enumerate(_lines(file, limits, decode), start=1):
        values = [_value(value) for value in found.values()]
        columns = whole if list(found) == order else tuple(map(names.__getitem__, found))
        if None in values:
            held = [at for at, value in enumerate(values) if value is not None]
            columns, values = tuple([columns[at] for at in held]), [values[at] for at in held]
        if columns is not whole and (ordered := sorted(columns)) != list(columns):
            by_column = dict(zip(columns, values, strict=True))
            columns, values = tuple(ordered), [by_column[column] for column in ordered]
        if columns:
            yield row, Row(columns, tuple(values))


def _number(text: str) -> Value:
    """A number with a point or exponent; one beyond float64 as the text it is."""
    number = parse_number(text)
    return text if number is None else number


def _value(value: Any) -> Value:
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is int:
        return value if -EXACT <= value <= EXACT else LexicalNumber(str(value))
    if kind is dict or kind is list:
        return _text(json_text(value))
    return value  # type: ignore[no-any-return]


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise guard.too_large("characters in a cell", MAX_TEXT)
    return text
