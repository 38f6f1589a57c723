"""What the bytes of workbooks are made of, for operators: by kind of chunk, by revision, by patch chain."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, func, select

from app.models.revision import Revision
from app.models.workbook import Workbook
from app.services.inspection import Stored, proven, references, revisions, snapshot, stored_chunks
from app.services.storage import row_bytes
from app.store.walk import Walk, bring_near

UNREACHED = "unreached"
"""The kind of chunks that no revision reaches: garbage, bases of patches, and what lies behind damage."""


@dataclass(slots=True)
class Share:
    """Some of a workbook's chunks: how many, and the bytes of their rows."""

    chunks: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Contents:
    """What a workbook is made of. Bytes are those of table rows, without indexes and free space.

    history_bytes: rows of revisions. kinds: by `store.walk.Kind` or `UNREACHED`. depths: how many chunks
    are stored as so many patches on top of a chunk that stands alone.
    """

    workbook_id: UUID
    name: str
    trashed: bool
    revisions: int
    history_bytes: int
    kinds: dict[str, Share] = field(default_factory=dict)
    depths: dict[int, int] = field(default_factory=dict)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return sum(share.chunks for share in self.kinds.values())

    @property
    def total_bytes(self) -> int:
        """All chunks, and the history."""
        return self.history_bytes + sum(share.bytes for share in self.kinds.values())

    @property
    def bytes_per_revision(self) -> float:
        """All bytes, the first import's too, by the number of revisions."""
        return self.total_bytes / max(1, self.revisions)

    @property
    def mean_depth(self) -> float:
        """How many patches a chunk is made of, on average."""
        return sum(depth * count for depth, count in self.depths.items()) / max(1, self.chunks)


def all_contents() -> list[Contents]:
    """What every workbook is made of, the largest first."""
    with snapshot() as connection:
        rows = connection.execute(
            select(
                Workbook.id,
                Workbook.name,
                Workbook.trashed_at.is_not(None),
                Workbook.head,
                select(func.coalesce(func.sum(row_bytes(Revision)), 0))
                .where(Revision.workbook_id == Workbook.id)
                .scalar_subquery(),
            )
        ).all()
        found = [Contents(row[0], row[1], row[2], row[3], int(row[4])) for row in rows]
        for contents in found:
            _measure(connection, contents)
    return sorted(found, key=lambda contents: (-contents.total_bytes, contents.name))


def _measure(connection: Connection, contents: Contents) -> None:
    stored = stored_chunks(connection, contents.workbook_id)
    store = proven(connection, contents.workbook_id, stored)
    walk = Walk(store, deep=False)
    for page in revisions(connection, contents.workbook_id):
        bring_near(store, (bytes(revision.root) for revision in page))
        for revision in page:
            for reference in references(revision):
                walk.faults(reference)  # faults are for `flask fsck` to tell
    for address, chunk in stored.items():
        share = contents.kinds.setdefault(str(walk.kinds.get(address, UNREACHED)), Share())
        share.chunks += 1
        share.bytes += chunk.size
    contents.depths = dict(sorted(Counter(_depths(stored).values()).items()))


def _depths(stored: Mapping[bytes, Stored]) -> dict[bytes, int]:
    """How many patches each chunk stands on."""
    depths: dict[bytes, int] = {}
    for address in stored:
        links: list[bytes] = []
        link: bytes | None = address
        while link is not None and link in stored and link not in depths and link not in links:
            links.append(link)
            link = stored[link].base
        depth = -1 if link is None else depths.get(link, -1)
        for above, known in enumerate(reversed(links), start=depth + 1):
            depths[known] = above
    return depths
