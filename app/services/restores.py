"""Going back: an older state as the newest, or one revision undone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from app.formats.xlsx.package_edit import PackageEdit
from app.formats.xlsx.style_content import style_contents
from app.models.user import User
from app.services import sheet_changes
from app.services.commits import (
    MAX_CONFLICTS,
    Attempt,
    Change,
    Circumstances,
    Committed,
    Conflict,
    commit_change,
)
from app.services.packages import package_of
from app.services.revisions import RevisionRow, changeset_of, revision_of
from app.services.windows import look_at
from app.sheet.cell import Cell
from app.sheet.changeset import Changeset, NotInvertible
from app.sheet.column_edit import CellConflict, Replay
from app.sheet.step import CellsChanged, ColumnsChanged, Restored, SheetChanged, cells_changed
from app.sheet.strip import CellChange
from app.store.comparison import differing_cells, differing_rows
from app.store.state import State

_SHEET_GONE = "A sheet that this revision changed was deleted since. Revert that first."


class CannotRevert(ValueError):
    """What a revision did cannot be taken back; the message says why and what to do instead."""


def restore(
    actor: User,
    workbook_id: UUID,
    number: int,
    *,
    now: datetime,
    key: UUID | None = None,
    message: str | None = None,
) -> Committed:
    """Make the whole state of an earlier revision the newest again. Raises RevisionNotFound."""

    def apply(attempt: Attempt) -> Change | None:
        if attempt.base.root == attempt.head.root:
            return None
        return attempt.replacing(attempt.base, Changeset((Restored(number),)))

    circumstances = Circumstances(now, "restore", str(number), key, message)
    return commit_change(actor, workbook_id, number, apply, circumstances)


def revert(
    actor: User,
    workbook_id: UUID,
    number: int,
    *,
    now: datetime,
    key: UUID | None = None,
    message: str | None = None,
) -> Committed:
    """Undo what one revision changed and keep what came later.

    Raises RevisionNotFound, CannotRevert for the first revision, and Conflict where cells that the
    revision changed were changed again since.
    """

    def apply(attempt: Attempt) -> Change | None:
        revision = revision_of(workbook_id, number)
        if revision.parent is None:
            raise CannotRevert("The first revision has nothing before it to go back to.")
        parent = revision_of(workbook_id, revision.parent)
        undone = _undone(revision)
        if revision.number == attempt.head.number:
            return attempt.replacing(parent, undone or Changeset((Restored(parent.number),)))
        if undone is None:
            undone = _compared(attempt.state_at(revision), attempt.state_at(parent))
        state = attempt.state_at(attempt.head)
        earlier = attempt.state_at(parent)
        _check_styles(earlier, state, undone)
        found: list[CellConflict] = []
        made = Changeset(())
        for step in undone.single_steps():
            if isinstance(step, SheetChanged):
                state, step = _sheet_changed(state, earlier, step)
                made += Changeset((step,))
                continue
            if all(sheet.id != step.sheet for sheet in state.sheets):
                raise CannotRevert(_SHEET_GONE)
            if isinstance(step, ColumnsChanged):
                replay = Replay(step)
                state, step = state.with_columns(step.sheet, replay)
                found += replay.conflicts[:MAX_CONFLICTS]
            else:
                current = state.tree(step.sheet).cells([change[:2] for change in step.cells])
                found += _clashes(step, current)
                step = cells_changed(
                    step.sheet, [_onto(change, current[change[:2]]) for change in step.cells]
                )
                state = state.with_changes(step)
            made += Changeset((step,))
        if found:
            raise Conflict(found, attempt.head.number, f"Revision {number} was not reverted")
        return Change(state.save(attempt.head.root), made) if made.steps else None

    circumstances = Circumstances(now, "revert", str(number), key, message)
    return commit_change(actor, workbook_id, number, apply, circumstances)


def _sheet_changed(state: State, earlier: State, step: SheetChanged) -> tuple[State, SheetChanged]:
    """The state after a change of a sheet is taken back, and the change as it is made of that state.

    earlier: the state that had it as it comes back. Raises CannotRevert where something was done since
    that would be lost.
    """
    current = next((sheet for sheet in state.sheets if sheet.id == step.sheet), None)
    if step.property == "sheet" and step.after is not None:
        if current is not None:
            return state, step._replace(before=current.name, after=current.name)
        return sheet_changes.with_sheet_of(state, earlier, step.sheet)
    if current is None:
        raise CannotRevert(_SHEET_GONE)
    match step:
        case SheetChanged(sheet, "sheet"):
            if next(state.tree(sheet).rows(), None) is not None:
                raise CannotRevert(
                    f"“{current.name}” holds something by now. Delete the sheet itself if it is to go."
                )
            return sheet_changes.without(state, sheet)
        case SheetChanged(sheet, "name", before, after):
            if current.name != before:
                raise CannotRevert(f"The sheet was renamed again since, to “{current.name}”.")
            return sheet_changes.with_name(state, sheet, str(after))
        case SheetChanged(sheet, "place", _, int(place)):
            return sheet_changes.with_place(state, sheet, place)
    return sheet_changes.with_state(state, step.sheet, str(step.after))


def _check_styles(before: State, head: State, undone: Changeset) -> None:
    """Raise CannotRevert where a look that is to come back has another number by now, or none.

    Styles keep their numbers for as long as none is taken away, as restoring an earlier revision does.
    """
    looks = {style for step in undone.cell_steps() for style in step.restyled_to()}
    if not looks or before.manifest.parts == head.manifest.parts:
        return
    known, now = (
        style_contents(PackageEdit(*package_of(state, "styles")).styles()) for state in (before, head)
    )
    if any(known[style : style + 1] != now[style : style + 1] for style in looks):
        raise CannotRevert(
            "The looks that this revision replaced are no longer part of the workbook. "
            "Restore an earlier revision instead."
        )


def _undone(revision: RevisionRow) -> Changeset | None:
    """The inverse of a revision's changeset; None where it replaced a whole state."""
    try:
        return ~changeset_of(revision)
    except NotInvertible:
        return None


