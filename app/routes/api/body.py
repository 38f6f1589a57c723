"""Request bodies: JSON decoded into what a route expects, or a clear refusal."""

from typing import TypeAlias, TypeVar
from uuid import UUID

import msgspec
from flask import request

from app.services.editing import (
    ClearRequest,
    Content,
    EditRequest,
    Exact,
    FillRequest,
    Formula,
    SetRequest,
    StyleRequest,
    Typed,
)
from app.sheet.operations import AddSheet, DeleteSheet, HideSheet, MoveSheet, RenameSheet
from app.sheet.style_change import StyleChange

T = TypeVar("T")


class BadBody(ValueError):
    """The body of a request is not what its route takes; the message says where."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The request's body is not right: {why}. See the API's documentation.")


class CellBody(msgspec.Struct, forbid_unknown_fields=True):
    """A cell's new content: exactly one of what was typed, an exact value, or a formula."""

    input: str | msgspec.UnsetType = msgspec.UNSET
    value: bool | int | float | str | msgspec.UnsetType | None = msgspec.UNSET
    formula: str | msgspec.UnsetType = msgspec.UNSET


class SetCellsBody(msgspec.Struct, tag_field="op", tag="set_cells", forbid_unknown_fields=True):
    """Cells of a sheet by address; null empties one, and a bare value is exact."""

    sheet: int
    cells: dict[str, bool | int | float | str | CellBody | None]


class ClearCellsBody(msgspec.Struct, tag_field="op", tag="clear_cells", forbid_unknown_fields=True):
    """A range of a sheet to be emptied."""

    sheet: int
    range: str


class FillCellsBody(msgspec.Struct, tag_field="op", tag="fill_cells", forbid_unknown_fields=True):
    """A range of a sheet, and what to put into each of its cells."""

    sheet: int
    range: str
    cell: bool | int | float | str | CellBody | None


class SetStyleBody(msgspec.Struct, tag_field="op", tag="set_style", forbid_unknown_fields=True):
    """A range of a sheet, and what to change in the look of its cells."""

    sheet: int
    range: str
    style: StyleChange


class AddSheetBody(msgspec.Struct, tag_field="op", tag="add_sheet", forbid_unknown_fields=True):
    """A new sheet's name, and the place it gets; behind all others by default."""

    name: str
    place: int | None = None


class RenameSheetBody(msgspec.Struct, tag_field="op", tag="rename_sheet", forbid_unknown_fields=True):
    """A sheet's new name."""

    sheet: int
    name: str


class DeleteSheetBody(msgspec.Struct, tag_field="op", tag="delete_sheet", forbid_unknown_fields=True):
    """A sheet to be deleted."""

    sheet: int


class MoveSheetBody(msgspec.Struct, tag_field="op", tag="move_sheet", forbid_unknown_fields=True):
    """A sheet, and the place it gets among all."""

    sheet: int
    place: int


class HideSheetBody(msgspec.Struct, tag_field="op", tag="hide_sheet", forbid_unknown_fields=True):
    """A sheet to be hidden, or shown."""

    sheet: int
    hidden: bool


OperationBody: TypeAlias = (
    SetCellsBody
    | ClearCellsBody
    | FillCellsBody
    | SetStyleBody
    | AddSheetBody
    | RenameSheetBody
    | DeleteSheetBody
    | MoveSheetBody
    | HideSheetBody
)


class EditBody(msgspec.Struct, forbid_unknown_fields=True):
    """Operations made on a base revision; `key` makes a repeat of the request harmless."""

    base: int
    operations: list[OperationBody]
    key: UUID | None = None
    message: str | None = None

    def requests(self) -> list[EditRequest]:
        """The operations as services take them. Raises BadBody."""
        return [_request(operation) for operation in self.operations]


class BackBody(msgspec.Struct, forbid_unknown_fields=True):
    """The revision to restore or revert."""

    revision: int
    key: UUID | None = None
    message: str | None = None


class NameBody(msgspec.Struct, forbid_unknown_fields=True):
    """A name; an empty one takes a revision's name away."""

    name: str


class UploadBody(msgspec.Struct):
    """The fields beside the file of a new version, see `reuploads.reupload`."""

    base: int | None = None
    key: UUID | None = None
    message: str | None = None


def form(kind: type[T]) -> T:
    """The fields of a multipart request as `kind`; an empty one is as good as none. Raises BadBody."""
    fields = {name: value for name, value in request.form.items() if value}
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadBody(str(error).rstrip(".")) from None


def body(kind: type[T]) -> T:
    """The request's JSON body as `kind`. Raises BadBody."""
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBody(str(error).rstrip(".")) from None


def _request(operation: OperationBody) -> EditRequest:
    match operation:
        case SetCellsBody():
            contents = {address: _content(cell) for address, cell in operation.cells.items()}
            return SetRequest(operation.sheet, contents)
        case ClearCellsBody():
            return ClearRequest(operation.sheet, operation.range)
        case AddSheetBody(name, place):
            return AddSheet(name, place)
        case RenameSheetBody(sheet, name):
            return RenameSheet(sheet, name)
        case DeleteSheetBody(sheet):
            return DeleteSheet(sheet)
        case MoveSheetBody(sheet, place):
            return MoveSheet(sheet, place)
        case HideSheetBody(sheet, hidden):
            return HideSheet(sheet, hidden)
        case SetStyleBody():
            return StyleRequest(operation.sheet, operation.range, operation.style)
        case FillCellsBody():
            return FillRequest(operation.sheet, operation.range, _content(operation.cell))


def _content(cell: bool | int | float | str | CellBody | None) -> Content:
    if not isinstance(cell, CellBody):
        return Exact(cell)
    given = [name for name in ("input", "value", "formula") if getattr(cell, name) is not msgspec.UNSET]
    match given:
        case ["input"]:
            return Typed(str(cell.input))
        case ["formula"]:
            return Formula(str(cell.formula))
        case ["value"]:
            return Exact(cell.value)  # type: ignore[arg-type]
    raise BadBody("a cell takes exactly one of input, value and formula")
