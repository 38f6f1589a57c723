"""A chunk store in memory: what the heart's tests, and comparisons of files not yet kept, run on."""

from collections.abc import Iterable, Mapping

from app.store.protocol import MissingChunk, address_of, verified


class MemoryChunks:
    """Chunks in a dict."""

    def __init__(self) -> None:
        self.chunks: dict[bytes, bytes] = {}

    def get(self, address: bytes) -> bytes:
        """See `ChunkStore.get`."""
        try:
            return verified(address, self.chunks[address])
        except KeyError:
            raise MissingChunk(address) from None

    def get_many(self, addresses: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """See `ChunkStore.get_many`."""
        return {address: self.get(address) for address in addresses}

    def put(self, raw: bytes, replaces: bytes | None = None) -> bytes:  # noqa: ARG002 — kept whole here
        """See `ChunkStore.put`."""
        address = address_of(raw)
        self.chunks[address] = raw
        return address
