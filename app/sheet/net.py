"""The net of steps: what several changes of a sheet, one after the other, come to."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby

from app.sheet.cell import identical_cells
from app.sheet.step import CellStep, ColumnsChanged, cells_changed, columns_changed
from app.sheet.strip import CellChange, Strip, overlaid, strip_of


class Net:
    """The changes of one sheet as they come, told once a cell: single ones, and strips by column."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], CellChange] = {}
        self._strips: dict[int, list[Strip]] = {}

    def add(self, step: CellStep) -> None:
        """The step comes after all before it. A cell that both tell of becomes part of the strips."""
        if isinstance(step, ColumnsChanged):
            columns = {column: list(strips) for column, strips in groupby(step.strips, _column)}
            inside = [change for change in self._cells.values() if _covered(columns, change)]
            for change in inside:
                del self._cells[change[:2]]
            self._overlay(_as_strips(inside))
            self._overlay(columns)
            return
        over = []
        for change in step.cells:
            if _covered(self._strips, change):
                over.append(change)
            else:
                first = self._cells.get(change[:2], change)
                self._cells[change[:2]] = change._replace(before=first.before)
        self._overlay(_as_strips(over))

    def steps(self, sheet: int) -> Iterator[CellStep]:
        """What changed on the whole."""
        cells = [c for c in self._cells.values() if not identical_cells(c.before, c.after)]
        strips = columns_changed(sheet, (strip for strips in self._strips.values() for strip in strips))
        yield from (step for step in (cells_changed(sheet, cells), strips) if step.total)

    def _overlay(self, columns: dict[int, list[Strip]]) -> None:
        for column, strips in columns.items():
            self._strips[column] = list(overlaid(self._strips.get(column, ()), strips))


def _column(one: Strip | CellChange) -> int:
    return one.column


def _covered(columns: dict[int, list[Strip]], change: CellChange) -> bool:
    """Whether one of the strips has the cell."""
    strips = columns.get(change.column, ())
    at = bisect_right(strips, change.row, key=lambda strip: strip.row)
    return at > 0 and change.row < strips[at - 1].stop


def _as_strips(changes: Iterable[CellChange]) -> dict[int, list[Strip]]:
    """Changes of single cells as strips by column."""
    ordered = sorted(changes, key=lambda change: (change.column, change.row))
    return {column: list(map(strip_of, cells)) for column, cells in groupby(ordered, _column)}
