"""What a chunk store is: bytes kept under their hash."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Protocol

ADDRESS_BYTES = 16
NOWHERE = b"\0" * ADDRESS_BYTES
"""The address of nothing: what stands where a chunk might, and there is none."""


class CorruptChunk(Exception):
    """Stored bytes are not what they were when they were written: `address` is the chunk's."""

    def __init__(self, address: bytes, why: str) -> None:
        super().__init__(f"chunk {address.hex()} is damaged: {why}. Restore it from a back-up.")
        self.address = address


class MissingChunk(Exception):
    """A chunk that something refers to is not there: `address` is the chunk's."""

    def __init__(self, address: bytes) -> None:
        super().__init__(f"chunk {address.hex()} is missing. Restore it from a back-up.")
        self.address = address


class ChunkStore(Protocol):
    """Immutable byte strings under the address of their content."""

    def get(self, address: bytes) -> bytes:
        """The bytes at an address. Raises MissingChunk or CorruptChunk."""
        ...

    def get_many(self, addresses: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """The bytes at each address, fetched together. Raises as `get` does."""
        ...

    def put(self, raw: bytes, replaces: bytes | None = None) -> bytes:
        """Keep bytes and return their address; keeping them twice is keeping them once.

        replaces: address of a kept chunk that `raw` is a later state of: a hint that lets a store
        keep only the difference.
        """
        ...


def address_of(raw: bytes) -> bytes:
    """The address of bytes: the first 16 bytes of their SHA-256.

    Addresses are per workbook, so the threat is a second preimage, not a collision: 128 bits do.
    """
    return hashlib.sha256(raw).digest()[:ADDRESS_BYTES]


def verified(address: bytes, raw: bytes) -> bytes:
    """`raw`, proved to be what `address` names. Raises CorruptChunk."""
    if address_of(raw) != address:
        raise CorruptChunk(address, "its content does not match its address")
    return raw
