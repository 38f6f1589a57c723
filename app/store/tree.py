"""The persistent sequence of rows of one sheet: a tree of blocks.

A node is a list of entries. At level 0 an entry is a block (address, companion's address, row count)
or a gap (no address: rows that hold nothing); above, it is a node and the count of rows below it.
The root node is not a chunk of its own: it lives inside the workbook's manifest. A change rewrites one
block and the nodes above it; two trees share all else, and a row is found in O(log n).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

import msgspec

from app.sheet.cell import EMPTY, Cell
from app.sheet.row import EMPTY_ROW, Row
from app.store import splitter
from app.store.block import Block
from app.store.protocol import ADDRESS_BYTES, NOWHERE, ChunkStore, CorruptChunk

FANOUT = 64
"""Entries a node has on average; it is cut where a child's address says so, and split when it doubles."""
_LEAST_FANOUT, _MOST_FANOUT = FANOUT // 4, FANOUT * 2

_VERSION = 1
_BATCH = 64

Changes: TypeAlias = Mapping[int, Mapping[int, Cell]]
"""New cells by zero-based row and column."""


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
        computed = b"".join(entry.computed for entry in entries)
        return cls(
            level,
            b"".join(entry.address for entry in entries),
            computed if computed.strip(b"\0") else b"",
            [entry.height for entry in entries],
        )

    def entries(self) -> list[Entry]:
        """The node's children, in order."""
        cuts = range(0, len(self.addresses), ADDRESS_BYTES)
        computed = self.computed or bytes(len(self.addresses))
        return [
            Entry(self.addresses[at : at + ADDRESS_BYTES], computed[at : at + ADDRESS_BYTES], count)
            for at, count in zip(cuts, self.counts, strict=True)
        ]

    @property
    def count(self) -> int:
        """How many rows the node covers."""
        return sum(self.counts)


EMPTY_NODE = Node(0, b"", b"", [])


