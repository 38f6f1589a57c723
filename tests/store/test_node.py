"""Claims about the nodes of a tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.memory import MemoryChunks
from app.store.node import LEAST_FANOUT, MOST_FANOUT, Entry, Node, kept, load_node
from app.store.protocol import NOWHERE, CorruptChunk, address_of

ADDRESSES = st.binary(min_size=16, max_size=16)
ENTRIES = st.lists(
    st.builds(Entry, ADDRESSES, st.one_of(st.just(NOWHERE), ADDRESSES), st.integers(1, 400)), max_size=20
)


@given(ENTRIES, ENTRIES, st.data())
def test_splicing_is_that_of_the_list_of_entries(entries, new, data):
    """A node's entries come back, and are replaced as a list's items are."""
    place = data.draw(st.integers(0, len(entries)))
    until = data.draw(st.integers(place, len(entries)))
    node = Node.of(0, entries)
    assert node.entries() == entries == [node.entry(at) for at in range(len(entries))]
    entries[place:until] = new
    assert node.spliced(place, until, new) == Node.of(0, entries)


@given(ENTRIES, st.sets(st.integers(0, 9_000)), st.integers(0, 500))
def test_rows_are_assigned_to_the_children_that_cover_them(entries, rows, first):
    """Every row is told with the child it lies in, and rows outside the node are left out."""
    node = Node.of(0, entries)
    assigned = {
        row: (at, entry)
        for place, at, entry, inside in node.assigned(first, sorted(rows))
        for row in inside
        if entry == entries[place]
    }
    assert assigned == {
        row: (at, entry) for at, entry in node.placed(first) for row in rows if at <= row < at + entry.height
    }


@given(st.integers(0, 700), st.integers(0, 9))
def test_a_node_too_large_is_kept_as_several(count, seed):
    """However many children there are, those kept are all of them, in order, and no node has too many."""
    store = MemoryChunks()
    entries = [Entry(address_of(bytes([seed, at % 256, at // 256])), NOWHERE, 1) for at in range(count)]
    made = [load_node(store, entry.address) for entry in kept(store, Node.of(0, entries))]
    assert [entry for node in made for entry in node.entries()] == entries
    assert all(len(node.counts) <= MOST_FANOUT for node in made)
    assert all(len(node.counts) >= LEAST_FANOUT for node in made[:-1])


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x92\x01\x00", b"\x92\x09\x94\x00\xc4\x00\xc4\x00\x90"])
def test_what_is_no_node_is_corrupt(raw):
    """Whatever the bytes, the error is CorruptChunk."""
    store = MemoryChunks()
    with pytest.raises(CorruptChunk):
        load_node(store, store.put(raw))


def test_the_bytes_of_a_node_are_pinned():
    """The stored form of version 1, as docs/formats.md gives it."""
    store = MemoryChunks()
    kept(store, Node.of(1, [Entry(b"\x01" * 16, NOWHERE, 5), Entry(b"\x02" * 16, NOWHERE, 300)]))
    [raw] = store.chunks.values()
    assert raw.hex() == f"92019401c420{'01' * 16}{'02' * 16}c4009205cd012c"
