"""What is stored of a workbook, as inspections read it: on a connection of their own, past every cache."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, select

from app.extensions import db
from app.models.chunk import Chunk
from app.models.revision import Revision
from app.models.workbook import Workbook
from app.services.access import NotFound
from app.services.storage import row_bytes
from app.store.proven import ProvenChunks
from app.store.walk import Kind, Reference

_PAGE = 256
"""Revisions read at a time, and chunks asked for at a time."""


class Stored(NamedTuple):
    """A stored chunk: the one it is a patch of, and the bytes its row takes."""

    base: bytes | None
    size: int


def snapshot() -> Connection:
    """A connection that sees the database as it is now until it is closed, whatever is committed
    meanwhile, and changes nothing."""
    return db.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def workbook_ids(connection: Connection, only: UUID | None) -> list[UUID]:
    """Every workbook, also in the trash; or the one. Raises NotFound."""
    ids = select(Workbook.id).order_by(Workbook.created_at, Workbook.id)
    found = list(connection.scalars(ids if only is None else ids.where(Workbook.id == only)))
    if only is not None and not found:
        raise NotFound
    return found


def stored_chunks(connection: Connection, workbook_id: UUID) -> dict[bytes, Stored]:
    """Every chunk of a workbook by address; it takes some 250 bytes of memory a chunk."""
    rows = connection.execute(
        select(Chunk.hash, Chunk.base, row_bytes(Chunk)).where(Chunk.workbook_id == workbook_id),
        execution_options={"yield_per": 10_000},
    )
    return {bytes(hash): Stored(None if base is None else bytes(base), size) for hash, base, size in rows}


def proven(connection: Connection, workbook_id: UUID, stored: Mapping[bytes, Stored]) -> ProvenChunks:
    """The chunks of a workbook, read past the cache and proved."""

    def fetch(addresses: Iterable[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        wanted = list(addresses)
        for at in range(0, len(wanted), _PAGE):
            rows = connection.execute(
                select(Chunk.hash, Chunk.data).where(
                    Chunk.workbook_id == workbook_id, Chunk.hash.in_(wanted[at : at + _PAGE])
                )
            )
            found.update((bytes(hash), bytes(data)) for hash, data in rows)
        return found

    return ProvenChunks({address: chunk.base for address, chunk in stored.items()}, fetch)


def revisions(connection: Connection, workbook_id: UUID, after: int = 0) -> Iterator[Sequence[Row[Any]]]:
    """The rows of a workbook's revisions beyond a number, in order, page by page."""
    table = Revision.__table__
    while page := connection.execute(
        select(table)
        .where(table.c.workbook_id == workbook_id, table.c.number > after)
        .order_by(table.c.number)
        .limit(_PAGE)
    ).all():
        yield page
        after = page[-1].number


def references(revision: Row[Any]) -> list[Reference]:
    """What a revision's row refers to: its state, and its changeset where that is a chunk."""
    found = [Reference(Kind.MANIFEST, bytes(revision.root))]
    if revision.changeset_chunk is not None:
        found.append(Reference(Kind.CHANGESET, bytes(revision.changeset_chunk)))
    return found


def with_bases(addresses: Iterable[bytes], stored: Mapping[bytes, Stored]) -> set[bytes]:
    """Addresses, and those of all chunks that theirs are patches of, directly or not."""
    found: set[bytes] = set()
    for address in addresses:
        link: bytes | None = address
        while link is not None and link not in found:
            found.add(link)
            link = stored[link].base if link in stored else None
    return found
