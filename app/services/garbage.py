"""Garbage: stored chunks that no revision needs, found and removed beside people who work.

A chunk is needed where a revision reaches it, and where a needed chunk is stored as a patch of it,
directly or not. Revisions are never dropped, so what is needed stays needed; what is not was a step on
the way to a revision (two edits of a block in one commit keep both) or is left of a purged workbook.

Why no writer ever refers to a chunk that is removed here:

- A commit holds its workbook's row from before it reads the head until it ends, and so does the removal
  while it looks and deletes: a commit either ended before, and its revision is walked, or begins after.
- A re-upload puts its chunks before it locks the head, so that nobody waits while a file is read. It holds
  the row from before that in a way (FOR KEY SHARE) that lets commits (FOR NO KEY UPDATE) pass, and not the
  removal (FOR UPDATE).
- A new revision refers to chunks of older states, which are needed, and to chunks it puts itself. Putting
  always stores: a process's cache may know a chunk that was removed (it caches all that it committed,
  garbage too), so that is not taken for a proof that the chunk is there (`PostgresChunks.put`).
- A new chunk is a patch of a chunk of an older state, of one that the same commit puts, or of the first of
  such a chunk's chain as the database has it now, not as a cache remembers it.
- A new workbook's row and chunks appear at once, so chunks without a workbook are never those of one that
  is just being made; and ids of purged workbooks are not used again.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, delete, func, select

from app.extensions import db
from app.models.chunk import Chunk
from app.models.workbook import Workbook
from app.services.inspection import (
    Stored,
    proven,
    references,
    revisions,
    snapshot,
    stored_chunks,
    with_bases,
    workbook_ids,
)
from app.services.storage import row_bytes
from app.store.memory import MemoryChunks
from app.store.walk import Walk, bring_near

_BATCH = 1_000


@dataclass(slots=True)
class Collected:
    """What was removed (or would be): how many chunks, and the bytes of their rows; and the workbooks left
    alone because they are damaged: what a damaged one needs cannot be told."""

    chunks: int = 0
    bytes: int = 0
    damaged: list[UUID] = field(default_factory=list)


def collect(*, dry_run: bool = False) -> Collected:
    """Remove every chunk that no revision needs. dry_run: only count them."""
    collected = Collected()
    with snapshot() as connection:
        ids = workbook_ids(connection, None)
    for workbook_id in ids:
        _collect_workbook(workbook_id, collected, dry_run)
    _collect_orphans(collected, dry_run)
    return collected


def _collect_workbook(workbook_id: UUID, collected: Collected, dry_run: bool) -> None:
    history = _History(workbook_id)
    with snapshot() as connection:
        history.walk_on(connection)  # most of the way is gone before anybody has to wait
    with db.engine.connect() as connection:
        head = connection.scalar(select(Workbook.head).where(Workbook.id == workbook_id).with_for_update())
        if head is None:  # purged in the meantime
            return
        history.walk_on(connection)
        if not history.sound or history.last != head:
            collected.damaged.append(workbook_id)
            return
        garbage = history.garbage()
        collected.chunks += len(garbage)
        collected.bytes += sum(garbage.values())
        if not dry_run:
            addresses = list(garbage)
            for at in range(0, len(addresses), _BATCH):
                batch = Chunk.hash.in_(addresses[at : at + _BATCH])
                connection.execute(delete(Chunk).where(Chunk.workbook_id == workbook_id, batch))
            connection.commit()


def _collect_orphans(collected: Collected, dry_run: bool) -> None:
    orphaned = ~select(Workbook.id).where(Workbook.id == Chunk.workbook_id).exists()
    with db.engine.connect() as connection:
        counted = select(Chunk.workbook_id, func.count(), func.sum(row_bytes(Chunk))).where(orphaned)
        for workbook_id, chunks, size in connection.execute(counted.group_by(Chunk.workbook_id)).all():
            collected.chunks += chunks
            collected.bytes += int(size)
            if not dry_run:
                connection.execute(delete(Chunk).where(Chunk.workbook_id == workbook_id))
                connection.commit()


class _History:
    """What the revisions of a workbook reach, as far as they have been walked.

    last: the number of the last one walked. sound: whether all were there, in order and readable.
    """

    def __init__(self, workbook_id: UUID) -> None:
        self.last = 0
        self.sound = True
        self._workbook_id = workbook_id
        self._stored: dict[bytes, Stored] = {}
        self._walk = Walk(MemoryChunks(), deep=False)

    def walk_on(self, connection: Connection) -> None:
        """Walk the revisions there are beyond the last. Nobody may commit any while this looks: the
        connection is that of a snapshot, or holds the workbook's row."""
        self._stored = stored_chunks(connection, self._workbook_id)
        self._walk.store = proven(connection, self._workbook_id, self._stored)
        for page in revisions(connection, self._workbook_id, self.last):
            bring_near(self._walk.store, (bytes(revision.root) for revision in page))
            for revision in page:
                faulty = any(self._walk.faults(reference) for reference in references(revision))
                if faulty or revision.number != self.last + 1:
                    self.sound = False
                    return
                self.last = revision.number

    def garbage(self) -> dict[bytes, int]:
        """The stored chunks that no walked revision needs, and the bytes of their rows."""
        needed = with_bases(self._walk.kinds, self._stored)
        return {address: chunk.size for address, chunk in self._stored.items() if address not in needed}
