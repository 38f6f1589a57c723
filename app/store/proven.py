"""Chunks read for inspection: straight from where they are stored, every link of every chain proved."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from io import UnsupportedOperation
from typing import TypeAlias

from app.store.delta import decompress
from app.store.protocol import CorruptChunk, MissingChunk, verified

Fetch: TypeAlias = Callable[[Iterable[bytes]], Mapping[bytes, bytes]]
"""The stored data of chunks by address, without those that are not there."""


class ProvenChunks:
    """The chunks of one workbook for reading only.

    Unlike the store that serves requests it shares no cache, so it sees what is stored now; it proves
    also the chunks that others are patches of, so that a fault is told of the chunk that has it; and it
    decodes a chunk once as long as `limit` bytes hold what is patched and read again.
    """

    def __init__(self, bases: Mapping[bytes, bytes | None], fetch: Fetch, limit: int = 64 << 20) -> None:
        """bases: every stored address and the chunk it is a patch of."""
        self._bases = bases
        self._fetch = fetch
        self._limit = limit
        self._size = 0
        self._recent: OrderedDict[bytes, bytes] = OrderedDict()
        self._faults: dict[bytes, MissingChunk | CorruptChunk] = {}

    def get(self, address: bytes) -> bytes:
        """See `ChunkStore.get`; what is raised names the chunk of the chain that has the fault."""
        return self.get_many((address,))[address]

    def get_many(self, addresses: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """See `ChunkStore.get_many`. All that can be read is, before anything is raised."""
        wanted = set(addresses)
        chains = [self._chain(address) for address in wanted]
        stored = self._fetch({link for chain in chains for link in chain}) if any(chains) else {}
        for chain in chains:
            self._decode(chain, stored)
        for address in wanted & self._faults.keys():
            raise self._faults[address].with_traceback(None)
        read = {address: self._recent[address] for address in wanted}
        for address in wanted:
            self._recent.move_to_end(address)
        while self._size > self._limit:
            self._size -= len(self._recent.popitem(last=False)[1])
        return read

    def put(self, raw: bytes, replaces: bytes | None = None) -> bytes:  # noqa: ARG002 — see below
        """Refused: an inspection changes nothing."""
        raise UnsupportedOperation("chunks read for inspection are not written")

    def _chain(self, address: bytes) -> list[bytes]:
        """The links to decode for a chunk, from the first to itself; none where it is at hand or faulty."""
        links: list[bytes] = []
        link: bytes | None = address
        while link is not None and link not in self._recent:
            fault = self._faults.get(link)
            if fault is None and link not in self._bases:
                fault = MissingChunk(link)
            if fault is None and link in links:
                fault = CorruptChunk(link, "its chain of patches runs in a circle")
            if fault is not None:
                self._faults.update(dict.fromkeys([*links, link], fault))
                return []
            links.append(link)
            link = self._bases[link]
        return links[::-1]

    def _decode(self, chain: list[bytes], stored: Mapping[bytes, bytes]) -> None:
        """Decode and prove the links of a chain that are not at hand; after a faulty one all are faulty."""
        for at, link in enumerate(chain):
            if link in self._recent:
                continue
            base = self._bases[link]
            fault = self._faults.get(link) or (self._faults.get(base) if base else None)
            try:
                if fault:
                    raise fault.with_traceback(None)
                if link not in stored:
                    raise MissingChunk(link)
                raw = decompress(link, stored[link], self._recent[base] if base else None)
                self._recent[link] = verified(link, raw)
                self._size += len(raw)
            except (MissingChunk, CorruptChunk) as error:
                self._faults.update(dict.fromkeys(chain[at:], error))
                return
