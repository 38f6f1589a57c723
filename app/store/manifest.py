"""The root of a workbook's state: which sheets it has, and where everything of it is kept."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from app.store.node import EMPTY_NODE, Node
from app.store.pending import NOTHING, Pending
from app.store.protocol import ADDRESS_BYTES, ChunkStore, CorruptChunk, address_of
from app.store.stretches import stretches

_VERSION = 1


class StoredSheet(msgspec.Struct, frozen=True, array_like=True):
    """One sheet: its place in the workbook is its place among the sheets.

    id: stays the sheet's own through renames and moves. frame: address of the frame's bytes.
    rows: the root node of its rows. pending: what is replaced in the nodes below that. columns: one past
    the last column that holds (or held) anything. formulas: how many cells hold one. edited: whether
    anything differs from the file it came from.
    """

    id: int
    name: str
    state: str
    kind: str
    frame: bytes
    rows: Node = EMPTY_NODE
    pending: Pending = NOTHING
    columns: int = 0
    formulas: int = 0
    edited: bool = False


class Source(msgspec.Struct, frozen=True, array_like=True):
    """The file a state came from: its name, size in bytes, and SHA-256.

    original: address of the list of the file's pieces, where it is kept as it came; else None.
    """

    name: str
    size: int
    sha256: bytes
    original: bytes | None = None


class Manifest(msgspec.Struct, frozen=True, array_like=True):
    """A workbook's state. Addresses: `package` and `report` of one chunk each, `parts` of a list of them.

    stale: computed values may not fit what was entered since. next_sheet: the id the next sheet gets.
    """

    format: str
    sheets: Sequence[StoredSheet]
    package: bytes
    parts: bytes
    report: bytes
    next_sheet: int
    stale: bool = False
    source: Source | None = None


def load(store: ChunkStore, root: bytes) -> Manifest:
    """The manifest at an address. Raises MissingChunk or CorruptChunk."""
    try:
        version, manifest = _DECODER.decode(store.get(root))
    except msgspec.DecodeError as error:
        raise CorruptChunk(root, f"it is no manifest ({error})") from None
    if version != _VERSION:
        raise CorruptChunk(root, f"manifest version {version} is unknown to this Cellar")
    return manifest


def save(store: ChunkStore, manifest: Manifest, replaces: bytes | None = None) -> bytes:
    """Keep a manifest and return its address."""
    return store.put(msgspec.msgpack.encode((_VERSION, manifest)), replaces)


def save_parts(store: ChunkStore, parts: Iterable[bytes]) -> bytes:
    """Keep parts, or the pieces of a file, each as a chunk, and return the address of their list."""
    return store.put(b"".join(store.put(part) for part in parts))


def save_parts_over(store: ChunkStore, parts: Sequence[bytes], older: "StoredParts") -> bytes:
    """Keep parts that take the place of others, what is similar as a patch; the address of their list."""
    kept = []
    for stretch in stretches(range(len(parts)), lambda at: address_of(parts[at]), older.addresses):
        for place, at in enumerate(stretch.pieces):
            origin = stretch.origin(place)
            kept.append(store.put(parts[at], None if origin is None else older.addresses[origin]))
    return store.put(b"".join(kept), older.address)


def with_parts(store: ChunkStore, address: bytes, changed: Mapping[int, bytes]) -> bytes:
    """Keep other parts at places of a kept list, or behind its end; returns the new list's address."""
    known = store.get(address)
    addresses = [known[at : at + ADDRESS_BYTES] for at in range(0, len(known), ADDRESS_BYTES)]
    for at in sorted(changed):
        if at < len(addresses):
            addresses[at] = store.put(changed[at], addresses[at])
        else:
            addresses.append(store.put(changed[at]))
    return store.put(b"".join(addresses), address)


class StoredParts(Sequence[bytes]):
    """The parts of a kept list, fetched one at a time."""

    def __init__(self, store: ChunkStore, address: bytes) -> None:
        self.address = address
        listed = store.get(address)
        self.addresses = [
            listed[at : at + ADDRESS_BYTES] for at in range(0, len(listed) - ADDRESS_BYTES + 1, ADDRESS_BYTES)
        ]
        self._store = store

    def __len__(self) -> int:
        return len(self.addresses)

    def __getitem__(self, at: int) -> bytes:  # type: ignore[override]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self._store.get(self.addresses[at])


_DECODER = msgspec.msgpack.Decoder(tuple[int, Manifest])
