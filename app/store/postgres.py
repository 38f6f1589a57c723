"""The chunk store of a workbook in PostgreSQL: the one file of the store that knows a database.

Reads go through a process-wide cache. Writes are gathered and leave for the database with `flush`, in
the caller's transaction; until that transaction commits nobody else sees them, and the cache does not
know them: `committed` tells it that they are there to stay.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from app.store.cache import CachedChunk, ChunkCache
from app.store.delta import MAX_CHAIN, compress, decompress_chain
from app.store.protocol import MissingChunk, address_of, verified

CACHE = ChunkCache(limit=64 * 1024 * 1024)
"""The cache of this process."""

_COPY_FROM = 100
"""From this many chunks on, COPY into a temporary table beats one INSERT."""
_INSERT = "INSERT INTO chunks (workbook_id, hash, base, data) VALUES {places} ON CONFLICT DO NOTHING"
_PLACES = "(%s, %s, %s, %s)"
_LONGEST_WALK = 1_000
"""Where a read gives up on a chain: far beyond `MAX_CHAIN`, so that only a circle is that long."""
_FLUSH_BYTES = 8 * 1024 * 1024
"""A bulk write leaves for the database whenever it has gathered chunks of so many raw bytes, so memory
stays flat: patches are small, but what they make is held until they have left."""

# A plain join here is planned as a hash join over all chunks of the workbook: LATERAL keeps it a walk
# along the primary key, one step a patch. As text: SQLAlchemy's work on a statement of its own and on the
# rows of a result takes a third of what reading a chunk takes.
_CHAINS = f"""
    WITH RECURSIVE chain AS (
        SELECT hash AS wanted, hash, base, data, 0 AS depth
          FROM chunks WHERE workbook_id = %s AND hash = ANY(%s)
        UNION ALL
        SELECT chain.wanted, link.hash, link.base, link.data, chain.depth + 1
          FROM chain CROSS JOIN LATERAL (
              SELECT hash, base, data FROM chunks
               WHERE workbook_id = %s AND hash = chain.base LIMIT 1
          ) AS link
         WHERE chain.depth <= {_LONGEST_WALK}
    )
    SELECT wanted, hash, base, data FROM chain ORDER BY wanted, depth DESC
    """  # noqa: S608 (a constant of this module)


class PostgresChunks:
    """The chunks of one workbook on one connection, in that connection's transaction."""

    def __init__(self, connection: Connection, workbook_id: UUID, cache: ChunkCache = CACHE) -> None:
        self._connection = connection
        self._workbook_id = workbook_id
        self._cache = cache
        # What was put: not yet sent, and all of it (without the bytes once a bulk write has sent them).
        self._pending: dict[bytes, tuple[bytes | None, bytes]] = {}
        self._pending_bytes = 0
        self._put: dict[bytes, CachedChunk | None] = {}

    def get(self, address: bytes) -> bytes:
        """See `ChunkStore.get`."""
        return self._find({address})[address].raw

    def get_many(self, addresses: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """See `ChunkStore.get_many`."""
        return {address: chunk.raw for address, chunk in self._find(set(addresses)).items()}

    def put(self, raw: bytes, replaces: bytes | None = None) -> bytes:
        """See `ChunkStore.put`. The bytes are in the database after `flush`."""
        address = address_of(raw)
        # Only a chunk of a kept state (`replaces`) or one put by this very transaction is sure to be there.
        # That the cache knows it proves nothing: see `services.garbage`.
        if address == replaces or address in self._put:
            return address
        base, data, chunk = self._stored(address, raw, replaces)
        self._put[address] = chunk
        self._pending[address] = base, data
        self._pending_bytes += len(raw)
        if self._pending_bytes > _FLUSH_BYTES:
            self.flush()
            # A bulk write reads little of what it wrote; holding all would hold the whole sheet.
            self._put = dict.fromkeys(self._put)
        return address

    def flush(self, before: str = "", parameters: tuple[Any, ...] = ()) -> None:
        """Send what was put to the database, in the connection's transaction.

        before, parameters: statements that go ahead of it, in the same round trip where that can be.
        """
        rows = [(address, base, data) for address, (base, data) in self._pending.items()]
        self._pending, self._pending_bytes = {}, 0
        statements = [before] if before else []
        if 0 < len(rows) < _COPY_FROM:
            # The last statement is the one whose count of rows comes back.
            statements.append(_INSERT.format(places=", ".join([_PLACES] * len(rows))))
            workbook_id = str(self._workbook_id)
            parameters += tuple(field for row in rows for field in (workbook_id, *row))
        sent = 0
        if statements:
            sent = self._connection.exec_driver_sql("; ".join(statements), parameters).rowcount
        if len(rows) >= _COPY_FROM:
            sent = self._copy(rows)
        if sent < len(rows):
            # Some were there before, on another chain than the one made here. Which chain is asked of the
            # database when one of them is patched: a chain that is taken for shorter than it is grows.
            self._put.update(dict.fromkeys(address for address, _, _ in rows))

    def committed(self) -> None:
        """Tell the cache what this store wrote, now that its transaction has committed."""
        for address, chunk in self._put.items():
            if chunk:
                self._cache.put(self._workbook_id, address, chunk)
            else:
                self._cache.forget(self._workbook_id, address)
        self._put = {}

    def _stored(
        self, address: bytes, raw: bytes, replaces: bytes | None
    ) -> tuple[bytes | None, bytes, CachedChunk]:
        """(address of the base, data to store, the chunk) of raw bytes."""
        alone: bytes | None = None
        if replaces is not None:
            base: CachedChunk | None = self._find({replaces})[replaces]
            if base and base.depth >= MAX_CHAIN:  # start over from where the chain began
                replaces = base.origin
                # Not from the cache: only what is reachable is sure to be there yet, and the chain a
                # cached chunk was on may have been collected before it was stored anew.
                base = self._put.get(replaces) or self._fetch({replaces}).get(replaces)
            if base and replaces != address:
                data = compress(raw, base.raw)
                # A patch that saves little lengthens a chain for nothing.
                if len(data) * 4 > len(raw):
                    alone = compress(raw)
                if alone is None or len(data) * 2 <= len(alone):
                    return replaces, data, CachedChunk(raw, base.depth + 1, base.origin)
        return None, compress(raw) if alone is None else alone, CachedChunk(raw, 0, address)

    def _find(self, addresses: set[bytes]) -> dict[bytes, CachedChunk]:
        """Each address's chunk: just put, from the cache, or from the database. Raises MissingChunk."""
        found = {}
        for address in addresses:
            own = address in self._put
            chunk = self._put[address] if own else self._cache.get(self._workbook_id, address)
            if chunk:
                found[address] = chunk
        missing = addresses - found.keys()
        if missing:
            for address, chunk in self._fetch(missing).items():
                found[address] = chunk
                if address not in self._put:  # what this transaction wrote is not there to stay yet
                    self._cache.put(self._workbook_id, address, chunk)
        for address in addresses - found.keys():
            raise MissingChunk(address)
        return found

    def _fetch(self, addresses: set[bytes]) -> dict[bytes, CachedChunk]:
        """Chunks and the chains they stand on, in one query. Raises MissingChunk or CorruptChunk."""
        workbook_id = str(self._workbook_id)
        rows = self._connection.exec_driver_sql(_CHAINS, (workbook_id, list(addresses), workbook_id))
        found: dict[bytes, CachedChunk] = {}
        for wanted, group in groupby(rows, itemgetter(0)):
            address, links = bytes(wanted), list(group)
            _, origin, base, _ = links[0]
            if base is not None:
                raise MissingChunk(bytes(base))
            raw = decompress_chain(address, [bytes(data) for *_, data in links])
            found[address] = CachedChunk(verified(address, raw), len(links) - 1, bytes(origin))
        return found

    def _copy(self, rows: Sequence[tuple[bytes, bytes | None, bytes]]) -> int:
        """Send many chunks by COPY BINARY, which has no ON CONFLICT of its own: by way of a table.

        Returns how many of them were not there before.
        """
        self._connection.execute(
            text(
                "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_chunks"
                " (LIKE chunks INCLUDING DEFAULTS) ON COMMIT DROP"
            )
        )
        stream = BytesIO()
        stream.write(_COPY_HEADER)
        for row in rows:
            stream.write(_COPY_FIELDS)
            for field in (self._workbook_id.bytes, *row):
                stream.write(_COPY_NULL if field is None else struct.pack(">i", len(field)) + field)
        stream.write(_COPY_END)
        stream.seek(0)
        cursor: Any = self._connection.connection.cursor()
        cursor.copy_expert("COPY incoming_chunks FROM STDIN (FORMAT BINARY)", stream)
        inserted = self._connection.execute(
            text("INSERT INTO chunks SELECT * FROM incoming_chunks ON CONFLICT DO NOTHING")
        ).rowcount
        self._connection.execute(text("TRUNCATE incoming_chunks"))
        return inserted


# PostgreSQL's binary COPY format: signature, flags and header extension; then per row its count of
# fields, each behind its length (-1 for NULL); then -1.
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_FIELDS = struct.pack(">h", 4)
_COPY_NULL = struct.pack(">i", -1)
_COPY_END = struct.pack(">h", -1)
