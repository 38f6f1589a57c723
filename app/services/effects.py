"""The effect of an operation on a state, whatever the operation is."""

from app.formats.xlsx.edits import check_edits
from app.formats.xlsx.package_edit import PackageEdit
from app.formats.xlsx.style_book import StyleBook
from app.services import sheet_changes
from app.services.packages import package_of
from app.sheet.operations import CellOperation, Operation, SetStyle, SheetOperation
from app.sheet.step import CellStep, Step
from app.store.state import State


class NotEditable(ValueError):
    """A sheet that has no cells to edit, such as a chart sheet."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"“{name}” is a {kind} and has no cells. Choose another sheet.")


def applied(state: State, operation: Operation) -> tuple[State, Step]:
    """The state after an operation, and what it changed.

    Raises SheetNotFound, NotEditable, ArrayPartEdit, NoPackage, BadSheetName, LastVisibleSheet, and what the
    operation itself raises.
    """
    if isinstance(operation, SheetOperation):
        return sheet_changes.applied(state, operation)
    sheet = state.sheet(operation.sheet)
    if sheet.kind != "worksheet":
        raise NotEditable(sheet.name, sheet.kind)
    if isinstance(operation, SetStyle):
        return _styled(state, operation)
    return _entered(state, operation)


def _entered(state: State, operation: CellOperation) -> tuple[State, CellStep]:
    tree = state.tree(operation.sheet)
    state, step = state.applied(operation)
    if state.manifest.format == "xlsx":
        check_edits(state.frame(operation.sheet), step, tree.cell)
    return state, step


def _styled(state: State, operation: SetStyle) -> tuple[State, CellStep]:
    edit = PackageEdit(*package_of(state, "styles"))
    book = StyleBook(edit.styles())
    state, step = state.styled(operation, book.changed)
    edit.replace_styles(book.part())
    return state.with_package(state.sheets, edit.package.encode(), edit.changed()), step
