"""Operations: what a user does to a sheet, and the cells that change by it.

An operation says what is wanted; `changes` holds it against a sheet and gives what it replaces.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from app.sheet.address import MAX_COLUMNS, MAX_ROWS, BadAddress, Range, cell_name
from app.sheet.cell import EMPTY, Cell, RichText, Value, identical, identical_entries
from app.sheet.changeset import CellChange
from app.sheet.entry import BadText, check_text
from app.sheet.row import Row

MAX_FORMULA = 8_192
"""Characters in a formula, as in Excel."""


_LARGEST = 10**308
"""Just below what a float64 holds, as in Excel."""


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


Operation: TypeAlias = SetCells | ClearCells


class CellConflict(NamedTuple):
    """A cell that two people changed from the same base: what it was, what it is now, what is wanted."""

    sheet: int
    row: int
    column: int
    base: Cell
    theirs: Cell
    yours: Cell


def conflicts(
    sheet: int, changes: Sequence[CellChange], base: Mapping[tuple[int, int], Cell]
) -> list[CellConflict]:
    """Where changes to the newest state touch cells that were changed since `base` was read.

    base: the cells at the changes' places, as their author saw them. A change both made alike is none.
    """
    return [
        CellConflict(sheet, change.row, change.column, base[change[:2]], change.before, change.after)
        for change in changes
        if not identical_entries(base[change[:2]], change.before)
    ]


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
