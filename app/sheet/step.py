"""Steps: what a changeset is a sequence of."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from app.sheet.address import Range
from app.sheet.run import LOOK
from app.sheet.strip import CellChange, Strip, merged

SheetProperty: TypeAlias = Literal["sheet", "name", "place", "state"]


class CellsChanged(NamedTuple):
    """Cells of one sheet that changed, ordered by row and column.

    total: how many changed; more than `cells` holds where this is only the summary of a step.
    """

    sheet: int
    cells: tuple[CellChange, ...]
    total: int

    def __invert__(self) -> "CellsChanged":
        """The step that undoes this one."""
        return self._replace(cells=tuple(c._replace(before=c.after, after=c.before) for c in self.cells))

    @property
    def named(self) -> int:
        """How many changed cells it names."""
        return len(self.cells)

    def changes(self, skip: int = 0, most: int | None = None) -> Iterator[CellChange]:
        """The changed cells it names but for the first `skip`, at most so many."""
        return islice(self.cells, skip, None if most is None else skip + most)

    def summary(self, most: int) -> "CellsChanged":
        """The step with at most `most` cells named."""
        return self._replace(cells=self.cells[:most])

    def restyled_to(self) -> set[int]:
        """The styles that cells get by it."""
        return {change.after.style for change in self.cells if change.restyles}

    def first_within(self, area: Range) -> tuple[int, int] | None:
        """(row, column) of the first changed cell, by row and column, inside a range."""
        inside = (change[:2] for change in self.cells if area.covers(change.row, change.column))
        return min(inside, default=None)


class ColumnsChanged(NamedTuple):
    """Very many cells of one sheet that changed, ordered by column and row.

    total: how many changed; more than `strips` hold where they were too many to be kept.
    """

    sheet: int
    strips: tuple[Strip, ...]
    total: int

    def __invert__(self) -> "ColumnsChanged":
        """The step that undoes this one."""
        return self._replace(strips=tuple(~strip for strip in self.strips))

    @property
    def named(self) -> int:
        """How many changed cells it names."""
        return sum(strip.changed for strip in self.strips)

    def changes(self, skip: int = 0, most: int | None = None) -> Iterator[CellChange]:
        """The changed cells it names but for the first `skip`, at most so many."""
        left = self.named if most is None else most
        for strip in self.strips:
            if left <= 0:
                return
            if skip < strip.changed:
                yield from strip.changes(skip, left)
                left -= strip.changed - skip
            skip = max(0, skip - strip.changed)

    def summary(self, most: int) -> CellsChanged:
        """The step with at most `most` cells named."""
        return CellsChanged(self.sheet, tuple(self.changes(0, most)), self.total)

    def restyled_to(self) -> set[int]:
        """The styles that cells get by it."""
        changed = (strip for strip in self.strips if strip.before.differing(strip.after, LOOK))
        return {style for strip in changed for style in strip.after.column(LOOK[0])}

    def first_within(self, area: Range) -> tuple[int, int] | None:
        """(row, column) of the first changed cell, by row and column, inside a range."""
        found = []
        for strip in self.strips:
            start, stop = max(strip.row, area.top), min(strip.stop, area.bottom + 1)
            if area.left <= strip.column <= area.right and start < stop:
                found += [change[:2] for change in strip.part(start, stop).changes(0, 1)]
        return min(found, default=None)


class SheetChanged(NamedTuple):
    """A property of a sheet changed: what it was, and what it is.

    property: "sheet" (its name where there is one: None before it was added and after it was deleted),
    "name", "place" (zero-based, among all), "state".
    """

    sheet: int
    property: SheetProperty
    before: str | int | None
    after: str | int | None

    def __invert__(self) -> "SheetChanged":
        """The step that undoes this one."""
        return self._replace(before=self.after, after=self.before)


class Imported(NamedTuple):
    """A file (or nothing, for a blank workbook) became the workbook: its name, sheets and cells."""

    file_name: str
    sheets: int
    cells: int


class Replaced(NamedTuple):
    """A file took the place of the whole state: its name, sheets and cells, and how many cells differ from
    what was there; None where that is too many to be counted."""

    file_name: str
    sheets: int
    cells: int
    changed: int | None


class Restored(NamedTuple):
    """The state of an earlier revision came back whole."""

    revision: int


CellStep: TypeAlias = CellsChanged | ColumnsChanged
"""A step of changed cells, whichever way they are told."""

Step: TypeAlias = CellStep | SheetChanged | Imported | Replaced | Restored


def cells_changed(sheet: int, cells: Sequence[CellChange]) -> CellsChanged:
    """The step of these changes, put in order."""
    ordered = tuple(sorted(cells, key=lambda change: change[:2]))
    return CellsChanged(sheet, ordered, len(ordered))


def columns_changed(sheet: int, strips: Iterable[Strip]) -> ColumnsChanged:
    """The step of these strips, which do not overlap, put in order."""
    ordered = tuple(merged(strips))
    return ColumnsChanged(sheet, ordered, sum(strip.changed for strip in ordered))
