"""Strips: changes of consecutive cells of one column, told by runs instead of cell by cell."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from app.sheet.cell import Cell, identical_cells, identical_entries
from app.sheet.run import CONTENT, Run, same_planes


class CellChange(NamedTuple):
    """One changed cell: zero-based row and column, what was there and what is there now."""

    row: int
    column: int
    before: Cell
    after: Cell

    @property
    def restyles(self) -> bool:
        """Whether the cell's look changes."""
        return self.before.style != self.after.style

    @property
    def enters(self) -> bool:
        """Whether something else than the cell's look changes."""
        return not identical_cells(msgspec.structs.replace(self.before, style=self.after.style), self.after)

    def clashes(self, current: Cell) -> bool:
        """Whether a cell holds something else than this found there, in what it changes: entry or look."""
        if self.restyles and current.style != self.before.style:
            return True
        return self.enters and not identical_entries(self.before, current)

    def onto(self, current: Cell) -> Cell:
        """What the change makes of a cell as it is now: look and content each change only where they did."""
        content = self.after if self.enters else current
        style = self.after.style if self.restyles else current.style
        return Cell(content.value, content.formula, content.computed, style, content.extra)


class Strip(msgspec.Struct, frozen=True, gc=False):
    """Consecutive cells of a zero-based column from `row` on, what was there and what is there now.

    A cell that is the same in both is not part of the change; changed: how many cells are.
    """

    column: int
    row: int
    before: Run
    after: Run
    changed: int

    @classmethod
    def of(cls, column: int, row: int, before: Run, after: Run) -> "Strip":
        """The strip of two runs of as many cells."""
        differing = before.differing(after)
        changed = sum(differing) if isinstance(differing, list) else before.count * differing
        return cls(column, row, before, after, changed)

    @property
    def stop(self) -> int:
        """The row after the last."""
        return self.row + self.before.count

    @property
    def enters(self) -> bool:
        """Whether anything else than looks changes."""
        return self.before.differing(self.after, CONTENT) is not False

    def __invert__(self) -> "Strip":
        """The strip that undoes this one."""
        return Strip(self.column, self.row, self.after, self.before, self.changed)

    def differing(self) -> list[bool]:
        """For each cell whether it changed."""
        differing = self.before.differing(self.after)
        return differing if isinstance(differing, list) else [differing] * self.before.count

    def part(self, start: int, stop: int) -> "Strip":
        """What it changes from row `start` up to `stop`, which lie within it."""
        if (start, stop) == (self.row, self.stop):
            return self
        before, after = (run.part(start - self.row, stop - self.row) for run in (self.before, self.after))
        if self.changed == self.before.count:
            return Strip(self.column, start, before, after, stop - start)
        return Strip.of(self.column, start, before, after)

    def changes(self, skip: int = 0, most: int | None = None) -> Iterator[CellChange]:
        """The cells that changed but for the first `skip`, at most so many."""
        most = self.changed - skip if most is None else min(most, self.changed - skip)
        if most <= 0:
            return
        if self.changed == self.before.count:
            part = self.part(self.row + skip, self.row + skip + most)
            for at, pair in enumerate(zip(part.before.cells(), part.after.cells(), strict=True)):
                yield CellChange(part.row + at, self.column, *pair)
            return
        cells = zip(self.differing(), self.before.cells(), self.after.cells(), strict=True)
        changes = (
            CellChange(self.row + at, self.column, before, after)
            for at, (differs, before, after) in enumerate(cells)
            if differs
        )
        yield from islice(changes, skip, skip + most)


def strip_of(change: CellChange) -> Strip:
    """The strip of a single cell."""
    before, after = (Run.of([cell]) for cell in change[2:])
    return Strip.of(change.column, change.row, before, after)


def merged(strips: Iterable[Strip]) -> list[Strip]:
    """Strips in order of column and row, those one below the other made one where each is of equal cells.

    So a fill of an empty column is one strip, whatever it was made of. Those that change nothing go.
    """
    made: list[Strip] = []
    for strip in sorted(filter(_changes, strips), key=lambda one: (one.column, one.row)):
        last = made[-1] if made else strip
        if (
            made
            and (last.column, last.stop) == (strip.column, strip.row)
            and all(run.is_constant for run in (last.before, last.after, strip.before, strip.after))
            and same_planes(last.before.planes + last.after.planes, strip.before.planes + strip.after.planes)
        ):
            count = strip.stop - last.row
            before, after = (Run(count, run.planes) for run in (last.before, last.after))
            made[-1] = Strip(last.column, last.row, before, after, count)
        else:
            made.append(strip)
    return made


def overlaid(first: Sequence[Strip], then: Sequence[Strip]) -> Iterator[Strip]:
    """Strips of one column and then others of it as one sequence; each is in order and without overlap."""
    one, other = _Pieces(first), _Pieces(then)
    while one.strip and other.strip:
        ours, theirs = one.strip, other.strip
        if ours.row < theirs.row:
            yield one.take(min(ours.stop, theirs.row))
        elif theirs.row < ours.row:
            yield other.take(min(theirs.stop, ours.row))
        else:
            stop = min(ours.stop, theirs.stop)
            before, after = one.take(stop).before, other.take(stop).after
            yield Strip.of(ours.column, ours.row, before, after)
    for left in (one, other):
        while left.strip:
            yield left.take(left.strip.stop)


class _Pieces:
    """Strips in order, taken from the front in pieces."""

    def __init__(self, strips: Iterable[Strip]) -> None:
        self._ahead = iter(strips)
        self.strip = next(self._ahead, None)

    def take(self, stop: int) -> Strip:
        """The rest of the strip in front up to row `stop`."""
        strip = self.strip
        assert strip is not None  # noqa: S101 — callers look first
        self.strip = strip.part(stop, strip.stop) if stop < strip.stop else next(self._ahead, None)
        return strip.part(strip.row, stop)


def _changes(strip: Strip) -> bool:
    return strip.changed > 0
