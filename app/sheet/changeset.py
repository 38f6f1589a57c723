"""Changesets: what a revision changed, with what it replaced.

A changeset is a sequence of steps. Steps of changed cells form an algebra: ``~c`` undoes c, and
``a + b`` is both in order, netted per cell between changes of the sheets themselves. The other steps (a
file came in, an older state came back) replace whole states; what they changed is told by comparing the
two. Encoded as msgpack behind a version, see `docs/formats.md`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import zstandard

from app.sheet.cell import Cell
from app.sheet.net import Net
from app.sheet.packing import pack_value, unpack_value
from app.sheet.run import BLANK, Run
from app.sheet.step import (
    CellsChanged,
    CellStep,
    ColumnsChanged,
    Imported,
    Replaced,
    Restored,
    SheetChanged,
    Step,
)
from app.sheet.strip import CellChange, Strip

_VERSION = 1
_PACKED = b"\x00"
"""First byte of a packed changeset: a zstd frame follows. That of any other begins a msgpack array."""
_PACKED_FROM = 80
"""Bytes below which there is nothing to save."""


class NotInvertible(ValueError):
    """This changeset replaced a whole state. Undo it by comparing the state before it with the one after."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class Changeset(NamedTuple):
    """The steps of one revision, in order."""

    steps: tuple[Step, ...]

    def __invert__(self) -> "Changeset":
        """The changeset that undoes this one. Raises NotInvertible where a whole state was replaced."""
        return Changeset(tuple(~step for step in reversed(self.single_steps())))

    def __add__(self, other: object) -> "Changeset":
        """This changeset and then another, as one: a cell changed twice is told once.

        Raises NotInvertible where either replaced a whole state.
        """
        if not isinstance(other, Changeset):
            return NotImplemented
        steps: list[Step] = []
        net: dict[int, Net] = {}
        for step in (*self.single_steps(), *other.single_steps()):
            if isinstance(step, SheetChanged):
                steps += _told(net)
                steps += [step] if step.before != step.after else []
                net = {}
            else:
                net.setdefault(step.sheet, Net()).add(step)
        return Changeset((*steps, *_told(net)))

    def single_steps(self) -> list[CellStep | SheetChanged]:
        """The steps, where none of them replaced a whole state. Raises NotInvertible where one did."""
        steps = [step for step in self.steps if isinstance(step, CellStep | SheetChanged)]
        cut = (isinstance(step, CellStep) and step.named < step.total for step in steps)
        if len(steps) < len(self.steps) or any(cut):
            raise NotInvertible
        return steps

    def cell_steps(self) -> list[CellStep]:
        """Those of the steps that changed cells."""
        return [step for step in self.steps if isinstance(step, CellStep)]

    @property
    def changed(self) -> int | None:
        """How many cells changed; None where a whole state was replaced and they were not counted."""
        counts = [_changed(step) for step in self.steps]
        return None if None in counts else sum(filter(None, counts))

    def summary(self, most: int) -> "Changeset":
        """The same steps with at most `most` changed cells named in all; totals stay."""
        left, steps = most, list[Step]()
        for step in self.steps:
            if isinstance(step, CellStep):
                step = step.summary(left)
                left -= len(step.cells)
            steps.append(step)
        return Changeset(tuple(steps))


def encode(changeset: Changeset) -> bytes:
    """The stored form of a changeset."""
    return _encode([_VERSION, *(_pack_step(step) for step in changeset.steps)])


def packed(raw: bytes) -> bytes:
    """An encoded changeset in fewer bytes, where there are fewer, for a place that compresses nothing."""
    if len(raw) < _PACKED_FROM:
        return raw
    shorter = _PACKED + zstandard.ZstdCompressor(compression_params=_MAGICLESS).compress(raw)
    return shorter if len(shorter) < len(raw) else raw


