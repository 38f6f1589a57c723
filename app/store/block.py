"""Blocks: runs of consecutive rows, the unit of storage, as columns of planes.

What was entered and what was computed are two chunks: a block's bytes hold values, formulas, styles
and extras; the last computed values of its formulas are a companion. `docs/formats.md` has both.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from app.sheet import plane
from app.sheet.cell import Cell, identical
from app.sheet.plane import Plane
from app.sheet.row import EMPTY_ROW, Row
from app.store.protocol import CorruptChunk

_VERSION = 1

Layer: TypeAlias = dict[int, Plane]
"""Planes by zero-based column; a column without a plane has nothing in any row."""

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
        values, formulas, styles, extras, computed = (
            {column: self._column(at, column)[start:stop] for column in layer}
            for at, layer in enumerate(self._layers)
        )
        attributes: list[Any] = plane.decode(self._attributes, self.count)[start:stop]
        raws: list[Any] = plane.decode(self._raws, self.count)[start:stop]
        columns = tuple(sorted({*values, *formulas, *styles, *extras}))
        nothing = [None] * (stop - start)
        grid = zip(*(values.get(column, nothing) for column in columns), strict=True) if columns else ()
        rows: Iterable[tuple[Any, ...]] = grid or [()] * (stop - start)
        plain = not (formulas or styles or extras or computed)
        for at, row in enumerate(rows):
            raw, properties = raws[at], attributes[at]
            source = None if raw is None else raw.encode("latin-1")
            if plain:
                if columns and None not in row:
                    yield start + at, Row(columns, row, attributes=properties, raw=source)
                    continue
                present = [place for place, value in enumerate(row) if value is not None]
                built = Row(
                    tuple(columns[place] for place in present),
                    tuple(row[place] for place in present),
                    attributes=properties,
                    raw=source,
                )
            else:
                built = _row(at, columns, row, formulas, styles, extras, computed, properties, source)
            if built != EMPTY_ROW:
                yield start + at, built

    def cell(self, offset: int, column: int) -> Cell:
        """The cell at a row's offset and a zero-based column."""
        value, formula, style, extra, computed = (
            self._column(at, column)[offset] if column in layer else None
            for at, layer in enumerate(self._layers)
        )
        return Cell(value, formula, computed, style or 0, extra)

    def with_cells(self, changes: Mapping[int, Mapping[int, Cell]]) -> "Block":
        """The block with the given cells, by row offset and column, replaced."""
        layers = [dict(layer) for layer in self._layers]
        for column in {column for cells in changes.values() for column in cells}:
            edits = [(offset, cells[column]) for offset, cells in changes.items() if column in cells]
            for at, (field, blank, encode) in enumerate(_FIELDS):
                before = list(self._column(at, column)) if column in layers[at] else [blank] * self.count
                after = list(before)
                for offset, cell in edits:
                    after[offset] = getattr(cell, field)
                if all(item == blank for item in after):
                    layers[at].pop(column, None)
                elif any(not identical(after[offset], before[offset]) for offset, _ in edits):
                    layers[at][column] = encode(after)
        return Block(self.count, layers, self._attributes, self._raws)

    def _column(self, layer: int, column: int) -> list[Any]:
        key = layer, column
        if key not in self._decoded:
            self._decoded[key] = plane.decode(self._layers[layer][column], self.count)
        return self._decoded[key]


_FIELDS: Sequence[tuple[str, Any, Callable[[Sequence[Any]], Plane]]] = (
    ("value", None, plane.encode),
    ("formula", None, plane.encode),
    ("style", 0, plane.encode_runs),
    ("extra", None, plane.encode),
    ("computed", None, plane.encode),
)
"""What each layer keeps of a cell, what stands for nothing, and how it is encoded."""


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


def _row(
    at: int,
    columns: Sequence[int],
    values: Sequence[Any],
    formulas: Mapping[int, list[Any]],
    styles: Mapping[int, list[Any]],
    extras: Mapping[int, list[Any]],
    computed: Mapping[int, list[Any]],
    attributes: Any,
    raw: bytes | None,
) -> Row:
    """The row at a place in columns of every layer."""
    formula_at = {column: items[at] for column, items in formulas.items() if items[at] is not None}
    style_at = {column: items[at] for column, items in styles.items() if items[at]}
    extra_at = {column: items[at] for column, items in extras.items() if items[at] is not None}
    present = [
        place
        for place, column in enumerate(columns)
        if values[place] is not None or column in formula_at or column in style_at or column in extra_at
    ]
    kept = tuple(columns[place] for place in present)
    return Row(
        kept,
        tuple(values[place] for place in present),
        tuple(style_at.get(column, 0) for column in kept) if style_at else (),
        formula_at,
        {column: items[at] for column, items in computed.items() if items[at] is not None},
        extra_at,
        attributes,
        raw,
    )
