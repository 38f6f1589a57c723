"""Replacements of blocks that wait beside a tree's root until its nodes are written anew.

An edit that replaces blocks and moves no row would write, for the sake of one address, the node above
each block. It records the replacement beside the root instead, which is stored anew anyway; a node is
written once for several of them. This is the buffer of a Bε-tree (Brodal and Fagerberg, "Lower Bounds
for External Memory Dictionaries", 2003), at the root alone.
"""

from bisect import bisect_left
from itertools import accumulate

import msgspec

from app.store.node import Node, load_node
from app.store.protocol import ADDRESS_BYTES, NOWHERE, ChunkStore, CorruptChunk


class Pending(msgspec.Struct, frozen=True, array_like=True):
    """Replaced entries of nodes at level 0, by their first row: parallel sequences as those of a node.

    rows: ascending, counted from the first of the tree, or of the node that a part belongs to. addresses:
    of the blocks in their place, NOWHERE for a gap. computed: of their companions, or empty. An entry
    keeps its count of rows.
    """

    rows: tuple[int, ...] = ()
    addresses: bytes = b""
    computed: bytes = b""

    @classmethod
    def between(cls, before: Node, after: Node) -> "Pending":
        """What makes one node at level 0 of another that has as many rows in each of its entries."""
        starts = list(accumulate(before.counts, initial=0))
        pairs = [(place, after.entry(place)) for place in before.differing(after)]
        computed = b"".join([entry.computed for _, entry in pairs])
        return cls(
            tuple(starts[place] for place, _ in pairs),
            b"".join([entry.address for _, entry in pairs]),
            computed if computed.strip(b"\0") else b"",
        )

    def within(self, start: int, stop: int) -> "Pending":
        """What is pending in rows [start, stop), counted from the first of them."""
        low, high = self._places(start, stop)
        cut = slice(low * ADDRESS_BYTES, high * ADDRESS_BYTES)
        computed = self.computed[cut]
        return Pending(
            tuple(row - start for row in self.rows[low:high]),
            self.addresses[cut],
            computed if computed.strip(b"\0") else b"",
        )

    def with_part(self, start: int, stop: int, part: "Pending") -> "Pending":
        """The same with `part`, counted from row `start`, in place of what is pending in [start, stop)."""
        low, high = self._places(start, stop)
        first, last = low * ADDRESS_BYTES, high * ADDRESS_BYTES
        computed = b""
        if self.computed or part.computed:
            mine = self.computed or bytes(len(self.addresses))
            computed = mine[:first] + (part.computed or bytes(len(part.addresses))) + mine[last:]
        return Pending(
            (*self.rows[:low], *(start + row for row in part.rows), *self.rows[high:]),
            self.addresses[:first] + part.addresses + self.addresses[last:],
            computed if computed.strip(b"\0") else b"",
        )

    def applied(self, node: Node) -> Node:
        """A node at level 0, whose part this is, with its entries replaced. Raises ValueError."""
        if not self.rows:
            return node
        starts = list(accumulate(node.counts[:-1], initial=0))
        addresses = bytearray(node.addresses)
        computed = bytearray(node.computed)
        if self.computed and not computed:
            computed = bytearray(len(addresses))
        for at, row in enumerate(self.rows):
            place = bisect_left(starts, row)
            if place == len(starts) or starts[place] != row:
                raise ValueError(
                    f"a replacement is pending for its row {row}, where none of its blocks begins"
                )
            cut = slice(place * ADDRESS_BYTES, (place + 1) * ADDRESS_BYTES)
            own = slice(at * ADDRESS_BYTES, (at + 1) * ADDRESS_BYTES)
            addresses[cut] = self.addresses[own]
            if computed:
                computed[cut] = self.computed[own] or NOWHERE
        return Node(node.level, bytes(addresses), bytes(computed) if any(computed) else b"", node.counts)

    def _places(self, start: int, stop: int) -> tuple[int, int]:
        low = bisect_left(self.rows, start)
        return low, bisect_left(self.rows, stop, lo=low)


NOTHING = Pending()


def load_with(store: ChunkStore, address: bytes, part: Pending) -> Node:
    """The node kept at an address with what is pending in its rows, which only nodes at level 0 know of.

    Raises MissingChunk or CorruptChunk.
    """
    node = load_node(store, address)
    if node.level:
        return node
    try:
        return part.applied(node)
    except ValueError as error:
        raise CorruptChunk(address, str(error)) from None
