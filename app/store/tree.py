"""The persistent sequence of rows of one sheet: a tree of blocks, see `app.store.node`.

The root node is not a chunk of its own: it lives inside the workbook's manifest. A change rewrites one
block and the nodes above it; two trees share all else, and a row is found in O(log n).
"""

from collections.abc import Generator, Iterable, Iterator, Sequence

from app.sheet.cell import EMPTY, Cell
from app.sheet.row import EMPTY_ROW, Row
from app.store import leaf
from app.store import node as nodes
from app.store.block import Block
from app.store.leaf import Changes
from app.store.node import EMPTY_NODE, MOST_FANOUT, Entry, Node, load_node
from app.store.protocol import NOWHERE, ChunkStore

_BATCH = 64


class Tree:
    """The rows of one sheet in a chunk store. Immutable: every change gives another tree."""

    def __init__(self, store: ChunkStore, root: Node = EMPTY_NODE) -> None:
        self.store = store
        self.root = root

    @classmethod
    def build(cls, store: ChunkStore, rows: Iterable[tuple[int, Row]]) -> "Tree":
        """Keep (zero-based row, Row) pairs, ascending, with memory for a few blocks only."""
        return _planted(store, Node.of(0, list(leaf.entries_of(store, rows))))

    @classmethod
    def building(cls, store: ChunkStore, rows: Iterable[tuple[int, Row]]) -> Generator[None, None, "Tree"]:
        """`build`, pausing after each block, for a caller that tells how far it is."""
        entries = []
        for entry in leaf.entries_of(store, rows):
            entries.append(entry)
            yield
        return _planted(store, Node.of(0, entries))

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
        count = self.count
        inside = {row: cells for row, cells in changes.items() if cells and row < count}
        new = leaf.rows_of({row: cells for row, cells in changes.items() if row >= count})
        root = self._edit(self.root, 0, inside) if inside else self.root
        if new:
            root = self._append(root, 0, new)
        return _planted(self.store, root)

    def block(self, entry: Entry) -> Block:
        """The block of a level 0 entry that is no gap. Raises MissingChunk or CorruptChunk."""
        return leaf.load_block(self.store, entry)

    def _blocks(self, node: Node, offset: int, start: int, stop: int) -> Iterator[tuple[int, Block]]:
        """(offset, block) of each block that reaches into [start, stop), fetched in batches."""
        reached = [
            (at, entry)
            for at, entry in node.placed(offset)
            if at < stop and at + entry.height > start and entry.address != NOWHERE
        ]
        for begin in range(0, len(reached), _BATCH):
            batch = reached[begin : begin + _BATCH]
            self._fetch(entry for _, entry in batch)
            for at, entry in batch:
                if node.level:
                    yield from self._blocks(load_node(self.store, entry.address), at, start, stop)
                else:
                    yield at, self.block(entry)

    def _touched(
        self, node: Node, offset: int, rows: Sequence[int]
    ) -> Iterator[tuple[int, Block, Sequence[int]]]:
        """(offset, block, rows in it) for ascending rows; rows in gaps or beyond the end are left out."""
        for _, at, entry, inside in node.assigned(offset, rows):
            if entry.address == NOWHERE:
                continue
            if node.level:
                yield from self._touched(load_node(self.store, entry.address), at, inside)
            else:
                yield at, self.block(entry), inside

    def _edit(self, node: Node, offset: int, changes: Changes) -> Node:
        """A node after changes to rows it covers; it may have become too large to be kept as one."""
        if not node.level:
            return leaf.edited(self.store, node, offset, changes)
        for place, at, entry, rows in reversed(list(node.assigned(offset, sorted(changes)))):
            inside = {row: changes[row] for row in rows}
            child = self._edit(load_node(self.store, entry.address), at, inside)
            node = node.spliced(place, place + 1, nodes.kept(self.store, child, entry.address))
        return node

    def _append(self, node: Node, offset: int, rows: Sequence[tuple[int, Row]]) -> Node:
        """A node with rows set beyond its end; it may have become too large to be kept as one."""
        if not node.level:
            return leaf.appended(self.store, node, offset, rows)
        last = len(node.counts) - 1
        entry = node.entry(last)
        at = offset + node.count - entry.height
        child = self._append(load_node(self.store, entry.address), at, rows)
        return node.spliced(last, last + 1, nodes.kept(self.store, child, entry.address))

    def _fetch(self, entries: Iterable[Entry]) -> None:
        """Bring chunks near in one go, for a store that is far away."""
        addresses = {address for entry in entries for address in entry[:2] if address != NOWHERE}
        self.store.get_many(addresses)


def _planted(store: ChunkStore, root: Node) -> Tree:
    """The tree of a root that may have become too large, or needless, in as many levels as it takes."""
    while len(root.counts) > MOST_FANOUT:
        root = Node.of(root.level + 1, nodes.kept(store, root))
    while root.level and len(root.counts) == 1:
        root = load_node(store, root.entry(0).address)
    return Tree(store, root)
