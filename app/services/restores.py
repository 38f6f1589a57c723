"""Going back: an older state as the newest, or one revision undone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from app.models.user import User
from app.services.commits import (
    MAX_CONFLICTS,
    Attempt,
    Change,
    Circumstances,
    Committed,
    Conflict,
    commit_change,
)
from app.services.revisions import RevisionRow, changeset_of, revision_of
from app.services.windows import look_at
from app.sheet.cell import Cell, identical_entries
from app.sheet.changeset import Changeset, NotInvertible
from app.sheet.column_edit import CellConflict, Replay
from app.sheet.step import CellsChanged, ColumnsChanged, Restored, cells_changed
from app.sheet.strip import CellChange
from app.store.comparison import differing_cells, differing_rows
from app.store.state import State


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
        revision = attempt.base
        if revision.parent is None:
            raise CannotRevert("The first revision has nothing before it to go back to.")
        parent = revision_of(workbook_id, revision.parent)
        undone = _undone(revision)
        if revision.number == attempt.head.number:
            return attempt.replacing(parent, undone or Changeset((Restored(parent.number),)))
        if undone is None:
            undone = _compared(attempt.state_at(revision), attempt.state_at(parent))
        state = attempt.state_at(attempt.head)
        found: list[CellConflict] = []
        made = Changeset(())
        for step in undone.cell_steps():
            if isinstance(step, ColumnsChanged):
                replay = Replay(step)
                state, step = state.with_columns(step.sheet, replay)
                found += replay.conflicts[:MAX_CONFLICTS]
            else:
                current = state.tree(step.sheet).cells([change[:2] for change in step.cells])
                found += _clashes(step, current)
                changes = [change._replace(before=current[change[:2]]) for change in step.cells]
                step = cells_changed(step.sheet, changes)
                state = state.with_changes(step)
            made += Changeset((step,))
        if found:
            raise Conflict(found, attempt.head.number, f"Revision {number} was not reverted")
        return Change(state.save(attempt.head.root), made) if made.changed else None

    circumstances = Circumstances(now, "revert", str(number), key, message)
    return commit_change(actor, workbook_id, number, apply, circumstances)


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
        if not identical_entries(change.before, now):
            yield CellConflict(step.sheet, change.row, change.column, change.before, now, change.after)


def _compared(before: State, after: State) -> Changeset:
    """The cells that differ between two states that have the same sheets, whose styles have the same numbers.

    Raises CannotRevert otherwise.
    """
    if look_at(before) != look_at(after):
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
