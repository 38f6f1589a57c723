"""What becomes of a state when its list of sheets changes, and when such a change is taken back."""

from collections.abc import Sequence

from msgspec.structs import replace

from app.formats.xlsx import sheet_list
from app.formats.xlsx.package_edit import PackageEdit
from app.services.packages import package_of
from app.sheet.operations import AddSheet, DeleteSheet, HideSheet, MoveSheet, RenameSheet, SheetOperation
from app.sheet.sheet_name import check_sheet_name
from app.sheet.step import SheetChanged
from app.store.manifest import StoredSheet
from app.store.state import State


class LastVisibleSheet(ValueError):
    """A workbook shows at least one sheet. Add or show another one first."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


def applied(state: State, operation: SheetOperation) -> tuple[State, SheetChanged]:
    """The state after an operation on its list of sheets, and what changed.

    Raises NoPackage, SheetNotFound, BadSheetName and LastVisibleSheet.
    """
    match operation:
        case AddSheet(name, place):
            return _added(state, name, place)
        case RenameSheet(sheet, name):
            return with_name(state, sheet, name)
        case DeleteSheet(sheet):
            return without(state, sheet)
        case MoveSheet(sheet, place):
            return with_place(state, sheet, place)
        case HideSheet(sheet, hidden):
            return with_state(state, sheet, "hidden" if hidden else "visible")


def with_name(state: State, sheet: int, name: str) -> tuple[State, SheetChanged]:
    """The state with another name for a sheet."""
    edit, at, stored = _opened(state, sheet)
    step = SheetChanged(sheet, "name", stored.name, name)
    if name != stored.name:
        check_sheet_name(name, (other.name for other in state.sheets if other.id != sheet))
        sheet_list.rename_sheet(edit, at, name)
    return _kept(state, edit, _replaced(state, at, replace(stored, name=name))), step


def with_place(state: State, sheet: int, place: int) -> tuple[State, SheetChanged]:
    """The state with a sheet at another place; one beyond the ends means the end."""
    edit, at, stored = _opened(state, sheet)
    place = max(0, min(place, len(state.sheets) - 1))
    sheets = [other for other in state.sheets if other.id != sheet]
    sheets.insert(place, stored)
    if place != at:
        sheet_list.move_sheet(edit, at, place)
    return _kept(state, edit, sheets), SheetChanged(sheet, "place", at, place)


def with_state(state: State, sheet: int, shown: str) -> tuple[State, SheetChanged]:
    """The state with a sheet's tab "visible", "hidden" or "veryHidden"; hiding a hidden one is no change."""
    edit, at, stored = _opened(state, sheet)
    if (stored.state == "visible") == (shown == "visible"):
        return state, SheetChanged(sheet, "state", stored.state, stored.state)
    if shown != "visible":
        _check_visible(state, sheet)
    sheet_list.show_sheet(edit, at, shown)  # type: ignore[arg-type]
    return _kept(state, edit, _replaced(state, at, replace(stored, state=shown))), SheetChanged(
        sheet, "state", stored.state, shown
    )


def without(state: State, sheet: int) -> tuple[State, SheetChanged]:
    """The state without a sheet."""
    edit, at, stored = _opened(state, sheet)
    _check_visible(state, sheet)
    sheet_list.delete_sheet(edit, at)
    sheets = [other for other in state.sheets if other.id != sheet]
    return _kept(state, edit, sheets), SheetChanged(sheet, "sheet", stored.name, None)


def with_sheet_of(state: State, earlier: State, sheet: int) -> tuple[State, SheetChanged]:
    """The state with a sheet again that an earlier one had, with its id, cells and parts.

    Raises NotBroughtBack, and BadSheetName where another sheet has its name by now.
    """
    before, at, stored = _opened(earlier, sheet)
    check_sheet_name(stored.name, (other.name for other in state.sheets))
    edit = PackageEdit(*package_of(state, "sheets"))
    place = min(at, len(state.sheets))
    sheet_list.bring_back(edit, before, at, place)
    sheets = list(state.sheets)
    sheets.insert(place, stored)
    return _kept(state, edit, sheets), SheetChanged(sheet, "sheet", None, stored.name)


def _added(state: State, name: str, place: int | None) -> tuple[State, SheetChanged]:
    edit = PackageEdit(*package_of(state, "more sheets"))
    check_sheet_name(name, (other.name for other in state.sheets))
    sheet, last = state.manifest.next_sheet, len(state.sheets)
    frame = state.store.put(sheet_list.add_sheet(edit, name, sheet))
    stored = StoredSheet(sheet, name, "visible", "worksheet", frame)
    place = last if place is None else max(0, min(place, last))
    if place != last:
        # The workbook part is read anew: an element that was just put in cannot be moved.
        state = _kept(state, edit, [*state.sheets, stored])
        return with_place(state, sheet, place)[0], SheetChanged(sheet, "sheet", None, name)
    return _kept(state, edit, [*state.sheets, stored]), SheetChanged(sheet, "sheet", None, name)


def _opened(state: State, sheet: int) -> tuple[PackageEdit, int, StoredSheet]:
    """The package of a state, to be changed, and a sheet in it with its place."""
    stored = state.sheet(sheet)
    return PackageEdit(*package_of(state, "more sheets")), list(state.sheets).index(stored), stored


def _kept(state: State, edit: PackageEdit, sheets: Sequence[StoredSheet]) -> State:
    return state.with_package(sheets, edit.package.encode(), edit.changed())


def _replaced(state: State, at: int, sheet: StoredSheet) -> list[StoredSheet]:
    return [*state.sheets[:at], sheet, *state.sheets[at + 1 :]]


def _check_visible(state: State, sheet: int) -> None:
    """Raise LastVisibleSheet where no other sheet is visible."""
    if all(other.state != "visible" for other in state.sheets if other.id != sheet):
        raise LastVisibleSheet
