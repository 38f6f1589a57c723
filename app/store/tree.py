"""The persistent sequence of rows of one sheet: a tree of blocks, see `app.store.node`.

The root node is not a chunk of its own: it lives inside the workbook's manifest, and beside it what is
pending (`app.store.pending`). A change of cells writes a block, and now and then the nodes above it; two
trees share all else, and a row is found in O(log n).
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

from app.sheet.cell import EMPTY, Cell
from app.sheet.column_edit import ColumnEdit
from app.sheet.row import EMPTY_ROW, Row
from app.sheet.strip import Strip
from app.store import column_edits, leaf, succession
from app.store import node as nodes
from app.store.block import Block
from app.store.leaf import Changes
from app.store.node import EMPTY_NODE, Entry, Node, load_node
from app.store.pending import NOTHING, Pending, load_with
from app.store.protocol import NOWHERE, ChunkStore

MOST_PENDING = 128
"""How many replacements may wait beside a root; beyond, the nodes with most of them are written.

More of them save nodes, and cost bytes whenever a chain of patches ends and the manifest is stored anew.
Chunks of a revision, with their index: at 100,000 rows and 10,000 revisions 64 took 516 bytes, 128 and 256
took 530; at 1,000,000 rows and 600 revisions 64 took 706 and 128 took 692.
"""
_BATCH = 64
_UNKNOWN: Mapping[bytes, bytes] = {}


class Tree:
    """The rows of one sheet in a chunk store. Immutable: every change gives another tree.

    pending: what is replaced in the nodes below the root; nothing where the root itself is at level 0.
    """

    def __init__(self, store: ChunkStore, root: Node = EMPTY_NODE, pending: Pending = NOTHING) -> None:
        self.store = store
        self.root = root
        self.pending = pending

    @classmethod
    def build(cls, store: ChunkStore, rows: Iterable[tuple[int, Row]]) -> "Tree":
        """Keep (zero-based row, Row) pairs, ascending, with memory for a few blocks only."""
        return _planted(store, Node.of(0, list(leaf.entries_of(store, rows))), NOTHING)

    @classmethod
    def building(
        cls, store: ChunkStore, rows: Iterable[tuple[int, Row]], older: "Tree | None" = None
    ) -> Generator[None, None, "Tree"]:
        """`build`, pausing after each block, for a caller that tells how far it is.

        older: what the rows take the place of; what is the same is shared with it, and what is similar is
        kept as a patch.
        """
        entries = []
        making = (
            succession.succeeding(store, rows, older.entries()) if older else leaf.entries_of(store, rows)
        )
        for entry in making:
            entries.append(entry)
            yield
        parents = older.parents() if older else {}
        return _planted(store, Node.of(0, entries), NOTHING, parents)

    @property
    def count(self) -> int:
        """How many rows there are, from the first to the last that holds (or held) anything."""
        return self.root.count

    def entries(self) -> list[Entry]:
        """The entries of all blocks and gaps, in order."""
        return [entry for _, node in self._nodes() if not node.level for entry in node.entries()]

    def parents(self) -> dict[bytes, bytes]:
        """The address of the node that has a block or node for a child, by that child's address."""
        return {
            entry.address: address
            for address, node in self._nodes()
            if address != NOWHERE
            for entry in node.entries()
            if entry.address != NOWHERE
        }

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Row]]:
        """(zero-based row, Row) of each row in [start, stop) that holds anything, ascending."""
        stop = self.count if stop is None else stop
        for offset, block in self.blocks(start, stop):
            for at, row in block.rows(max(0, start - offset), max(0, stop - offset)):
                yield offset + at, row

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Block]]:
        """(first row, block) of each block that reaches into [start, stop), ascending; gaps are left out."""
        return self._blocks(self.root, 0, start, self.count if stop is None else stop)

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
        new = leaf.rows_of({row: cells for row, cells in changes.items() if row >= count})
        # The last block takes what is appended, if it can: what changes in it changes at the same time.
        last = self._last(self.root, 0) if new else count
        inside = {row: cells for row, cells in changes.items() if cells and row < last}
        tree = self._edited(inside) if inside else self
        if not new:
            return tree
        return tree._appended(new, {row: cells for row, cells in changes.items() if last <= row < count})

    def child(self, entry: Entry, first: int) -> Node:
        """The node of an entry whose first row is `first`. Raises MissingChunk or CorruptChunk."""
        return load_with(self.store, entry.address, self.pending.within(first, first + entry.height))

    def with_columns(self, edit: ColumnEdit) -> tuple["Tree", Sequence[Strip]]:
        """The tree after an edit of very many cells, and the strips that changed."""
        root, pending, strips = column_edits.edited(self.store, self.root, self.pending, edit)
        return (_planted(self.store, root, pending) if strips else self), strips

    def block(self, entry: Entry) -> Block:
        """The block of a level 0 entry that is no gap. Raises MissingChunk or CorruptChunk."""
        return leaf.load_block(self.store, entry)

    def _nodes(self) -> Iterator[tuple[bytes, Node]]:
        """(address, node) of each node, with what is pending in it, parents before children; the root, which
        is no chunk, goes by NOWHERE."""
        ahead = [(NOWHERE, self.root, 0)]
        while ahead:
            address, node, first = ahead.pop()
            yield address, node
            if node.level:
                children = list(node.placed(first))
                self.fetch(entry for _, entry in children)
                ahead += [(entry.address, self.child(entry, at), at) for at, entry in reversed(children)]

    def fetch(self, entries: Iterable[Entry]) -> None:
        """Bring chunks near in one go, for a store that is far away."""
        addresses = {address for entry in entries for address in entry[:2] if address != NOWHERE}
        self.store.get_many(addresses)

    def _blocks(self, node: Node, offset: int, start: int, stop: int) -> Iterator[tuple[int, Block]]:
        """(offset, block) of each block that reaches into [start, stop), fetched in batches."""
        reached = [
            (at, entry)
            for at, entry in node.placed(offset)
            if at < stop and at + entry.height > start and entry.address != NOWHERE
        ]
        for begin in range(0, len(reached), _BATCH):
            batch = reached[begin : begin + _BATCH]
            self.fetch(entry for _, entry in batch)
            for at, entry in batch:
                if node.level:
                    yield from self._blocks(self.child(entry, at), at, start, stop)
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
                yield from self._touched(self.child(entry, at), at, inside)
            else:
                yield at, self.block(entry), inside

    def _edited(self, changes: Changes) -> "Tree":
        """The tree after changes to rows it has."""
        if self.root.level:
            root, pending = self._edit(self.root, 0, changes, self.pending)
        else:
            root, pending = leaf.edited(self.store, self.root, 0, changes), self.pending
        return _planted(self.store, root, pending)._relieved()

    def _edit(self, node: Node, first: int, changes: Changes, pending: Pending) -> tuple[Node, Pending]:
        """A node above level 0, whose first row is `first`, after changes to rows it covers, and what is
        pending then; it may have become too large to be kept as one."""
        for place, at, entry, rows in reversed(list(node.assigned(first, sorted(changes)))):
            inside = {row: changes[row] for row in rows}
            child, end = self.child(entry, at), at + entry.height
            if child.level:
                after, pending = self._edit(child, at, inside, pending)
                if after is child:
                    continue
            else:
                after = leaf.edited(self.store, child, at, inside)
                if after.counts == child.counts:
                    part = Pending.between(load_node(self.store, entry.address), after)
                    pending = pending.with_part(at, end, part)
                    continue
                pending = pending.with_part(at, end, NOTHING)
            node = node.spliced(place, place + 1, nodes.kept(self.store, after, entry.address))
        return node, pending

    def _last(self, node: Node, first: int) -> int:
        """The first row of the last block or gap below a node whose first row is `first`."""
        if not node.counts:
            return first
        at = first + node.count - node.counts[-1]
        return self._last(self.child(node.entry(len(node.counts) - 1), at), at) if node.level else at

    def _appended(self, rows: Sequence[tuple[int, Row]], changes: Changes) -> "Tree":
        """The tree with rows set beyond its end, and changes to its last block or gap."""
        root, begin = self._append(self.root, 0, rows, changes)
        return _planted(self.store, root, self.pending.with_part(begin, self.count, NOTHING))

    def _append(
        self, node: Node, first: int, rows: Sequence[tuple[int, Row]], changes: Changes
    ) -> tuple[Node, int]:
        """A node, whose first row is `first`, with rows set beyond its end and changes to its last block, and
        the first row of the node at level 0 that took them; it may be too large to be kept as one."""
        if not node.level:
            return leaf.appended(self.store, node, first, rows, changes), first
        last = len(node.counts) - 1
        entry = node.entry(last)
        at = first + node.count - entry.height
        child, begin = self._append(self.child(entry, at), at, rows, changes)
        return node.spliced(last, last + 1, nodes.kept(self.store, child, entry.address)), begin

    def _relieved(self) -> "Tree":
        """The tree after the nodes with most replacements pending are written, where too many are."""
        excess = len(self.pending.rows) - MOST_PENDING
        if excess <= 0:
            return self
        pending = self.pending
        written: list[int] = []
        for count, at, height in sorted(self._waiting(self.root, 0, pending.rows), reverse=True):
            if excess > 0:
                excess -= count
                written.append(at)
                pending = pending.with_part(at, at + height, NOTHING)
        return Tree(self.store, self._written(self.root, 0, sorted(written)), pending)

    def _waiting(self, node: Node, first: int, rows: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """(how many of the ascending rows it covers, first row, height) of each node at level 0."""
        for _, at, entry, inside in node.assigned(first, rows):
            if node.level == 1:
                yield len(inside), at, entry.height
            else:
                yield from self._waiting(self.child(entry, at), at, inside)

    def _written(self, node: Node, first: int, rows: Sequence[int]) -> Node:
        """A node with the nodes at level 0 that cover the ascending rows kept as they are by now."""
        for place, at, entry, inside in node.assigned(first, rows):
            child = self.child(entry, at)
            if child.level:
                child = self._written(child, at, inside)
            node = node.spliced(place, place + 1, nodes.kept(self.store, child, entry.address))
        return node


def _planted(
    store: ChunkStore, root: Node, pending: Pending, parents: Mapping[bytes, bytes] = _UNKNOWN
) -> Tree:
    """The tree of a root that may have become too large, or needless, in as many levels as it takes.

    parents: nodes of an older tree by their children, which new ones may be patches of.
    """
    while len(root.counts) > nodes.MOST_FANOUT:
        root = Node.of(root.level + 1, nodes.kept(store, root, older=parents))
    while root.level and len(root.counts) == 1:
        root = load_with(store, root.entry(0).address, pending)
    return Tree(store, root, pending if root.level else NOTHING)
