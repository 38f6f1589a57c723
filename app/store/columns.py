"""Columns of a sheet as Arrow arrays, read a plane at a time instead of cell by cell.

The type of a column follows from what it holds (`arrow_type`). Empty cells and errors are null.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from app.sheet import plane
from app.sheet.cell import Scalar, scalar
from app.sheet.form import Plane
from app.store import arrays
from app.store.arrays import NOTHING, Holds, Mask, Numbers
from app.store.block import Block
from app.store.tree import Tree

_Piece: TypeAlias = tuple[int, int, Plane]
"""The row a plane begins at, how many rows it covers, and the plane."""

_DTYPES = {pa.bool_(): np.bool_, pa.int64(): np.int64, pa.float64(): np.float64}


class Column:
    """The cells of one column in `count` consecutive rows. holds: the sorts of values among them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.holds = NOTHING
        self._shown: list[_Piece] = []
        self._styles: list[_Piece] = []

    def values(self, holds: Holds | None = None) -> "pa.Array | list[Scalar]":
        """What the cells show, of the type of `holds`: by default, of the column's own.

        As Python values where no type holds them all.
        """
        kind = arrow_type(self.holds if holds is None else holds)
        if kind is None:
            return self._objects()
        if pa.types.is_null(kind):
            return pa.nulls(self.count)
        return self._texts() if pa.types.is_large_string(kind) else self._numbers(kind)

    @property
    def height(self) -> int:
        """One past the last row that holds a value."""
        for at, count, piece in reversed(self._shown):
            bits = plane.presence(piece)
            height = count if bits is None else int.from_bytes(bits, "little").bit_length()
            if height:
                return at + height
        return 0

    def styles(self) -> Numbers | None:
        """The style of each cell; None where all are 0."""
        return _gathered(self._styles, self.count, np.int64)[0] if self._styles else None

    def add(self, at: int, count: int, shown: Plane | None, styles: Plane | None) -> None:
        """Put planes of `count` cells into the rows from `at` on, which had none so far."""
        if shown is not None:
            self._shown.append((at, count, shown))
            found = arrays.holds(shown, count)
            if found is not self.holds:
                self.holds |= found
        if styles is not None:
            self._styles.append((at, count, styles))

    def _numbers(self, kind: Any) -> Any:
        values, valid = _gathered(self._shown, self.count, _DTYPES[kind])
        if pa.types.is_boolean(kind):
            values = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(kind, self.count, [_bits(valid), pa.py_buffer(values)])

    def _texts(self) -> Any:
        """The texts of all pieces as one array, each row's taken from it where some are there many times."""
        found = [(at, count, arrays.texts(piece, count)) for at, count, piece in self._shown]
        valid = np.zeros(self.count, np.bool_)
        for at, count, texts in found:
            valid[at : at + count] = True if texts.valid is None else texts.valid
        joined = b"".join([texts.joined for _, _, texts in found])
        if all(texts.places is None for _, _, texts in found):
            lengths = np.zeros(self.count, np.int64)
            for at, count, texts in found:
                lengths[at : at + count] = texts.lengths
            return _text_array(lengths, joined, _bits(valid))
        places = np.zeros(self.count, np.int64)
        before = 0
        for at, count, texts in found:
            own = len(texts.lengths)
            places[at : at + count] = before + (np.arange(own) if texts.places is None else texts.places)
            before += own
        each = _text_array(np.concatenate([texts.lengths for _, _, texts in found]), joined, None)
        return each.take(pa.array(places, mask=~valid))

    def _objects(self) -> list[Scalar]:
        values: list[Scalar] = [None] * self.count
        for at, count, piece in self._shown:
            values[at : at + count] = map(scalar, plane.decode(piece, count))
        return values


def load(tree: Tree, start: int = 0, stop: int | None = None) -> Mapping[int, Column]:
    """The columns, by zero-based column and ascending, that hold a value or style in rows [start, stop)."""
    stop = tree.count if stop is None else min(stop, tree.count)
    columns: dict[int, Column] = {}
    for first, block in _parts(tree, start, stop):
        _add(columns, max(0, stop - start), first - start, block)
    return dict(sorted(columns.items()))


def each_block(tree: Tree, start: int = 0) -> Iterator[tuple[int, Mapping[int, Column]]]:
    """(first row, columns as `load` gives them) of each block of the rows from `start` on."""
    for first, block in _parts(tree, start, tree.count):
        columns: dict[int, Column] = {}
        _add(columns, block.count, 0, block)
        yield first, columns


def _parts(tree: Tree, start: int, stop: int) -> Iterator[tuple[int, Block]]:
    """(first row, block) of the rows in [start, stop), with no others in them."""
    for first, block in tree.blocks(start, stop):
        if first < start or first + block.count > stop:
            block, first = block.part(max(0, start - first), stop - first), max(start, first)
        yield first, block


def _add(columns: dict[int, Column], count: int, at: int, block: Block) -> None:
    """Put a block's cells into columns of `count` rows, from row `at` on."""
    shown, styles = block.shown(), block.styles
    for index in shown.keys() | styles.keys() if styles else shown:
        if index not in columns:
            columns[index] = Column(count)
        columns[index].add(at, block.count, shown.get(index), styles.get(index))


def arrow_type(holds: Holds) -> Any:
    """The Arrow type of a column that holds values of the given sorts; None where no type is fit for all.

    null: nothing. int64: whole numbers. float64: numbers, so long as it loses none of their digits that
    count. large_string: texts. bool: booleans.
    """
    if not holds:
        return pa.null()
    for fitting, kind in _TYPES:
        if not holds & ~fitting:
            return kind
    return None


_TYPES = (
    (Holds.WHOLE | Holds.LONG, pa.int64()),
    (Holds.WHOLE | Holds.FRACTION, pa.float64()),
    (Holds.TEXT, pa.large_string()),
    (Holds.BOOLEAN, pa.bool_()),
)


def _gathered(pieces: list[_Piece], count: int, dtype: Any) -> tuple[Numbers, Mask]:
    """(the numbers of planes in their rows, where there is one)."""
    values, valid = np.zeros(count, dtype), np.zeros(count, np.bool_)
    for at, height, piece in pieces:
        found, there = arrays.numbers(piece, height, dtype)
        values[at : at + height] = found
        valid[at : at + height] = True if there is None else there
    return values, valid


def _bits(valid: Mask) -> Any:
    """A validity bitmap; None where all is valid."""
    return None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))


def _text_array(lengths: Numbers, joined: bytes, bits: Any) -> Any:
    """Texts that lie end to end, as an array."""
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return pa.Array.from_buffers(
        pa.large_string(), len(lengths), [bits, pa.py_buffer(ends), pa.py_buffer(joined)]
    )
