"""Claims about chunks that are read for inspection."""

from io import UnsupportedOperation

import pytest

from app.store.delta import compress
from app.store.protocol import CorruptChunk, MissingChunk, address_of
from app.store.proven import ProvenChunks

STATES = [b"a state of a block, number %d " % number * 20 for number in range(40)]


class Table:
    """Stored rows of a chain of patches, each on the state before it, and which of them were fetched."""

    def __init__(self):
        self.addresses = [address_of(raw) for raw in STATES]
        bases = [None, *STATES]
        self.data = {address_of(raw): compress(raw, base) for raw, base in zip(STATES, bases, strict=False)}
        self.bases = dict(zip(self.addresses, [None, *self.addresses], strict=False))
        self.fetched = []

    def store(self, limit=10**6):
        return ProvenChunks(self.bases, self.fetch, limit)

    def fetch(self, addresses):
        self.fetched += addresses
        return {address: self.data[address] for address in addresses if address in self.data}


@pytest.mark.parametrize("limit", [0, 2_000, 10**6])
def test_reads_what_is_stored(limit):
    """Every state of a chain comes back, one by one or together, however little memory there is."""
    table = Table()
    store = table.store(limit)
    assert [store.get(address) for address in table.addresses] == STATES
    assert store.get_many(table.addresses) == dict(zip(table.addresses, STATES, strict=True))


def test_each_link_is_fetched_once():
    """Reading the last of a chain, and then all before it, fetches each once."""
    table = Table()
    store = table.store()
    for address in reversed(table.addresses):
        store.get(address)
    assert sorted(table.fetched) == sorted(table.addresses)


def test_a_fault_is_told_of_the_link_that_has_it():
    """What stands on a damaged or lost link raises an error that names the link; what is below is read."""
    table = Table()
    tenth, last = table.addresses[10], table.addresses[-1]
    table.data[tenth] = table.data[tenth][:-1]
    store = table.store()
    for _ in range(2):
        with pytest.raises(CorruptChunk) as corrupt:
            store.get(last)
        assert corrupt.value.address == tenth
    assert store.get(table.addresses[9]) == STATES[9]
    del table.data[tenth]
    with pytest.raises(MissingChunk) as missing:
        table.store().get(last)
    assert missing.value.address == tenth
    del table.bases[tenth]
    with pytest.raises(MissingChunk) as missing:
        table.store().get(last)
    assert missing.value.address == tenth


def test_the_sound_ones_are_read_beside_a_faulty_one():
    """One faulty chunk of many asked for together does not keep the others from being at hand."""
    table = Table()
    del table.data[table.addresses[-1]]
    store = table.store()
    with pytest.raises(MissingChunk):
        store.get_many(table.addresses)
    table.fetched.clear()
    assert store.get(table.addresses[-2]) == STATES[-2]
    assert table.fetched == []


def test_a_circle_of_patches_is_corrupt():
    """A chain that comes back to itself ends in an error, not in an endless walk."""
    table = Table()
    table.bases[table.addresses[0]] = table.addresses[5]
    with pytest.raises(CorruptChunk):
        table.store().get(table.addresses[-1])


def test_nothing_is_written():
    """An inspection cannot store anything."""
    with pytest.raises(UnsupportedOperation):
        Table().store().put(b"raw")
