"""Stored data: compressed alone or as patches of patches, and read back at once or link by link."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.delta import compress, decompress, decompress_chain
from app.store.protocol import CorruptChunk

STATES = st.lists(st.binary(min_size=1, max_size=60).map(lambda raw: raw * 20), min_size=1, max_size=6)


def chain_of(states):
    """Stored data of states, each a patch of the one before it."""
    return [compress(raw, base) for raw, base in zip(states, [None, *states], strict=False)]


@given(STATES)
def test_a_chain_is_read_as_link_by_link(states):
    """Reading a whole chain in one call gives what reading one link after the other gives."""
    raw = None
    for data in chain_of(states):
        raw = decompress(b"", data, raw)
    assert (decompress_chain(b"", chain_of(states)), raw) == (states[-1], states[-1])


@given(STATES, st.data())
def test_damaged_data_is_corrupt_and_nothing_else(states, data):
    """Whichever byte of a chain is damaged or cut off, the error is CorruptChunk, or other bytes come out."""
    links = chain_of(states)
    at = data.draw(st.integers(0, len(links) - 1))
    place = data.draw(st.integers(0, len(links[at]) - 1))
    flipped = bytes([links[at][place] ^ data.draw(st.integers(1, 255))])
    rest = data.draw(st.sampled_from([links[at][place + 1 :], b""]))
    links[at] = links[at][:place] + flipped + rest
    with suppress(CorruptChunk):
        decompress_chain(b"", links)


@pytest.mark.parametrize("data", [b"", b"\x00raw", b"\x01", b"\x02\x20\x00\x01\x00\x00"])
def test_data_in_no_known_form_is_corrupt(data):
    """Stored data begins with its form, and a frame follows."""
    for links in ([data], [compress(b"base" * 9), data]):
        with pytest.raises(CorruptChunk):
            decompress_chain(b"", links)


def test_nothing_is_stored_in_one_way_only():
    """Damage shows in the stored data of an empty chunk too, though it decodes to nothing all the same."""
    data = compress(b"")
    assert decompress(b"", data) == b""
    for at in range(len(data)):
        with pytest.raises(CorruptChunk):
            decompress(b"", data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
