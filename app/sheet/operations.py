"""Operations: what a user does to a sheet, and the cells that change by it.

An operation says what is wanted; `changes` holds it against a sheet and gives what it replaces.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias

import msgspec

from app.sheet.address import MAX_COLUMNS, MAX_ROWS, BadAddress, Range, cell_name
from app.sheet.cell import EMPTY, Cell, RichText, Value, identical
from app.sheet.column_edit import ENTRY, ColumnEdit
from app.sheet.entry import BadText, check_text
from app.sheet.row import Row
from app.sheet.run import Run
from app.sheet.strip import CellChange
from app.sheet.style_change import StyleChange

MAX_FORMULA = 8_192
"""Characters in a formula, as in Excel."""


_LARGEST = 10**308
"""Just below what a float64 holds, as in Excel."""


Restyled: TypeAlias = Callable[[int, StyleChange], int]
"""Gives the number of the style that has a change over the style of a number."""


class CellRefused(ValueError):
    """What was to go into a cell cannot; names the cell and says why."""

    def __init__(self, row: int, column: int, why: Exception | str) -> None:
        self.cell = cell_name(row, column)
        super().__init__(f"{self.cell}: {why}")


class Cells(Protocol):
    """What an operation needs to see of a sheet."""

    def cells(self, positions: Iterable[tuple[int, int]]) -> Mapping[tuple[int, int], Cell]:
        """The cell at each (row, column)."""
        ...

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Row]]:
        """(row index, row) of each row in [start, stop) that holds anything."""
        ...


class Entered(NamedTuple):
    """What is put into a cell: a value, or a formula in relative form (the value is then None)."""

    value: Value = None
    formula: str | None = None


class SetCells(NamedTuple):
    """Put values and formulas into cells of a sheet, by (row, column); looks stay as they are."""

    sheet: int
    cells: Mapping[tuple[int, int], Entered]

    def changes(self, sheet: Cells) -> list[CellChange]:
        """The cells that this changes; one that holds the very same already is not among them.

        Raises BadAddress outside the sheet's limits, and CellRefused.
        """
        for (row, column), entered in self.cells.items():
            _check(row, column, entered)
        current = sheet.cells(self.cells)
        return [
            CellChange(*at, current[at], _replaced(current[at], entered))
            for at, entered in self.cells.items()
            if not _holds(current[at], entered)
        ]


class ClearCells(NamedTuple):
    """Empty the cells of a range; looks stay as they are."""

    sheet: int
    area: Range

    def changes(self, sheet: Cells) -> list[CellChange]:
        """The cells that this changes: those that hold a value or formula."""
        area = self.area
        return [
            CellChange(row, column, cell, _replaced(cell, Entered()))
            for row, content in sheet.rows(area.top, area.bottom + 1)
            for column, cell in content.cells()
            if area.left <= column <= area.right and not _holds(cell, Entered())
        ]

    def edit(self) -> ColumnEdit:
        """The same for very many cells."""
        return _Filling(self.area, Entered(), fills=False)


class FillRange(NamedTuple):
    """Put one value or formula into every cell of a range; looks stay as they are.

    A formula is relative: the same text means another cell in every row, as after copying it down.
    """

    sheet: int
    area: Range
    entered: Entered

    def changes(self, sheet: Cells) -> list[CellChange]:
        """As `SetCells.changes`."""
        return SetCells(self.sheet, dict.fromkeys(self.area.positions(), self.entered)).changes(sheet)

    def edit(self) -> ColumnEdit:
        """The same for very many cells. Raises BadAddress and CellRefused."""
        for corner in (self.area[:2], self.area[2:]):
            _check(*corner, self.entered)
        return _Filling(self.area, self.entered, fills=self.entered != Entered())


class SetStyle(NamedTuple):
    """Change the look of the cells of a range; what they hold stays as it is.

    A range over all rows or columns of a sheet means those up to the last that was ever used.
    """

    sheet: int
    area: Range
    change: StyleChange

    def within(self, rows: int, columns: int) -> "SetStyle":
        """The same for a sheet of so many rows and columns."""
        top, left, bottom, right = self.area
        if (top, bottom) == (0, MAX_ROWS - 1):
            bottom = rows - 1
        if (left, right) == (0, MAX_COLUMNS - 1):
            right = columns - 1
        return self._replace(area=Range(top, left, bottom, right))

    def changes(self, sheet: Cells, restyled: Restyled) -> list[CellChange]:
        """The cells that this changes. restyled: gives the style that has the change over another."""
        changes = (
            CellChange(*at, cell, msgspec.structs.replace(cell, style=restyled(cell.style, self.change)))
            for at, cell in sheet.cells(self.area.positions()).items()
        )
        return [change for change in changes if change.restyles]

    def edit(self, restyled: Restyled) -> ColumnEdit:
        """The same for very many cells."""
        return _Restyling(self.area, lambda style: restyled(style, self.change))


CellOperation: TypeAlias = SetCells | ClearCells | FillRange
"""What changes what cells hold."""


class AddSheet(NamedTuple):
    """Add an empty sheet; before the one at a zero-based place, or behind all."""

    name: str
    place: int | None = None


class RenameSheet(NamedTuple):
    """Give a sheet another name. Formulas that name it keep their text."""

    sheet: int
    name: str


class DeleteSheet(NamedTuple):
    """Delete a sheet."""

    sheet: int


class MoveSheet(NamedTuple):
    """Put a sheet at another zero-based place among all; one beyond the last means the last."""

    sheet: int
    place: int


class HideSheet(NamedTuple):
    """Hide a sheet's tab, or show it again."""

    sheet: int
    hidden: bool