class Tree:
    """The rows of one sheet in a chunk store. Immutable: every change gives another tree."""

    def __init__(self, store: ChunkStore, root: Node = EMPTY_NODE) -> None:
        self.store = store
        self.root = root

    @classmethod
    def build(cls, store: ChunkStore, rows: Iterable[tuple[int, Row]]) -> "Tree":
        """Keep (zero-based row, Row) pairs, ascending, with memory for a few blocks only."""
        return cls(store, _root(store, 0, list(_entries(store, rows, 0, None))))

    @classmethod
    def building(cls, store: ChunkStore, rows: Iterable[tuple[int, Row]]) -> Generator[None, None, "Tree"]:
        """`build`, pausing after each block, for a caller that tells how far it is."""
        entries = []
        for entry in _entries(store, rows, 0, None):
            entries.append(entry)
            yield
        return cls(store, _root(store, 0, entries))

    @property
    def count(self) -> int:
        """How many rows there are, from the first to the last that holds (or held) anything."""
        return self.root.count

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Row]]:
        """(zero-based row, Row) of each row in [start, stop) that holds anything, ascending."""
        stop = self.count if stop is None else stop
        for offset, block in self._blocks(self.root, 0, start, stop):
            for at, row in block.rows(max(0, start - offset), max(0, stop - offset)):
                yield offset + at, row

    def row(self, index: int) -> Row:
        """The row at a zero-based index; empty where it holds nothing."""
        return next((row for _, row in self.rows(index, index + 1)), EMPTY_ROW)

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a zero-based row and column."""
        return self.cells([(row, column)])[row, column]

    def cells(self, positions: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Cell]:
        """The cell at each (row, column)."""
        found = {}
        wanted: dict[int, list[int]] = {}
        for row, column in positions:
            found[row, column] = EMPTY
            wanted.setdefault(row, []).append(column)
        for offset, block, rows in self._touched(self.root, 0, sorted(wanted)):
            for row in rows:
                for column in wanted[row]:
                    found[row, column] = block.cell(row - offset, column)
        return found

    def with_cells(self, changes: Changes) -> "Tree":
        """The tree with the given cells replaced; `EMPTY` removes one."""
        wanted = {row: cells for row, cells in changes.items() if cells}
        if not wanted:
            return self
        level, entries = self.root.level, self._edit(self.root, 0, wanted)
        beyond = {row: cells for row, cells in wanted.items() if row >= self.count}
        if beyond:
            entries = self._append(level, entries, beyond)
        return Tree(self.store, _root(self.store, level, entries))

    def _blocks(self, node: Node, offset: int, start: int, stop: int) -> Iterator[tuple[int, Block]]:
        """(offset, block) of each block that reaches into [start, stop), fetched in batches."""
        reached = [
            (at, entry)
            for at, entry in _placed(node, offset)
            if at < stop and at + entry.height > start and entry.address != NOWHERE
        ]
        for begin in range(0, len(reached), _BATCH):
            batch = reached[begin : begin + _BATCH]
            self._fetch(entry for _, entry in batch)
            for at, entry in batch:
                if node.level:
                    yield from self._blocks(self._node(entry.address), at, start, stop)
                else:
                    yield at, self.block(entry)

    def _touched(
        self, node: Node, offset: int, rows: Sequence[int]
    ) -> Iterator[tuple[int, Block, Sequence[int]]]:
        """(offset, block, rows in it) for ascending rows; rows in gaps or beyond the end are left out."""
        for at, entry, inside in _assigned(node, offset, rows):
            if entry.address == NOWHERE:
                continue
            if node.level:
                yield from self._touched(self._node(entry.address), at, inside)
            else:
                yield at, self.block(entry), inside

    def _edit(self, node: Node, offset: int, changes: Changes) -> list[Entry]:
        """The entries of a node after changes to rows it covers; they may have become more."""
        assigned = {at: inside for at, _, inside in _assigned(node, offset, sorted(changes))}
        entries: list[Entry] = []
        crumbs: set[bytes] = set()
        for at, entry in _placed(node, offset):
            inside = {row: changes[row] for row in assigned.get(at, ())}
            if not inside:
                entries.append(entry)
            elif node.level:
                child = self._node(entry.address)
                below = self._edit(child, at, inside)
                entries.extend(_pack(self.store, child.level, below, entry.address))
            elif entry.address == NOWHERE:
                filled = self._fill(entry.height, _counted_from(at, inside))
                crumbs |= {one.address for one in filled}
                entries.extend(filled)
            else:
                replaced = self._replaced(entry, self.block(entry).with_cells(_counted_from(at, inside)))
                if not self._is_small(entry):
                    crumbs |= {one.address for one in replaced if self._is_small(one)}
                entries.extend(replaced)
        return self._joined(entries, crumbs) if crumbs else entries

    def _replaced(self, entry: Entry, block: Block) -> list[Entry]:
        """What becomes of a block's entry when `block` takes its place: boundaries stay while it fits."""
        raw, computed = block.encode()
        if len(raw) > splitter.MOST:
            rows = list(block.rows())
            entries = list(_entries(self.store, rows, 0, entry))
            rest = block.count - sum(split.height for split in entries)
            return [*entries, Entry(NOWHERE, NOWHERE, rest)] if rest else entries
        if block.is_empty:
            return [Entry(NOWHERE, NOWHERE, block.count)]
        return [_kept(self.store, raw, computed, block.count, entry)]

    def _is_small(self, entry: Entry) -> bool:
        """Whether a level 0 entry is a block below the least size."""
        return entry.address != NOWHERE and len(self.store.get(entry.address)) < splitter.LEAST

    def _joined(self, entries: Sequence[Entry], crumbs: set[bytes]) -> list[Entry]:
        """Level 0 entries, each block whose address is a crumb joined to a neighbour where both are small.

        So typing leaves no crumbs; blocks that were small before are left alone, since joining them would
        store them anew for an edit that changed a few bytes.
        """
        joined: list[Entry] = []
        for entry in entries:
            last = joined[-1] if joined else entry
            if (
                joined
                and NOWHERE not in (last.address, entry.address)
                and {last.address, entry.address} & crumbs
            ):
                sizes = [len(self.store.get(one.address)) for one in (last, entry)]
                if min(sizes) < splitter.LEAST and sum(sizes) < splitter.TARGET:
                    rows = [row for one in (last, entry) for row in _every_row(self.block(one))]
                    joined[-1] = _put(self.store, Block.of(rows), last)
                    crumbs = crumbs | {joined[-1].address}
                    continue
            joined.append(entry)
        return joined

    def _fill(self, count: int, changes: Changes) -> list[Entry]:
        """What a gap of `count` rows becomes when cells are set in it."""
        entries = list(_entries(self.store, _rows_of(changes), 0, None))
        covered = sum(entry.height for entry in entries)
        return [*entries, Entry(NOWHERE, NOWHERE, count - covered)] if covered < count else entries

    def _append(self, level: int, entries: list[Entry], changes: Changes) -> list[Entry]:
        """Entries of a root with rows set beyond its end, in its last block where there is room."""
        if level:
            *before, last = entries
            child = self._node(last.address)
            offset = sum(entry.height for entry in before)
            after = self._append(child.level, child.entries(), _counted_from(offset, changes))
            return [*before, *_pack(self.store, child.level, after, last.address)]
        end = sum(entry.height for entry in entries)
        new = _rows_of(changes)
        if not new:
            return entries
        final = entries[-1] if entries else None
        if final and final.address != NOWHERE and new[0][0] - end <= splitter.MAX_HOLE:
            # Rows typed one below another fill one block, not a block each.
            block = self.block(final)
            if len(self.store.get(final.address)) < splitter.TARGET:
                begin = end - final.height
                kept = [(begin + at, row) for at, row in block.rows()]
                return [*entries[:-1], *_entries(self.store, [*kept, *new], begin, final)]
        return [*entries, *_entries(self.store, new, end, None)]

    def _node(self, address: bytes) -> Node:
        return load_node(self.store, address)

    def block(self, entry: Entry) -> Block:
        """The block of a level 0 entry that is no gap. Raises MissingChunk or CorruptChunk."""
        computed = None if entry.computed == NOWHERE else self.store.get(entry.computed)
        return Block.decode(entry.address, self.store.get(entry.address), computed)

    def _fetch(self, entries: Iterable[Entry]) -> None:
        """Bring chunks near in one go, for a store that is far away."""
        addresses = {address for entry in entries for address in entry[:2] if address != NOWHERE}
        self.store.get_many(addresses)


