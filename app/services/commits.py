"""Commits: what turns a change into a workbook's next revision.

A commit is one transaction: lock the workbook's row, read its head, apply, insert what is new, move the
head. Numbers come from the head, so they have no gaps; a client's key makes a repeat of a request find
the revision that the first one made.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import update

from app.extensions import db
from app.models.user import User
from app.models.workbook import Workbook
from app.services import heads
from app.services.effects import applied
from app.services.heads import RevisionRoot
from app.services.revisions import RevisionRow, digest_of, revision_of
from app.services.workbooks import clean_line
from app.sheet import changeset as changesets
from app.sheet.changeset import Changeset
from app.sheet.column_edit import CellConflict
from app.sheet.operations import Operation
from app.sheet.step import CellStep
from app.store.comparison import conflicts
from app.store.postgres import PostgresChunks
from app.store.state import State

INLINE = 2_000
"""Bytes up to which a changeset is part of its revision's row; a larger one is a chunk."""
SUMMARY_CELLS = 5
"""How many changed cells the row names where the changeset is a chunk."""
MAX_MESSAGE = 2_000
_GOING_BACK = ("restore", "revert")
"""How the revisions came about whose keys have an index, see `models.revision`."""
MAX_CONFLICTS = 1_000
"""How many cells in conflict are told of an operation; a client shows them one by one."""


class Conflict(Exception):
    """Somebody else changed the same cells; nothing was saved.

    conflicts: which cells, and how. head: the revision whose cells are "theirs".
    """

    def __init__(self, found: Sequence[CellConflict], head: int, what: str) -> None:
        more = " or more" if len(found) >= MAX_CONFLICTS else ""
        cells = f"{len(found):,}{more} cell{'s' if len(found) > 1 else ''}"
        super().__init__(
            f"{what}: {cells} changed in the meantime. Nothing was saved; look at both and choose."
        )
        self.conflicts = found
        self.head = head


class MessageTooLong(ValueError):
    """A revision's message has more characters than fit."""

    def __init__(self, length: int) -> None:
        super().__init__(f"A message may have up to {MAX_MESSAGE:,} characters; this one has {length:,}.")


class Committed(NamedTuple):
    """The outcome of a commit.

    revision: the new one; the head as it was where there was nothing to change. base: what the change
    was made from. made: whether the revision is new (also when an earlier try of the same request made it).
    """

    revision: RevisionRow
    base: int
    made: bool

    @property
    def rebased(self) -> bool:
        """Whether other people's revisions came in between."""
        return self.revision.number > self.base + 1 if self.made else self.revision.number > self.base


class Attempt(NamedTuple):
    """A commit under way: the head of the locked workbook, the revision that the change was made on, the
    revision since which the workbook's format is the same, and the store that states are read from."""

    head: RevisionRoot
    base: RevisionRoot
    format_since: int
    store: PostgresChunks

    def replacing(self, revision: RevisionRoot | RevisionRow, changeset: Changeset) -> "Change":
        """The change that puts the whole state of a revision in the place of the head's."""
        # Mostly the state need not be looked at: a restore is then as cheap as can be.
        changes = revision.number < self.format_since
        return Change(revision.root, changeset, self.state_at(revision).manifest.format if changes else None)

    def state_at(self, revision: RevisionRoot | RevisionRow) -> State:
        """The state at a revision of the workbook."""
        return State.load(self.store, revision.root)


class Change(NamedTuple):
    """What a commit makes: the root of the new state and how it came from the head's.

    format: the workbook's from now on, where that may change.
    """

    root: bytes
    changeset: Changeset
    format: str | None = None


class Circumstances(NamedTuple):
    """When and how a revision comes about, see `Revision`."""

    now: datetime
    via: str
    via_detail: str | None = None
    key: UUID | None = None
    message: str | None = None


def commit(
    actor: User,
    workbook_id: UUID,
    base: int,
    operations: Sequence[Operation],
    *,
    now: datetime,
    via: str,
    key: UUID | None = None,
    message: str | None = None,
) -> Committed:
    """Apply operations, made on revision `base`, to the workbook, in one transaction.

    Where others have committed since, the operations are moved onto the head, cell by cell. Raises
    Conflict where they changed the same cells; RevisionNotFound, and what `effects.applied` raises.
    Whatever is raised, nothing is kept.
    """
    return commit_reading(
        actor, workbook_id, base, lambda _: operations, now=now, via=via, key=key, message=message
    )


