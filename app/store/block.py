"""Blocks: runs of consecutive rows, the unit of storage, as columns of planes.

What was entered and what was computed are two chunks: a block's bytes hold values, formulas, styles
and extras; the last computed values of its formulas are a companion. `docs/formats.md` has both.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeAlias

import msgspec

from app.sheet import plane
from app.sheet.cell import Cell, identical
from app.sheet.form import Plane
from app.sheet.row import EMPTY_ROW, Row
from app.sheet.run import BLANK, FIELDS, Run, same_planes
from app.store.protocol import CorruptChunk, address_of

_VERSION = 1

Layer: TypeAlias = dict[int, Plane]
"""Planes by zero-based column; a column without a plane has nothing in any row."""
_Part: TypeAlias = Mapping[int, Sequence[Any]]
"""Some rows of a layer: items by column."""

_NO_TEXT, _NOTHING = plane.encode([""]), plane.encode([None])
"""The planes of rows without attributes, and without sources."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class Block:
    """`count` consecutive rows, some of which may hold nothing. Immutable; columns decode when asked for."""

    __slots__ = ("_attributes", "_decoded", "_layers", "_raws", "count")

    def __init__(self, count: int, layers: Sequence[Layer], attributes: Plane, raws: Plane) -> None:
        self.count = count
        self._layers = layers  # values, formulas, styles, extras, computed
        self._attributes = attributes
        self._raws = raws
        self._decoded: dict[tuple[int, int], list[Any]] = {}

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Block":
        """The block of rows."""
        shapes = [row.columns for row in rows]
        layers: list[Layer] = [
            _layer(_grid(shapes, [row.values for row in rows]), plane.encode),
            _sparse_layer(rows, "formulas"),
            _style_layer(_grid(shapes, [row.styles for row in rows])),
            _sparse_layer(rows, "extras"),
            _sparse_layer(rows, "computed"),
        ]
        attributes, raws = [row.attributes for row in rows], [row.raw for row in rows]
        return cls(
            len(rows),
            layers,
            plane.encode_runs(attributes) if any(attributes) else _NO_TEXT,
            _NOTHING
            if raws.count(None) == len(raws)
            else plane.encode([None if raw is None else raw.decode("latin-1") for raw in raws]),
        )

    @classmethod
    def blank(cls, count: int) -> "Block":
        """The block of rows that hold nothing."""
        return cls(count, [{} for _ in FIELDS], _NO_TEXT, _NOTHING)

    @classmethod
    def decode(cls, address: bytes, raw: bytes, computed: bytes | None) -> "Block":
        """The block of stored bytes, with its companion's where it has one.

        Raises CorruptChunk, naming `address`, where the bytes are no block.
        """
        try:
            version, count, values, formulas, styles, extras, attributes, raws = _decode(raw)
            companion = [] if computed is None else _decode(computed)[1]
            layers = [dict(layer) for layer in (values, formulas, styles, extras, companion)]
        except (msgspec.DecodeError, ValueError, TypeError, IndexError) as error:
            raise CorruptChunk(address, f"it is no block ({error})") from None
        if version != _VERSION:
            raise CorruptChunk(address, f"block version {version} is unknown to this Cellar")
        return cls(count, layers, attributes, raws)

    def encode(self) -> tuple[bytes, bytes | None]:
        """(the block's bytes, its companion's or None where nothing is computed)."""
        values, formulas, styles, extras, computed = (sorted(layer.items()) for layer in self._layers)
        raw = _encode([_VERSION, self.count, values, formulas, styles, extras, self._attributes, self._raws])
        return raw, _encode([_VERSION, computed]) if computed else None

    @property
    def is_empty(self) -> bool:
        """Whether no row holds anything."""
        return not any(self._layers) and self._attributes == _NO_TEXT and self._raws == _NOTHING

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Row]]:
        """(offset, row) of each row from `start` up to `stop` that holds anything."""
        stop = self.count if stop is None else min(stop, self.count)
        size = max(0, stop - start)
        values, formulas, styles, extras, computed = (
            {column: self._part(at, column, start, stop) for column in layer}
            for at, layer in enumerate(self._layers)
        )
        attributes: list[Any] = plane.decode_part(self._attributes, self.count, start, stop)
        raws: list[Any] = plane.decode_part(self._raws, self.count, start, stop)
        columns = tuple(sorted({*values, *formulas, *styles, *extras}))
        held: Iterable[tuple[int, ...]] = repeat(columns, size)
        constants = _across(columns, size, values, None)
        ids = _across(columns, size, styles, 0) if styles else repeat((), size)
        full = {column for column, one in self._layers[0].items() if plane.is_full(one)}
        holed = [column for column in columns if column not in full]
        if holed:
            masks = _masks(holed, values, formulas, styles, extras)
            picks = {mask: _pick(columns, holed, mask) for mask in set(masks)}
            shapes = {mask: pick(columns) for mask, pick in picks.items()}
            held = [shapes[mask] for mask in masks]
            constants = [picks[mask](row) for mask, row in zip(masks, constants, strict=True)]
            ids = [picks[mask](row) for mask, row in zip(masks, ids, strict=True)] if styles else ids
        rows = map(
            Row,
            held,
            constants,
            [row if any(row) else () for row in ids] if styles else ids,
            *(_by_row(layer, size) for layer in (formulas, computed, extras)),
            attributes,
            [None if raw is None else raw.encode("latin-1") for raw in raws],
        )
        for offset, row in enumerate(rows, start):
            if row.columns or row.attributes or row.raw is not None or row.computed:
                yield offset, row

    def cell(self, offset: int, column: int) -> Cell:
        """The cell at a row's offset and a zero-based column."""
        value, formula, style, extra, computed = (
            self._item(layer, column, offset) for layer in range(len(self._layers))
        )
        return Cell(value, formula, computed, style, extra)

    @property
    def columns(self) -> set[int]:
        """The columns in which any cell holds anything."""
        return {column for layer in self._layers for column in layer}

    def run(self, column: int) -> Run:
        """The cells of a column, as they are packed."""
        planes = (layer.get(column, blank) for layer, blank in zip(self._layers, BLANK, strict=True))
        return Run(self.count, tuple(planes))  # type: ignore[arg-type]

    def with_columns(self, runs: Mapping[int, Run]) -> "Block":
        """The block with the cells of some columns replaced, each by as many cells as it has rows."""
        layers = [dict(layer) for layer in self._layers]
        for column, run in runs.items():
            for layer, cells, blank in zip(layers, run.planes, BLANK, strict=True):
                if same_planes([cells], [blank]):
                    layer.pop(column, None)
                else:
                    layer[column] = cells
        return Block(self.count, layers, self._attributes, self._raws)

    def with_cells(self, changes: Mapping[int, Mapping[int, Cell]]) -> "Block":
        """The block with the given cells, by row offset and column, replaced."""
        layers = [dict(layer) for layer in self._layers]
        for column in {column for cells in changes.values() for column in cells}:
            edits = [(offset, cells[column]) for offset, cells in changes.items() if column in cells]
            for at, (field, blank, encode) in enumerate(FIELDS):
                new = [(offset, getattr(cell, field)) for offset, cell in edits]
                if all(identical(item, self._item(at, column, offset)) for offset, item in new):
                    continue
                items = list(self._column(at, column)) if column in layers[at] else [blank] * self.count
                for offset, item in new:
                    items[offset] = item
                if items.count(blank) == self.count:
                    layers[at].pop(column, None)
                else:
                    layers[at][column] = encode(items)
        return Block(self.count, layers, self._attributes, self._raws)

    @property
    def styles(self) -> Layer:
        """Planes of style ids."""
        return self._layers[2]

    def shown(self) -> Layer:
        """Planes of what a reader sees: the computed values of formulas, else what was entered."""
        values, formulas, _, _, computed = self._layers
        if not formulas:
            return values
        shown = dict(values)
        for column, formula in formulas.items():
            result = computed.get(column)
            if column not in values and result and plane.presence(result) == plane.presence(formula):
                shown[column] = result
            else:
                shown[column] = plane.encode([self.cell(at, column).shown for at in range(self.count)])
        return shown

    def part(self, start: int, stop: int) -> "Block":
        """The block of the rows from `start` up to `stop`."""
        stop = min(stop, self.count)
        rows = dict(self.rows(start, stop))
        return Block.of([rows.get(at, EMPTY_ROW) for at in range(start, stop)])

    def check(self) -> None:
        """Decode every column. Raises CorruptChunk where one has more or fewer items than there are rows."""
        for layer, columns in enumerate(self._layers):
            for column in columns:
                self._column(layer, column)

    def _column(self, layer: int, column: int) -> list[Any]:
        key = layer, column
        if key not in self._decoded:
            items = plane.decode(self._layers[layer][column], self.count)
            if len(items) != self.count:
                why = f"column {column} has {len(items)} items for {self.count} rows"
                raise CorruptChunk(address_of(self.encode()[0]), why)
            self._decoded[key] = items
        return self._decoded[key]

    def _item(self, layer: int, column: int, offset: int) -> Any:
        """What a layer has at a column and a row's offset."""
        if column not in self._layers[layer]:
            return FIELDS[layer].blank
        return self._part(layer, column, offset, offset + 1)[0]

    def _part(self, layer: int, column: int, start: int, stop: int) -> list[Any]:
        """A column of a layer from `start` up to `stop`, decoded no further than asked for."""
        if (layer, column) in self._decoded:
            return self._decoded[layer, column][start:stop]
        return plane.decode_part(self._layers[layer][column], self.count, start, stop)


