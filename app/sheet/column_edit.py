"""Edits of columns: what changes very many cells at once, asked for its outcome run by run."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from app.sheet.cell import Cell
from app.sheet.run import CONTENT, LOOK, Run, joined, same_planes
from app.sheet.step import ColumnsChanged
from app.sheet.strip import Strip

ENTRY = (0, 1)
"""The fields of a run that people enter: value and formula."""


class ColumnEdit(Protocol):
    """New content for cells of some columns between two rows."""

    @property
    def rows(self) -> range:
        """The zero-based rows it may change."""
        ...

    @property
    def columns(self) -> Sequence[int]:
        """The zero-based columns it may change, ascending."""
        ...

    @property
    def fills(self) -> bool:
        """Whether cells that hold nothing may get something; else only those that hold something are asked
        for."""
        ...

    def after(self, row: int, column: int, before: Run) -> Run:
        """What becomes of a run of cells of a column from a row on, as many as before."""
        ...


class CellConflict(NamedTuple):
    """A cell that two people changed from the same base: what it was, what it is now, what is wanted."""

    sheet: int
    row: int
    column: int
    base: Cell
    theirs: Cell
    yours: Cell


class Replay:
    """The edit that makes the changes of a step, where the cells are as the step found them.

    conflicts: changed cells that hold something else than the step replaced; it overwrites them all the
    same. A cell that the step leaves alone stays whatever it is.
    """

    fills = True

    def __init__(self, step: ColumnsChanged) -> None:
        self._sheet = step.sheet
        self._strips = {column: list(strips) for column, strips in groupby(step.strips, _column)}
        self.columns = sorted(self._strips)
        self.rows = range(
            min((strip.row for strip in step.strips), default=0),
            max((strip.stop for strip in step.strips), default=0),
        )
        self.conflicts: list[CellConflict] = []

    def after(self, row: int, column: int, before: Run) -> Run:
        """See `ColumnEdit.after`."""
        strips = self._strips[column]
        at, stop, runs = row, row + before.count, list[Run]()
        for place in range(max(0, bisect_right(strips, row, key=_row) - 1), len(strips)):
            start, end = max(at, strips[place].row), min(stop, strips[place].stop)
            if start >= stop:
                break
            if start < end:
                if at < start:
                    runs.append(before.part(at - row, start - row))
                runs.append(self._made(strips[place].part(start, end), before.part(start - row, end - row)))
                at = end
        if at < stop:
            runs.append(before.part(at - row, before.count))
        return joined(runs)

    def _made(self, strip: Strip, current: Run) -> Run:
        if same_planes(strip.before.planes, current.planes):
            return strip.after
        self.conflicts += clashes(self._sheet, strip, strip.before, current)
        return _onto(strip, current)


def clashes(sheet: int, strip: Strip, base: Run, theirs: Run) -> list[CellConflict]:
    """Where the cells a strip changes hold something else than in `base`, in what it changes: entry or look.

    base, theirs: the strip's cells as its author saw them, and as they are now. Computed values are
    nobody's conflict.
    """
    clashing = [False] * base.count
    for changed, held in ((CONTENT, ENTRY), (LOOK, LOOK)):
        differing = base.differing(theirs, held)
        if differing:
            pairs = zip(
                _listed(strip.before.differing(strip.after, changed), base.count),
                _listed(differing, base.count),
                strict=True,
            )
            clashing = [known or all(pair) for known, pair in zip(clashing, pairs, strict=True)]
    if not any(clashing):
        return []
    cells = zip(clashing, base.cells(), theirs.cells(), strip.after.cells(), strict=True)
    return [
        CellConflict(sheet, strip.row + at, strip.column, was, now, wanted)
        for at, (clashes, was, now, wanted) in enumerate(cells)
        if clashes
    ]


def _onto(strip: Strip, current: Run) -> Run:
    """What a strip makes of cells as they are now: look and content each change only where they did."""
    planes = list(current.planes)
    for fields in (CONTENT, LOOK):
        differing = strip.before.differing(strip.after, fields)
        chosen = strip.after.chosen(current, _listed(differing, current.count)) if differing else current
        for at in fields:
            planes[at] = chosen.planes[at]
    return Run(current.count, tuple(planes))  # type: ignore[arg-type]


def _listed(differing: list[bool] | bool, count: int) -> list[bool]:
    return differing if isinstance(differing, list) else [differing] * count


def _column(strip: Strip) -> int:
    return strip.column


def _row(strip: Strip) -> int:
    return strip.row