def commit_reading(
    actor: User,
    workbook_id: UUID,
    base: int,
    read: Callable[[State], Sequence[Operation]],
    *,
    now: datetime,
    via: str,
    key: UUID | None = None,
    message: str | None = None,
) -> Committed:
    """Apply the operations that `read` makes of the state at `base`; see `commit`. Raises what it raises."""

    def apply(attempt: Attempt) -> Change | None:
        state = attempt.state_at(attempt.head)
        made = Changeset(())
        found: list[CellConflict] = []
        seen = attempt.state_at(attempt.base) if attempt.base.number != attempt.head.number else None
        for operation in read(seen or state):
            before = state
            state, step = applied(state, operation)
            if seen and isinstance(step, CellStep):
                trees = seen.tree(step.sheet), before.tree(step.sheet)
                found += islice(conflicts(*trees, step), MAX_CONFLICTS)
            made += Changeset((step,))
        if found:
            raise Conflict(found, attempt.head.number, "Your change was not saved")
        if not made.steps:
            return None
        return Change(state.save(attempt.head.root), made)

    return commit_change(actor, workbook_id, base, apply, Circumstances(now, via, None, key, message))


def commit_change(
    actor: User,
    workbook_id: UUID,
    base: int,
    apply: Callable[[Attempt], Change | None],
    circumstances: Circumstances,
) -> Committed:
    """Run `apply` on the locked workbook and make its change the next revision; see `commit`."""
    circumstances = circumstances._replace(message=_message(circumstances.message))
    try:
        connection = db.session.connection()
        going_back = circumstances.via in _GOING_BACK
        head, seen, format_since, earlier = heads.lock(
            connection, actor, workbook_id, base, circumstances.key, going_back=going_back
        )
        attempt = Attempt(head, seen, format_since, PostgresChunks(connection, workbook_id))
        change = None if earlier else apply(attempt)
        if change is None:
            revision = revision_of(workbook_id, earlier or head.number)
            db.session.rollback()
            return Committed(revision, base, made=earlier is not None)
        revision = _add(workbook_id, head, actor, attempt.store, change, circumstances)
        db.session.commit()
        attempt.store.committed()
    except BaseException:
        db.session.rollback()
        raise
    return Committed(revision, base, made=True)


def add_first(
    workbook_id: UUID,
    actor: User,
    store: PostgresChunks,
    state: State,
    changeset: Changeset,
    *,
    now: datetime,
    via: str,
) -> None:
    """Add the first revision of a workbook whose row is there, in the session's transaction."""
    _add(workbook_id, None, actor, store, Change(state.save(), changeset), Circumstances(now, via))


def _add(
    workbook_id: UUID,
    head: RevisionRoot | None,
    actor: User,
    store: PostgresChunks,
    change: Change,
    circumstances: Circumstances,
) -> RevisionRow:
    """Send the revision after `head` and its chunks to the database, and move the workbook's head."""
    now, via, via_detail, key, message = circumstances
    encoded = changesets.encode(change.changeset)
    chunk = None
    if len(encoded) > INLINE:
        chunk = store.put(encoded)
        encoded = changesets.encode(change.changeset.summary(SUMMARY_CELLS))
    revision = RevisionRow(
        workbook_id=workbook_id,
        number=head.number + 1 if head else 1,
        parent=head.number if head else None,
        changed=change.changeset.changed,
        created_at=now,
        author_id=actor.id,
        key=key,
        root=change.root,
        digest=b"",
        changeset=changesets.packed(encoded),
        changeset_chunk=chunk,
        via=via,
        via_detail=via_detail,
        message=message,
    )
    revision = revision._replace(digest=digest_of(revision, head.digest if head else b""))
    heads.move(store, revision)
    if change.format:
        changed = {"format": change.format, "format_since": revision.number}
        db.session.execute(update(Workbook).where(Workbook.id == workbook_id).values(changed))
    return revision


def _message(text: str | None) -> str | None:
    """A message as it is stored; None where there is none. Raises MessageTooLong."""
    message = clean_line(text or "")
    if len(message) > MAX_MESSAGE:
        raise MessageTooLong(len(message))
    return message or None
