"""JSON files of tables: an object a row, one a line or all in an array."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import msgspec

from app.formats.tables import Table, Values, valid_text

_AT_ONCE = 2_000
"""Rows that are Python objects at a time."""

_encode = msgspec.json.Encoder().encode


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
