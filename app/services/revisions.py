"""Revisions: reading the states a workbook has had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from sqlalchemy import Row, select

from app.extensions import db
from app.models.revision import Revision
from app.models.user import User
from app.models.workbook import Workbook
from app.services.access import NotFound, Role, workbook_for
from app.sheet import changeset as changesets
from app.sheet.changeset import Changeset
from app.store.digest import revision_digest
from app.store.postgres import PostgresChunks
from app.store.state import State

LAST_NUMBER = 2**31 - 1
"""No revision has a higher number than fits its column."""


class RevisionNotFound(NotFound):
    """The workbook has no revision of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"This workbook has no revision {number}. Its version history lists those it has.")
        self.number = number


class RevisionRow(NamedTuple):
    """A revision as its row has it, see `models.revision.Revision`, with the columns' names.

    What an object of the model costs, every edit would pay for: rows that are never updated need none.
    """

    workbook_id: UUID
    created_at: datetime
    number: int
    parent: int | None
    changed: int | None
    author_id: UUID
    key: UUID | None
    root: bytes
    digest: bytes
    changeset: bytes
    changeset_chunk: bytes | None
    via: str
    via_detail: str | None
    message: str | None

    @classmethod
    def read(cls, row: Sequence[Any]) -> Self:
        """The revision of a row that the driver fetched."""
        return cls._make(bytes(field) if isinstance(field, memoryview) else field for field in row)


class OpenRevision(NamedTuple):
    """A revision, the workbook it belongs to, the reader's role there, and the revision's state."""

    workbook: Workbook
    role: Role
    revision: RevisionRow
    state: State


_ONE = f"SELECT {', '.join(RevisionRow._fields)} FROM revisions WHERE workbook_id = %s AND number = %s"  # noqa: S608 (made of constants)


def chunks_of(workbook_id: UUID) -> PostgresChunks:
    """The chunks of a workbook, in the session's transaction."""
    return PostgresChunks(db.session.connection(), workbook_id)


def head_of(workbook_id: UUID) -> int:
    """The number of a workbook's newest revision."""
    return db.session.scalars(select(Workbook.head).where(Workbook.id == workbook_id)).one()


def revision_of(workbook_id: UUID, number: int) -> RevisionRow:
    """The revision of a number. Raises RevisionNotFound."""
    row = None
    if 0 < number <= LAST_NUMBER:
        row = db.session.connection().exec_driver_sql(_ONE, (workbook_id, number)).one_or_none()
    if row is None:
        raise RevisionNotFound(number)
    return RevisionRow.read(row)


def open_revision(actor: User, workbook_id: UUID, number: int | None) -> OpenRevision:
    """A revision the actor may read; the head where the number is None.

    Raises NotFound and RevisionNotFound.
    """
    workbook, role = workbook_for(actor, workbook_id, "read")
    revision = revision_of(workbook_id, workbook.head if number is None else number)
    return OpenRevision(workbook, role, revision, state_of(revision))


def state_of(revision: RevisionRow | Revision) -> State:
    """The state that a revision, which the caller may read, saved."""
    return State.load(chunks_of(revision.workbook_id), revision.root)


def digest_of(revision: RevisionRow | Row[Any], parent: bytes) -> bytes:
    """The digest of a revision by all that its row says and its parent's digest; none before the first."""
    chunk = revision.changeset_chunk
    return revision_digest(
        parent,
        root=bytes(revision.root),
        changeset=bytes(revision.changeset),
        changeset_chunk=None if chunk is None else bytes(chunk),
        author=revision.author_id,
        at=revision.created_at,
        via=revision.via,
        via_detail=revision.via_detail,
        message=revision.message,
    )


def changeset_of(revision: RevisionRow | Revision) -> Changeset:
    """The whole changeset of a revision."""
    raw = revision.changeset
    if revision.changeset_chunk is not None:
        raw = chunks_of(revision.workbook_id).get(revision.changeset_chunk)
    return changesets.decode(raw)
