"""Where rows are cut into blocks: at places the content decides, so that equal rows make equal blocks.

A rolling hash over the last 8 rows cuts where it falls below a threshold (content-defined chunking, as
LBFS and rsync's successors do it, over rows instead of bytes): a row inserted above moves no cut below.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

import msgspec

from app.sheet.row import EMPTY_ROW, Row

TARGET = 14_000
"""Bytes of rows, as `content` gives them, that a block holds on average, within bounds."""
LEAST, MOST = TARGET // 4, TARGET * 3

MAX_HOLE = 64
"""Rows that hold nothing are part of a block up to this many in a row; more become a gap between blocks."""

_BITS = 32
_WINDOW_SHIFT = _BITS // 8
_MASK = (1 << _BITS) - 1
_STEP = _MASK // (TARGET - LEAST)
_ROW_BYTES = 2
_COLUMN_BYTES = 16
"""What a row, and a column of a few scattered cells, cost in a block beyond the cells, roughly."""


class Gap(NamedTuple):
    """Consecutive rows that hold nothing."""

    height: int


def split(rows: Iterable[tuple[int, Row]]) -> Iterator[Gap | Sequence[Row]]:
    """Cut (zero-based row, Row) pairs, ascending, into runs of consecutive rows and gaps.

    Together they cover every row from the first of the sheet to the last that holds anything.
    """
    run: list[Row] = []
    scattered: set[int] = set()
    size = hashed = end = 0
    for index, row in rows:
        if index > end:
            if index - end > MAX_HOLE or not run:
                if run:
                    yield run
                    run, scattered, size, hashed = [], set(), 0, 0
                yield Gap(index - end)
            else:
                run.extend([EMPTY_ROW] * (index - end))
        end = index + 1
        run.append(row)
        raw = content(row)
        size += len(raw) + _ROW_BYTES
        columns = row.columns
        if columns and columns[-1] - columns[0] >= len(columns):
            before = len(scattered)
            scattered.update(columns)
            size += (len(scattered) - before) * _COLUMN_BYTES
        hashed = ((hashed << _WINDOW_SHIFT) + crc32(raw)) & _MASK
        # A heavy row is a likelier place: the chance of a cut is per byte, so blocks weigh alike.
        if size >= LEAST and (hashed < _STEP * len(raw) or size >= MOST):
            yield run
            run, scattered, size, hashed = [], set(), 0, 0
    if run:
        yield run


def content(row: Row) -> bytes:
    """Bytes that differ where rows differ, about as many as the row takes in a block."""
    first = row.columns[0] if row.columns else 0
    held: tuple[object, ...] = (first, row.values)
    if row.formulas or row.styles or row.computed or row.extras or row.raw:
        held = (*held, *filter(None, (row.formulas, row.styles, row.computed, row.extras, row.raw)))
    try:
        return _encode(held)
    except (OverflowError, UnicodeEncodeError):  # integers beyond 64 bits, lone surrogates
        return repr(held).encode()


_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
