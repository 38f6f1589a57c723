"""Claims about manifests: the roots of states."""

import pytest

from app.store import manifest as manifests
from app.store.manifest import Manifest, Source, StoredParts, StoredSheet
from app.store.memory import MemoryChunks
from app.store.node import Entry, Node
from app.store.pending import Pending
from app.store.protocol import NOWHERE, CorruptChunk


def made():
    """A manifest with a sheet in whose tree a replacement is pending."""
    root = Node.of(1, [Entry(b"\x05" * 16, NOWHERE, 700)])
    pending = Pending((300,), b"\x06" * 16)
    sheet = StoredSheet(1, "One", "visible", "worksheet", b"\x01" * 16, root, pending, 3, 2, edited=True)
    source = Source("a.csv", 9, b"\x07" * 32, b"\x08" * 16)
    return Manifest("csv", [sheet], b"\x02" * 16, b"\x03" * 16, b"\x04" * 16, 2, False, source)


def test_a_manifest_comes_back():
    """What is kept is what is loaded, pending replacements included."""
    store = MemoryChunks()
    loaded = manifests.load(store, manifests.save(store, made()))
    assert loaded == made()


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x92\x01\x90", b"\x91\x01"])
def test_what_is_no_manifest_is_corrupt(raw):
    """Whatever the bytes, the error is CorruptChunk."""
    store = MemoryChunks()
    with pytest.raises(CorruptChunk):
        manifests.load(store, store.put(raw))


def test_the_bytes_and_the_root_are_pinned():
    """The stored form of version 1, as docs/formats.md gives it, and its address."""
    store = MemoryChunks()
    root = manifests.save(store, made())
    assert (store.chunks[root].hex(), root.hex()) == (GOLDEN, ROOT)


GOLDEN = (
    "920198a3637376919a01a34f6e65a776697369626c65a9776f726b7368656574c41001010101010101010101"
    "0101010101019401c41005050505050505050505050505050505c40091cd02bc9391cd012cc4100606060606"
    "0606060606060606060606c4000302c3c41002020202020202020202020202020202c4100303030303030303"
    "0303030303030303c4100404040404040404040404040404040402c294a5612e63737609c420070707070707"
    "0707070707070707070707070707070707070707070707070707c41008080808080808080808080808080808"
)
ROOT = "7b7857523548e794933682ea26658c13"


def test_parts_are_replaced_in_their_places_and_added_behind():
    """Other parts keep their addresses, so an older list's places stand for the same parts."""
    store = MemoryChunks()
    first = manifests.save_parts(store, [b"a", b"b" * 500, b"c"])
    then = manifests.with_parts(store, first, {1: b"b" * 500 + b"!", 3: b"d"})
    assert list(StoredParts(store, then)) == [b"a", b"b" * 500 + b"!", b"c", b"d"]
    assert list(StoredParts(store, first)) == [b"a", b"b" * 500, b"c"]
