"""Edits as people and programs send them: text as typed or exact values, into operations, into a revision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from app.models.user import User
from app.services import commits
from app.services.commits import Committed
from app.services.windows import View
from app.sheet.address import MAX_ROWS, parse_cell, parse_range
from app.sheet.cell import Value
from app.sheet.entry import BadText, parse_entry
from app.sheet.number_format import GENERAL
from app.sheet.operations import (
    CellRefused,
    ClearCells,
    Entered,
    FillRange,
    Operation,
    SetCells,
    SetStyle,
    SheetOperation,
)
from app.sheet.references import capitalised, relative
from app.sheet.style_change import StyleChange
from app.store.state import State

MAX_CELLS = 200_000
"""Cells that one request may set one by one."""
MAX_FILLED = 2 * MAX_ROWS
"""Cells that one request may fill or style: two whole columns."""


class TooManyCells(ValueError):
    """A request sets more cells than one revision takes at once."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(f"{count:,} cells are too many for one request; send up to {most:,} at a time.")


class Typed(NamedTuple):
    """Text as a person typed it: a number, a formula, …, by what it looks like."""

    text: str


class Exact(NamedTuple):
    """A value as it is: text stays text whatever it looks like."""

    value: Value


class Formula(NamedTuple):
    """A formula in A1 notation, with or without its equals sign."""

    text: str


Content: TypeAlias = Typed | Exact | Formula


class SetRequest(NamedTuple):
    """What to put into cells of a sheet, by address such as "B2"."""

    sheet: int
    cells: Mapping[str, Content]


class ClearRequest(NamedTuple):
    """A range of a sheet, such as "A1:C9", to be emptied."""

    sheet: int
    range: str


class FillRequest(NamedTuple):
    """What to put into every cell of a range, read as if entered into its first and copied from there."""

    sheet: int
    range: str
    content: Content


class StyleRequest(NamedTuple):
    """What to change in the look of the cells of a range."""

    sheet: int
    range: str
    change: StyleChange


EditRequest: TypeAlias = SetRequest | ClearRequest | FillRequest | StyleRequest | SheetOperation


def edit(
    actor: User,
    workbook_id: UUID,
    base: int,
    requests: Sequence[EditRequest],
    *,
    now: datetime,
    via: str,
    key: UUID | None = None,
    message: str | None = None,
) -> Committed:
    """Carry out requests, made on revision `base`, as one new revision.

    Raises BadAddress, TooManyCells, BadStyle, CellRefused, and what `commits.commit` raises.
    """
    _check_sizes(requests)

    def read(state: State) -> list[Operation]:
        # Typed text is read by the format its cell has; a look that changes meanwhile changes no meaning.
        return [_operation(request, state) for request in requests]

    return commits.commit_reading(actor, workbook_id, base, read, now=now, via=via, key=key, message=message)


def _check_sizes(requests: Sequence[EditRequest]) -> None:
    """Raise TooManyCells where the requests set or fill more than one revision takes."""
    cells = sum(len(request.cells) for request in requests if isinstance(request, SetRequest))
    filled = sum(
        parse_range(request.range).size
        for request in requests
        if isinstance(request, FillRequest | StyleRequest)
    )
    for count, most in ((cells, MAX_CELLS), (filled, MAX_FILLED)):
        if count > most:
            raise TooManyCells(count, most)


def _operation(request: EditRequest, state: State) -> Operation:
    match request:
        case ClearRequest(sheet, area):
            return ClearCells(sheet, parse_range(area))
        case FillRequest(sheet, area, content):
            filled = parse_range(area)
            first = filled.top, filled.left
            return FillRange(sheet, filled, _all_entered(state, sheet, {first: content})[first])
        case StyleRequest(sheet, area, change):
            change.check()
            return SetStyle(sheet, parse_range(area), change)
        case SetRequest(sheet, cells):
            contents = {parse_cell(address): content for address, content in cells.items()}
            return SetCells(sheet, _all_entered(state, sheet, contents))
        case _:
            return request


def _all_entered(
    state: State, sheet: int, contents: Mapping[tuple[int, int], Content]
) -> dict[tuple[int, int], Entered]:
    """What contents put into the cells of a sheet at (row, column), typed text by the format each has."""
    view = View(state, sheet)
    typed = [at for at, content in contents.items() if isinstance(content, Typed)]
    codes = {at: view.look.code(cell.style) for at, cell in view.tree.cells(typed).items()}
    date1904 = view.look.date1904
    return {at: _entered(*at, content, codes.get(at, GENERAL), date1904) for at, content in contents.items()}


def _entered(row: int, column: int, content: Content, code: str, date1904: bool) -> Entered:
    """What a content puts into a cell whose number format is `code`. Raises CellRefused."""
    match content:
        case Exact(value):
            return Entered(None if value == "" else value)
        case Formula(text):
            formula = text.removeprefix("=")
        case Typed(text):
            try:
                entry = parse_entry(text, code, date1904=date1904)
            except BadText as error:
                raise CellRefused(row, column, error) from None
            if entry.formula is None:
                return Entered(entry.value)
            formula = entry.formula
    if not formula.strip():
        raise CellRefused(row, column, "A formula needs something after its equals sign.")
    return Entered(None, relative(capitalised(formula.strip()), row, column))
