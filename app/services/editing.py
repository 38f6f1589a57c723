"""Edits as people and programs send them: text as typed or exact values, into operations, into a revision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from app.models.user import User
from app.services import commits
from app.services.commits import Committed
from app.services.windows import View
from app.sheet.address import parse_cell, parse_range
from app.sheet.cell import Value
from app.sheet.entry import BadText, parse_entry
from app.sheet.number_format import GENERAL
from app.sheet.operations import CellRefused, ClearCells, Entered, Operation, SetCells
from app.sheet.references import capitalised, relative
from app.store.state import State

MAX_CELLS = 200_000
"""Cells that one request may set."""


class TooManyCells(ValueError):
    """A request sets more cells than one revision takes at once."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count:,} cells are too many for one request; send up to {MAX_CELLS:,} at a time.")


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


EditRequest: TypeAlias = SetRequest | ClearRequest


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

    Raises BadAddress, TooManyCells, CellRefused, and what `commits.commit` raises.
    """
    count = sum(len(request.cells) for request in requests if isinstance(request, SetRequest))
    if count > MAX_CELLS:
        raise TooManyCells(count)

    def read(state: State) -> list[Operation]:
        # Typed text is read by the format its cell has; a look that changes meanwhile changes no meaning.
        return [_operation(request, state) for request in requests]

    return commits.commit_reading(actor, workbook_id, base, read, now=now, via=via, key=key, message=message)


def _operation(request: EditRequest, state: State) -> Operation:
    if isinstance(request, ClearRequest):
        return ClearCells(request.sheet, parse_range(request.range))
    contents = {parse_cell(address): content for address, content in request.cells.items()}
    view = View(state, request.sheet)
    typed = [at for at, content in contents.items() if isinstance(content, Typed)]
    codes = {at: view.look.code(cell.style) for at, cell in view.tree.cells(typed).items()}
    date1904 = view.look.date1904
    return SetCells(
        request.sheet,
        {at: _entered(*at, content, codes.get(at, GENERAL), date1904) for at, content in contents.items()},
    )


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
