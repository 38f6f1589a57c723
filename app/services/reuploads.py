"""Re-uploads: a file becomes the next state of a workbook that is there."""

from collections.abc import Generator
from datetime import datetime
from functools import partial
from typing import BinaryIO
from uuid import UUID

from app.extensions import db
from app.formats import registry
from app.formats.guard import Limits
from app.models.user import User
from app.services import heads
from app.services.access import workbook_for
from app.services.commits import Attempt, Change, Circumstances, Committed, commit_change
from app.services.imports import source_of, with_original, with_progress
from app.services.revisions import chunks_of, revision_of
from app.sheet.changeset import Changeset
from app.sheet.step import Replaced
from app.store.comparison import count_changed, differing_rows
from app.store.state import State
from app.store.tree import Tree

_MOST_COUNTED = 200_000
"""Rows in differing blocks of a sheet up to which changed cells are counted."""


class HeadMoved(Exception):
    """A file was made from a revision that is not the newest any more; nothing was saved.

    base: the revision it was made from. head: the newest.
    """

    def __init__(self, base: int, head: int) -> None:
        super().__init__(
            f"Others have changed the workbook since revision {base}, and the file would replace that. "
            f"Nothing was saved. Look at revision {head} first; to replace it all the same, upload again."
        )
        self.base = base
        self.head = head


def reupload(
    actor: User,
    workbook_id: UUID,
    file: BinaryIO,
    file_name: str,
    *,
    limits: Limits,
    now: datetime,
    base: int | None = None,
    key: UUID | None = None,
    message: str | None = None,
    keep_original: bool = False,
) -> Generator[float, None, Committed]:
    """Make a file, of whatever format, the next revision of a workbook, in one transaction.

    The file is read and its chunks are put while others commit; the workbook's row is locked only then.
    Yields how far it is, from 0.0 to 1.0, and returns the outcome: not made where the file says what the
    workbook holds already. base: the revision the file was made from; by default the newest there is now.
    keep_original: see `imports.import_file`.
    Raises NotFound, RevisionNotFound, Forbidden, WorkbookTrashed, UnreadableFile, MessageTooLong, and
    HeadMoved where `base` is not the newest; whatever is raised, nothing is kept.
    """
    try:
        workbook = workbook_for(actor, workbook_id, "edit").workbook
        before = revision_of(workbook_id, workbook.head if base is None else base)
        heads.hold(workbook_id)
        store = chunks_of(workbook_id)
        older = State.load(store, before.root)
        source = source_of(file, file_name)
        document = registry.read(file, file_name, limits)
        if keep_original or document.by_value:
            source = with_original(store, source, file)
        reading = State.importing(store, document, source, older)
        state, cells = yield from with_progress(reading, file, source.size)
        change = None
        if not _same(older, state, document.by_value):
            step = Replaced(file_name, len(state.sheets), cells, _changed(older, state))
            format = document.format if document.format != older.manifest.format else None
            change = Change(state.save(before.root), Changeset((step,)), format)
            store.flush()
        circumstances = Circumstances(now, "upload", None, key, message)
        made = commit_change(actor, workbook_id, before.number, partial(_if_newest, change), circumstances)
    except BaseException:
        db.session.rollback()
        raise
    if made.made:
        store.committed()
    return made


def _if_newest(change: Change | None, attempt: Attempt) -> Change | None:
    """The change, where it was made from the head. Raises HeadMoved."""
    if attempt.head.number != attempt.base.number:
        raise HeadMoved(attempt.base.number, attempt.head.number)
    return change


def _same(one: State, other: State, by_value: bool) -> bool:
    """Whether two states say the same, whichever files they came from; of a format that is read by value,
    whether they came from the same."""
    mine, theirs = one.manifest, other.manifest
    if by_value and (
        mine.source is None or theirs.source is None or mine.source.sha256 != theirs.source.sha256
    ):
        return False
    if (mine.format, mine.package, mine.parts, mine.stale) != (
        theirs.format,
        theirs.package,
        theirs.parts,
        theirs.stale,
    ):
        return False
    labels = [
        [(sheet.id, sheet.name, sheet.state, sheet.kind, sheet.frame) for sheet in state.sheets]
        for state in (one, other)
    ]
    return labels[0] == labels[1] and not any(
        next(differing_rows(one.tree(sheet.id), other.tree(sheet.id)), None) for sheet in one.sheets
    )


def _changed(before: State, after: State) -> int | None:
    """How many cells differ, also those of sheets that came or went; None where they are too many."""
    ids = {sheet.id: None for state in (before, after) for sheet in state.sheets}
    changed = 0
    for sheet in ids:
        ours, theirs = (_tree(state, sheet) for state in (before, after))
        counted = count_changed(ours, theirs, _MOST_COUNTED)
        if counted is None:
            return None
        changed += counted
    return changed


def _tree(state: State, sheet: int) -> Tree:
    """The rows of a sheet; none where the state has no such sheet."""
    return state.tree(sheet) if any(one.id == sheet for one in state.sheets) else Tree(state.store)
