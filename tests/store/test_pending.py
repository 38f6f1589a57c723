"""Claims about replacements that wait beside a tree's root."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.memory import MemoryChunks
from app.store.node import Entry, Node, kept
from app.store.pending import NOTHING, Pending, load_with
from app.store.protocol import NOWHERE, CorruptChunk

ADDRESSES = st.sampled_from([NOWHERE, *(bytes([n]) * 16 for n in range(1, 9))])
ENTRIES = st.builds(Entry, ADDRESSES, ADDRESSES, st.integers(1, 9))


@st.composite
def pairs_of_nodes(draw):
    """Two nodes of the same counts."""
    entries = draw(st.lists(ENTRIES, max_size=8))
    others = [
        draw(ENTRIES)._replace(height=entry.height) if draw(st.booleans()) else entry for entry in entries
    ]
    return Node.of(0, entries), Node.of(0, others)


@given(pairs_of_nodes())
def test_what_is_between_two_nodes_makes_one_of_the_other(pair):
    """Replacing the entries that differ gives the other node; between equal nodes nothing is pending."""
    before, after = pair
    between = Pending.between(before, after)
    assert between.applied(before) == after
    assert (between == NOTHING) == (before == after)


@given(st.lists(pairs_of_nodes(), max_size=5))
def test_parts_make_the_whole(pairs):
    """What is pending in several nodes, put together row by row, falls into the same parts again."""
    whole, first = NOTHING, 0
    for before, after in pairs:
        whole = whole.with_part(first, first + before.count, Pending.between(before, after))
        first += before.count
    first = 0
    for before, after in pairs:
        assert whole.within(first, first + before.count).applied(before) == after
        whole = whole.with_part(first, first + before.count, NOTHING)
        first += before.count
    assert whole == NOTHING


def test_a_replacement_where_no_block_begins_is_corrupt():
    """A node is not read with replacements that are not its own."""
    store = MemoryChunks()
    [entry] = kept(store, Node.of(0, [Entry(b"\x01" * 16, NOWHERE, 5)]))
    with pytest.raises(CorruptChunk) as caught:
        load_with(store, entry.address, Pending((3,), b"\x02" * 16))
    assert caught.value.address == entry.address


def test_the_bytes_are_pinned():
    """The stored form of version 1, as docs/formats.md gives it."""
    node = Node.of(0, [Entry(bytes([n]) * 16, NOWHERE, 300) for n in (1, 2, 3)])
    after = node.spliced(1, 2, [Entry(b"\x07" * 16, b"\x08" * 16, 300)])
    assert msgspec.msgpack.encode(Pending.between(node, after)).hex() == GOLDEN
    assert msgspec.msgpack.encode(NOTHING).hex() == "9390c400c400"


GOLDEN = f"9391cd012cc410{'07' * 16}c410{'08' * 16}"