def decode(raw: bytes) -> Changeset:
    """The changeset of its stored form, packed or not. Raises ValueError where the bytes are none."""
    try:
        if raw.startswith(_PACKED):
            raw = zstandard.ZstdDecompressor(format=zstandard.FORMAT_ZSTD1_MAGICLESS).decompress(raw[1:])
        version, *steps = _decode(raw)
        if version != _VERSION:
            raise ValueError(f"changeset version {version} is unknown to this Cellar")
        return Changeset(tuple(_STEPS[kind](rest) for kind, *rest in steps))
    except (msgspec.DecodeError, zstandard.ZstdError, TypeError, LookupError, MemoryError) as error:
        raise ValueError(f"no changeset ({error})") from None


_MAGICLESS = zstandard.ZstdCompressionParameters(
    compression_level=3, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=1
)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
_CELLS, _IMPORTED, _RESTORED, _COLUMNS, _REPLACED, _SHEET = range(6)


def _told(net: Mapping[int, Net]) -> Iterator[CellStep]:
    return (step for sheet, changes in net.items() for step in changes.steps(sheet))


def _changed(step: Step) -> int | None:
    """How many cells a step changed; None where that is not known."""
    match step:
        case Imported():
            return step.cells
        case Replaced():
            return step.changed
        case Restored():
            return None
        case SheetChanged():
            return 0
        case _:
            return step.total


def _pack_step(step: Step) -> list[Any]:
    match step:
        case CellsChanged(sheet, cells, total):
            packed = [[c.row, c.column, _pack_cell(c.before), _pack_cell(c.after)] for c in cells]
            return [_CELLS, sheet, total, packed]
        case ColumnsChanged(sheet, strips, total):
            return [_COLUMNS, sheet, total, [_pack_strip(strip) for strip in strips]]
        case SheetChanged():
            return [_SHEET, *step]
        case Imported():
            return [_IMPORTED, *step]
        case Replaced():
            return [_REPLACED, *step]
        case Restored():
            return [_RESTORED, *step]


def _unpack_cells(packed: Sequence[Any]) -> CellsChanged:
    sheet, total, cells = packed
    changes = (CellChange(row, column, _cell(before), _cell(after)) for row, column, before, after in cells)
    return CellsChanged(sheet, tuple(changes), total)


def _unpack_columns(packed: Sequence[Any]) -> ColumnsChanged:
    sheet, total, strips = packed
    return ColumnsChanged(sheet, tuple(_strip(*strip) for strip in strips), total)


_STEPS: dict[int, Any] = {
    _CELLS: _unpack_cells,
    _IMPORTED: lambda packed: Imported(*packed),
    _RESTORED: lambda packed: Restored(*packed),
    _COLUMNS: _unpack_columns,
    _SHEET: lambda packed: SheetChanged(*packed),
    _REPLACED: lambda packed: Replaced(*packed),
}


def _pack_cell(cell: Cell) -> Any:
    """A cell that is only a value as that value, any other as the list of its fields up to the last set."""
    if cell == Cell(cell.value):
        return pack_value(cell.value)
    return _up_to_last(
        [pack_value(cell.value), cell.formula, pack_value(cell.computed), cell.style, cell.extra], _NO_FIELDS
    )


def _cell(packed: Any) -> Cell:
    if not isinstance(packed, list):
        return Cell(unpack_value(packed))
    value, formula, computed, style, extra = packed + _NO_FIELDS[len(packed) :]
    return Cell(unpack_value(value), formula, unpack_value(computed), style, extra)


_NO_FIELDS: list[Any] = [None, None, None, 0, None]


def _pack_strip(strip: Strip) -> list[Any]:
    before, after = (_up_to_last(list(run.planes), BLANK) for run in (strip.before, strip.after))
    return [strip.column, strip.row, strip.before.count, strip.changed, before, after]


def _strip(column: int, row: int, count: int, changed: int, before: list[Any], after: list[Any]) -> Strip:
    return Strip(column, row, _run(count, before), _run(count, after), changed)


def _run(count: int, planes: list[Any]) -> Run:
    return Run(count, (*planes, *BLANK[len(planes) :]))


def _up_to_last(fields: list[Any], blank: Sequence[Any]) -> list[Any]:
    """The fields up to the last that is not blank."""
    used = [at for at, (field, nothing) in enumerate(zip(fields, blank, strict=True)) if field != nothing]
    return fields[: used[-1] + 1] if used else []