def _grid(shapes: Sequence[Sequence[int]], items: Sequence[Sequence[Any]]) -> Mapping[int, Sequence[Any]]:
    """Per column the items of every row, None where a row has none.

    shapes: the columns of each row. items: parallel to them, or empty, for each row.
    """
    if not any(items):
        return {}
    common = shapes[len(shapes) // 2]
    odd = _unlike(common, shapes, items)
    if len(odd) * 2 > len(shapes):
        common = Counter(shapes).most_common(1)[0][0]
        odd = _unlike(common, shapes, items)
    # The columns that most rows have are turned at once; what else the odd rows have is placed one by one.
    place = {column: at for at, column in enumerate(common)}
    full = list(items)
    beyond: dict[int, list[Any]] = {}
    for at in odd:
        picked: list[Any] = [None] * len(common)
        for column, item in zip(shapes[at], items[at], strict=False):
            if column in place:
                picked[place[column]] = item
            else:
                beyond.setdefault(column, [None] * len(shapes))[at] = item
        full[at] = picked
    return {**dict(zip(common, zip(*full, strict=True), strict=True)), **beyond}


def _unlike(
    common: Sequence[int], shapes: Sequence[Sequence[int]], items: Sequence[Sequence[Any]]
) -> list[int]:
    """Places of the rows that have other columns than `common`, or no items."""
    pairs = enumerate(zip(shapes, items, strict=True))
    return [at for at, (shape, held) in pairs if not held or shape != common]


def _by_column(rows: Iterable[Iterable[tuple[int, Any]]], count: int) -> dict[int, list[Any]]:
    """Per column the items of every one of `count` rows, given as (column, item) pairs."""
    columns: dict[int, list[Any]] = {}
    for at, cells in enumerate(rows):
        for column, item in cells:
            if column not in columns:
                columns[column] = [None] * count
            columns[column][at] = item
    return columns


def _layer(columns: Mapping[int, Sequence[Any]], encode: Callable[[Sequence[Any]], Plane]) -> Layer:
    planes = ((column, encode(items)) for column, items in columns.items())
    return {column: encoded for column, encoded in planes if encoded != _NOTHING}


def _sparse_layer(rows: Sequence[Row], field: str) -> Layer:
    """The layer of what rows hold by column."""
    held = [getattr(row, field) for row in rows]
    return _layer(_by_column((cells.items() for cells in held), len(rows)), plane.encode) if any(held) else {}


def _style_layer(columns: Mapping[int, Sequence[int | None]]) -> Layer:
    """The layer of style ids; a column that has the default everywhere has no plane."""
    held = ((column, [style or 0 for style in styles]) for column, styles in columns.items())
    return {column: plane.encode_runs(styles) for column, styles in held if any(styles)}


def _masks(
    columns: Sequence[int], values: _Part, formulas: _Part, styles: _Part, extras: _Part
) -> list[tuple[bool, ...]]:
    """For each row which of the columns, each of which has something in some layer, it holds."""
    flags: list[Iterable[bool]] = []
    for column in columns:
        layers = [part[column] for part in (values, formulas, extras) if column in part]
        told = [[item is not None for item in items] for items in layers]
        if column in styles:
            told.append([style != 0 for style in styles[column]])
        flags.append(map(any, zip(*told, strict=True)) if len(told) > 1 else told[0])
    return list(zip(*flags, strict=True))


def _pick(
    columns: Sequence[int], holed: Sequence[int], mask: Sequence[bool]
) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """What takes, of items in the order of `columns`, those of a row whose holed columns the mask tells."""
    left_out = {column for column, kept in zip(holed, mask, strict=True) if not kept}
    places = [at for at, column in enumerate(columns) if column not in left_out]
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def _across(columns: Sequence[int], size: int, part: _Part, nothing: Any) -> Iterable[tuple[Any, ...]]:
    """The items of each row in the order of `columns`."""
    if not columns:
        return repeat((), size)
    blank = [nothing] * size
    return zip(*(part.get(column, blank) for column in columns), strict=True)


def _by_row(part: _Part, size: int) -> Iterable[Mapping[int, Any]]:
    """What each row has of a layer that most rows have nothing of, by column."""
    if not part:
        return repeat({}, size)
    rows: list[dict[int, Any]] = [{} for _ in range(size)]
    for column, items in part.items():
        for row, item in zip(rows, items, strict=True):
            if item is not None:
                row[column] = item
    return rows