SheetOperation: TypeAlias = AddSheet | RenameSheet | DeleteSheet | MoveSheet | HideSheet
"""What changes the list of sheets."""

Operation: TypeAlias = CellOperation | SetStyle | SheetOperation


class _Restyling:
    """The edit that changes the look of the cells of a range; restyled: gives a style's successor."""

    fills = True

    def __init__(self, area: Range, restyled: Callable[[int], int]) -> None:
        self.rows = range(area.top, area.bottom + 1)
        self.columns = range(area.left, area.right + 1)
        self._restyled = lru_cache(maxsize=None)(restyled)

    def after(self, _row: int, _column: int, before: Run) -> Run:
        """See `ColumnEdit.after`."""
        return before.restyled(self._restyled)


class _Filling:
    """The edit that puts the same into every cell of a range."""

    def __init__(self, area: Range, entered: Entered, *, fills: bool) -> None:
        self.rows = range(area.top, area.bottom + 1)
        self.columns = range(area.left, area.right + 1)
        self.fills = fills
        self._entered = Run.of([Cell(*entered)])

    def after(self, _row: int, _column: int, before: Run) -> Run:
        """See `ColumnEdit.after`. A cell that holds the very same already stays as it is, whole."""
        (value, formula, _, extra, computed), styles = self._entered.planes, before.planes[2]
        after = Run(before.count, (value, formula, styles, extra, computed))
        replaced = before.differing(after, ENTRY)
        return after.chosen(before, replaced) if isinstance(replaced, list) else after if replaced else before


def _check(row: int, column: int, entered: Entered) -> None:
    if not (0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS):
        raise BadAddress(
            cell_name(row, column) if row >= 0 and column >= 0 else f"row {row}, column {column}"
        )
    text = entered.value.text if isinstance(entered.value, RichText) else entered.value
    if isinstance(text, int | float) and not -_LARGEST < text < _LARGEST:
        raise CellRefused(row, column, "This number is too large for a cell. Send it as text.")
    try:
        if isinstance(text, str):
            check_text(text)
        if entered.formula is not None:
            check_text(entered.formula, MAX_FORMULA)
    except BadText as error:
        raise CellRefused(row, column, error) from None


def _holds(cell: Cell, entered: Entered) -> bool:
    return cell.formula == entered.formula and identical(cell.value, entered.value)


def _replaced(cell: Cell, entered: Entered) -> Cell:
    """The cell with something else in it: its style stays, what its file said beyond that does not."""
    replaced = Cell(entered.value, entered.formula, style=cell.style)
    return EMPTY if replaced == EMPTY else replaced
