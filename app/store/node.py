"""Nodes of a sheet's tree: their entries as they are stored, found by row and replaced.

A node is a list of entries. At level 0 an entry is a block (address, companion's address, row count)
or a gap (no address: rows that hold nothing); above, it is a node and the count of rows below it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from struct import Struct
from typing import NamedTuple

import msgspec

from app.store.protocol import ADDRESS_BYTES, NOWHERE, ChunkStore, CorruptChunk

FANOUT = 64
"""Entries a node has on average; it is cut where a child's address says so, and split when it doubles."""
LEAST_FANOUT, MOST_FANOUT = FANOUT // 4, FANOUT * 2

_VERSION = 1


class Entry(NamedTuple):
    """A child of a node: its address (NOWHERE for a gap), its companion's, and how many rows it covers."""

    address: bytes
    computed: bytes
    height: int


class Node(msgspec.Struct, frozen=True, array_like=True):
    """A node as it is stored: entries as parallel sequences, addresses joined end to end.

    level: 0 where the entries are blocks. computed: empty where no entry has a companion.
    """

    level: int
    addresses: bytes
    computed: bytes
    counts: Sequence[int]

    @classmethod
    def of(cls, level: int, entries: Sequence[Entry]) -> "Node":
        """The node of entries."""
        return cls(level, b"", b"", []).spliced(0, 0, entries)

    def entries(self) -> list[Entry]:
        """The node's children, in order."""
        cuts = range(0, len(self.addresses), ADDRESS_BYTES)
        computed = self.computed or bytes(len(self.addresses))
        return [
            Entry(self.addresses[at : at + ADDRESS_BYTES], computed[at : at + ADDRESS_BYTES], count)
            for at, count in zip(cuts, self.counts, strict=True)
        ]

    def entry(self, place: int) -> Entry:
        """The child at a place; the first is at 0."""
        cut = slice(place * ADDRESS_BYTES, (place + 1) * ADDRESS_BYTES)
        return Entry(self.addresses[cut], self.computed[cut] or NOWHERE, self.counts[place])

    def spliced(self, place: int, until: int, entries: Sequence[Entry]) -> "Node":
        """The node with the children from `place` up to `until` replaced."""
        addresses, computed = spliced(self.addresses, self.computed, place, until, entries)
        counts = [*self.counts[:place], *(entry.height for entry in entries), *self.counts[until:]]
        return Node(self.level, addresses, computed, counts)

    def differing(self, other: "Node") -> list[int]:
        """The places at which another node with as many children has another child."""
        places = _unequal(self.addresses, other.addresses)
        if not (self.computed or other.computed):
            return places
        mine, others = (node.computed or bytes(len(node.addresses)) for node in (self, other))
        return sorted({*places, *_unequal(mine, others)})

    @property
    def count(self) -> int:
        """How many rows the node covers."""
        return sum(self.counts)

    def placed(self, first: int) -> Iterator[tuple[int, Entry]]:
        """(first row, entry) of each child, where the first row of the node is `first`."""
        return zip(accumulate(self.counts, initial=first), self.entries(), strict=False)

    def assigned(self, first: int, rows: Sequence[int]) -> Iterator[tuple[int, int, Entry, Sequence[int]]]:
        """(place, first row, entry, rows inside) of each child that covers any of the ascending `rows`,
        where the first row of the node is `first`."""
        starts = list(accumulate(self.counts, initial=first))
        at = bisect_left(rows, first)
        while at < len(rows) and rows[at] < starts[-1]:
            place = bisect_right(starts, rows[at]) - 1
            end = bisect_left(rows, starts[place + 1], lo=at)
            yield place, starts[place], self.entry(place), rows[at:end]
            at = end


EMPTY_NODE = Node(0, b"", b"", [])
_NONE: Mapping[bytes, bytes] = {}


def spliced(
    addresses: bytes, computed: bytes, place: int, until: int, entries: Sequence[Entry]
) -> tuple[bytes, bytes]:
    """Addresses and companions' addresses end to end, those from `place` up to `until` replaced.

    No companion's address at all stands for none that is somewhere.
    """
    start, stop = place * ADDRESS_BYTES, until * ADDRESS_BYTES
    companions = b"".join([entry.computed for entry in entries])
    if computed or companions.strip(b"\0"):
        computed = computed or bytes(len(addresses))
        computed = computed[:start] + companions + computed[stop:]
    return (
        addresses[:start] + b"".join([entry.address for entry in entries]) + addresses[stop:],
        computed if computed.strip(b"\0") else b"",
    )


def load_node(store: ChunkStore, address: bytes) -> Node:
    """The node kept at an address. Raises MissingChunk or CorruptChunk."""
    try:
        version, node = _DECODER.decode(store.get(address))
    except msgspec.DecodeError as error:
        raise CorruptChunk(address, f"it is no node ({error})") from None
    if version != _VERSION:
        raise CorruptChunk(address, f"node version {version} is unknown to this Cellar")
    return node


def kept(
    store: ChunkStore, node: Node, replaced: bytes | None = None, older: Mapping[bytes, bytes] = _NONE
) -> list[Entry]:
    """Keep a node and return the entry of it, or those of several where it has too many children for one.

    They are cut where a child's address says so; the first may be kept as a patch of the node that they
    replace, the others as patches of the `older` nodes, by child, that had one of their children.
    """
    if len(node.counts) <= MOST_FANOUT:
        return [_kept(store, node, replaced)] if node.counts else []
    nodes: list[list[Entry]] = [[]]
    for entry in node.entries():
        nodes[-1].append(entry)
        full = len(nodes[-1])
        cut = full >= LEAST_FANOUT and int.from_bytes(entry.address[:2]) % FANOUT == 0
        if cut or full == MOST_FANOUT:
            nodes.append([])
    made = []
    for children in filter(None, nodes):
        origin = next((older[child.address] for child in children if child.address in older), None)
        made.append(_kept(store, Node.of(node.level, children), replaced or origin))
        replaced = None
    return made


def _unequal(one: bytes, other: bytes) -> list[int]:
    """The places at which addresses end to end are not the same."""
    pairs = zip(_ADDRESSES.iter_unpack(one), _ADDRESSES.iter_unpack(other), strict=True)
    return [place for place, (mine, theirs) in enumerate(pairs) if mine != theirs]


def _kept(store: ChunkStore, node: Node, replaced: bytes | None) -> Entry:
    return Entry(store.put(_encode((_VERSION, node)), replaced), NOWHERE, node.count)


_ADDRESSES = Struct(f"{ADDRESS_BYTES}s")
_encode = msgspec.msgpack.Encoder().encode
_DECODER = msgspec.msgpack.Decoder(tuple[int, Node])
