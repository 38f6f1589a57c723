"""A bounded cache of raw chunks, shared by the threads of a process."""

import threading
from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID


class CachedChunk(NamedTuple):
    """A chunk as a store knows it: its verified bytes, and the patch chain it is stored on.

    depth: how many patches lie between it and a chunk that stands alone. origin: that chunk's address.
    """

    raw: bytes
    depth: int
    origin: bytes


class ChunkCache:
    """The most recently used chunks of any workbook, up to a number of bytes. Chunks never change, so
    nothing in it can be out of date; what was put by a commit that failed must be dropped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._chunks: OrderedDict[tuple[UUID, bytes], CachedChunk] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, workbook_id: UUID, address: bytes) -> CachedChunk | None:
        """The chunk, if it is here."""
        with self._lock:
            chunk = self._chunks.get((workbook_id, address))
            if chunk is not None:
                self._chunks.move_to_end((workbook_id, address))
            return chunk

    def put(self, workbook_id: UUID, address: bytes, chunk: CachedChunk) -> None:
        """Keep a chunk and let go of those unused for longest; one that would crowd out many is not kept."""
        if len(chunk.raw) > self._limit // 8:
            return
        with self._lock:
            self._forget((workbook_id, address))
            self._chunks[workbook_id, address] = chunk
            self._size += len(chunk.raw)
            while self._size > self._limit and self._chunks:
                self._forget(next(iter(self._chunks)))

    def forget(self, workbook_id: UUID, address: bytes) -> None:
        """Let go of a chunk, if it is here."""
        with self._lock:
            self._forget((workbook_id, address))

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._chunks.clear()
            self._size = 0

    def _forget(self, key: tuple[UUID, bytes]) -> None:
        gone = self._chunks.pop(key, None)
        if gone is not None:
            self._size -= len(gone.raw)
