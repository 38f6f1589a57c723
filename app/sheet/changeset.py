"""Changesets: what a revision changed, with what it replaced.

A changeset is a sequence of steps. Steps of changed cells form an algebra: ``~c`` undoes c, and
``a + b`` is both in order, netted per cell. The other steps (a file came in, an older state came back)
replace whole states; what they changed is told by comparing the two. Encoded as msgpack behind a
version, see `docs/formats.md`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from app.sheet.cell import Cell, identical_cells
from app.sheet.packing import pack_value, unpack_value

_VERSION = 1


class NotInvertible(ValueError):
    """This changeset replaced a whole state. Undo it by comparing the state before it with the one after."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class CellChange(NamedTuple):
    """One changed cell: zero-based row and column, what was there and what is there now."""

    row: int
    column: int
    before: Cell
    after: Cell


class CellsChanged(NamedTuple):
    """Cells of one sheet that changed, ordered by row and column.

    total: how many changed; more than `cells` holds where this is only the summary of a step.
    """

    sheet: int
    cells: tuple[CellChange, ...]
    total: int


class Imported(NamedTuple):
    """A file (or nothing, for a blank workbook) became the workbook: its name, sheets and cells."""

    file_name: str
    sheets: int
    cells: int


class Restored(NamedTuple):
    """The state of an earlier revision came back whole."""

    revision: int


Step: TypeAlias = CellsChanged | Imported | Restored


class Changeset(NamedTuple):
    """The steps of one revision, in order."""

    steps: tuple[Step, ...]

    def __invert__(self) -> "Changeset":
        """The changeset that undoes this one. Raises NotInvertible where a whole state was replaced."""
        return Changeset(
            tuple(
                step._replace(cells=tuple(c._replace(before=c.after, after=c.before) for c in step.cells))
                for step in reversed(self.cell_steps())
            )
        )

    def __add__(self, other: object) -> "Changeset":
        """This changeset and then another, as one: a cell changed twice is told once.

        Raises NotInvertible where either replaced a whole state.
        """
        if not isinstance(other, Changeset):
            return NotImplemented
        net: dict[int, dict[tuple[int, int], CellChange]] = {}
        for step in (*self.cell_steps(), *other.cell_steps()):
            cells = net.setdefault(step.sheet, {})
            for change in step.cells:
                first = cells.get(change[:2], change)
                cells[change[:2]] = change._replace(before=first.before)
        return Changeset(
            tuple(
                cells_changed(sheet, [c for c in cells.values() if not identical_cells(c.before, c.after)])
                for sheet, cells in net.items()
            )
        )

    def cell_steps(self) -> list[CellsChanged]:
        """The steps, where all of them are changed cells. Raises NotInvertible where one is not."""
        steps = [step for step in self.steps if isinstance(step, CellsChanged)]
        if len(steps) < len(self.steps) or any(len(step.cells) < step.total for step in steps):
            raise NotInvertible
        return steps

    @property
    def changed(self) -> int | None:
        """How many cells changed; None where a whole state was replaced."""
        if any(isinstance(step, Restored) for step in self.steps):
            return None
        return sum(step.total if isinstance(step, CellsChanged) else step.cells for step in self._counted())

    def summary(self, most: int) -> "Changeset":
        """The same steps with at most `most` changed cells named in all; totals stay."""
        left, steps = most, []
        for step in self.steps:
            if isinstance(step, CellsChanged):
                step = step._replace(cells=step.cells[:left])
                left -= len(step.cells)
            steps.append(step)
        return Changeset(tuple(steps))

    def _counted(self) -> Iterator[CellsChanged | Imported]:
        return (step for step in self.steps if not isinstance(step, Restored))


def cells_changed(sheet: int, cells: Sequence[CellChange]) -> CellsChanged:
    """The step of these changes, put in order."""
    ordered = tuple(sorted(cells, key=lambda change: change[:2]))
    return CellsChanged(sheet, ordered, len(ordered))


def encode(changeset: Changeset) -> bytes:
    """The stored form of a changeset."""
    return _encode([_VERSION, *(_pack_step(step) for step in changeset.steps)])


def decode(raw: bytes) -> Changeset:
    """The changeset of its stored form. Raises ValueError where the bytes are none."""
    try:
        version, *steps = _decode(raw)
        if version != _VERSION:
            raise ValueError(f"changeset version {version} is unknown to this Cellar")
        return Changeset(tuple(_STEPS[kind](rest) for kind, *rest in steps))
    except (msgspec.DecodeError, TypeError, LookupError) as error:
        raise ValueError(f"no changeset ({error})") from None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
_CELLS, _IMPORTED, _RESTORED = range(3)


def _pack_step(step: Step) -> list[Any]:
    match step:
        case CellsChanged(sheet, cells, total):
            packed = [[c.row, c.column, _pack_cell(c.before), _pack_cell(c.after)] for c in cells]
            return [_CELLS, sheet, total, packed]
        case Imported():
            return [_IMPORTED, *step]
        case Restored():
            return [_RESTORED, *step]


def _unpack_cells(packed: Sequence[Any]) -> CellsChanged:
    sheet, total, cells = packed
    changes = (CellChange(row, column, _cell(before), _cell(after)) for row, column, before, after in cells)
    return CellsChanged(sheet, tuple(changes), total)


_STEPS: dict[int, Any] = {
    _CELLS: _unpack_cells,
    _IMPORTED: lambda packed: Imported(*packed),
    _RESTORED: lambda packed: Restored(*packed),
}


def _pack_cell(cell: Cell) -> Any:
    """A cell that is only a value as that value, any other as the list of its fields up to the last set."""
    if cell == Cell(cell.value):
        return pack_value(cell.value)
    fields = [pack_value(cell.value), cell.formula, pack_value(cell.computed), cell.style, cell.extra]
    used = max(at for at, (field, blank) in enumerate(zip(fields, _BLANK, strict=True)) if field != blank)
    return fields[: used + 1]


def _cell(packed: Any) -> Cell:
    if not isinstance(packed, list):
        return Cell(unpack_value(packed))
    value, formula, computed, style, extra = packed + _BLANK[len(packed) :]
    return Cell(unpack_value(value), formula, unpack_value(computed), style, extra)


_BLANK: list[Any] = [None, None, None, 0, None]