def load_node(store: ChunkStore, address: bytes) -> Node:
    """The node kept at an address. Raises MissingChunk or CorruptChunk."""
    raw = store.get(address)
    try:
        version, node = msgspec.msgpack.decode(raw, type=tuple[int, Node])
    except msgspec.DecodeError as error:
        raise CorruptChunk(address, f"it is no node ({error})") from None
    if version != _VERSION:
        raise CorruptChunk(address, f"node version {version} is unknown to this Cellar")
    return node


def _placed(node: Node, offset: int) -> Iterator[tuple[int, Entry]]:
    """(first row, entry) of each child of a node whose first row is `offset`."""
    entries = node.entries()
    return zip(accumulate(node.counts, initial=offset), entries, strict=False)


def _assigned(node: Node, offset: int, rows: Sequence[int]) -> Iterator[tuple[int, Entry, Sequence[int]]]:
    """(first row, entry, rows inside) of each child that covers any of the ascending `rows`."""
    starts = list(accumulate(node.counts, initial=offset))
    entries = node.entries()
    at = bisect_left(rows, offset)
    while at < len(rows) and rows[at] < starts[-1]:
        child = bisect_right(starts, rows[at]) - 1
        end = bisect_left(rows, starts[child + 1], lo=at)
        yield starts[child], entries[child], rows[at:end]
        at = end


def _counted_from(first: int, changes: Changes) -> Changes:
    """Changes with their rows counted from row `first`."""
    return {row - first: cells for row, cells in changes.items()}


def _rows_of(changes: Changes) -> list[tuple[int, Row]]:
    """The rows that changes make where there was nothing."""
    rows = ((row, EMPTY_ROW.with_cells(changes[row])) for row in sorted(changes))
    return [(row, content) for row, content in rows if content != EMPTY_ROW]


def _every_row(block: Block) -> list[Row]:
    """All rows of a block, also those that hold nothing."""
    rows = dict(block.rows())
    return [rows.get(at, EMPTY_ROW) for at in range(block.count)]


def _entries(
    store: ChunkStore, rows: Iterable[tuple[int, Row]], begin: int, replaced: Entry | None
) -> Iterator[Entry]:
    """Keep rows that begin at `begin`; the first block may be kept as a patch of another."""
    for run in splitter.split((row - begin, content) for row, content in rows):
        if isinstance(run, splitter.Gap):
            yield Entry(NOWHERE, NOWHERE, run.height)
        else:
            yield _put(store, Block.of(run), replaced)
            replaced = None


def _put(store: ChunkStore, block: Block, replaced: Entry | None = None) -> Entry:
    """Keep a block and its companion, as patches of those of `replaced` where that is given."""
    return _kept(store, *block.encode(), block.count, replaced)


def _kept(store: ChunkStore, raw: bytes, computed: bytes | None, count: int, replaced: Entry | None) -> Entry:
    """Keep an encoded block; see `_put`."""
    old = replaced or Entry(NOWHERE, NOWHERE, 0)
    return Entry(
        store.put(raw, None if old.address == NOWHERE else old.address),
        NOWHERE
        if computed is None
        else store.put(computed, None if old.computed == NOWHERE else old.computed),
        count,
    )


def _root(store: ChunkStore, level: int, entries: Sequence[Entry]) -> Node:
    """The root of entries at a level, as many levels above it as it takes."""
    while len(entries) > _MOST_FANOUT:
        entries = _pack(store, level, entries)
        level += 1
    while level and len(entries) == 1:
        node = load_node(store, entries[0].address)
        level, entries = node.level, node.entries()
    return Node.of(level, entries)


def _pack(
    store: ChunkStore, level: int, entries: Sequence[Entry], replaced: bytes | None = None
) -> list[Entry]:
    """Keep entries at a level as nodes and return the nodes' entries.

    One node while they fit, else cut where a child's address says so; the first may be kept as a patch
    of the node it replaces.
    """
    nodes: list[list[Entry]] = [[]]
    for entry in entries:
        nodes[-1].append(entry)
        full = len(nodes[-1])
        cut = full >= _LEAST_FANOUT and int.from_bytes(entry.address[:2]) % FANOUT == 0
        if len(entries) > _MOST_FANOUT and (cut or full == _MOST_FANOUT):
            nodes.append([])
    packed = []
    for children in filter(None, nodes):
        node = Node.of(level, children)
        packed.append(Entry(store.put(_encode((_VERSION, node)), replaced), NOWHERE, node.count))
        replaced = None
    return packed


_encode = msgspec.msgpack.Encoder().encode