def _clashes(step: CellsChanged, current: Mapping[tuple[int, int], Cell]) -> Iterator[CellConflict]:
    """The cells of a step that hold something else now than it replaces."""
    for change in step.cells:
        now = current[change[:2]]
        if change.clashes(now):
            yield CellConflict(step.sheet, change.row, change.column, change.before, now, change.after)


def _onto(change: CellChange, current: Cell) -> CellChange:
    """The change as it is made of a cell that holds something else by now."""
    return change._replace(before=current, after=change.onto(current))


def _compared(before: State, after: State) -> Changeset:
    """The cells that differ between two states of the same sheets, whose styles of a number are the same.

    Raises CannotRevert otherwise.
    """
    ours, theirs = look_at(before), look_at(after)
    styles = zip(
        zip(ours.codes, ours.styles, strict=True), zip(theirs.codes, theirs.styles, strict=True), strict=False
    )
    if ours.date1904 != theirs.date1904 or any(one != other for one, other in styles):
        raise CannotRevert("This revision brought other styles. Restore an earlier revision instead.")
    if [sheet.id for sheet in before.sheets] != [sheet.id for sheet in after.sheets]:
        raise CannotRevert("This revision added or removed sheets. Restore an earlier revision instead.")
    steps: list[CellsChanged] = []
    for sheet in before.sheets:
        changes = [
            CellChange(row, column, ours, theirs)
            for row, one, other in differing_rows(before.tree(sheet.id), after.tree(sheet.id))
            for column, ours, theirs in differing_cells(one, other)
        ]
        if changes:
            steps.append(cells_changed(sheet.id, changes))
    return Changeset(tuple(steps))
