"""What becomes of a sheet's tree when very many cells change: block by block, each column's planes replaced.

Memory holds the blocks of one node at a time, and what has changed.
"""

from collections.abc import Iterator, Sequence

from app.sheet.column_edit import ColumnEdit
from app.sheet.run import joined
from app.sheet.strip import Strip
from app.store import leaf
from app.store import node as nodes
from app.store.block import Block
from app.store.node import Entry, Node
from app.store.pending import NOTHING, Pending, load_with
from app.store.protocol import NOWHERE, ChunkStore

_ROWS, _CELLS = 2_048, 16_384
"""Rows and cells of the blocks that take the place of a gap, at most."""


def edited(
    store: ChunkStore, root: Node, pending: Pending, edit: ColumnEdit
) -> tuple[Node, Pending, Sequence[Strip]]:
    """A root, perhaps too large to be kept as one node, after an edit of its cells; what is pending then,
    and what changed."""
    editing = _Editing(store, pending, edit)
    missing = edit.rows.stop - root.count
    if edit.fills and missing > 0:
        root = editing.with_gap(root, 0, missing)
    root = editing.node(root, 0) or root
    return root, editing.pending, editing.strips


class _Editing:
    """An edit on its way through a tree.

    pending: as before, but in nodes at level 0 that were written. strips: what has changed so far.
    """

    def __init__(self, store: ChunkStore, pending: Pending, edit: ColumnEdit) -> None:
        self._store = store
        self._edit = edit
        self.pending = pending
        self.strips: list[Strip] = []

    def with_gap(self, node: Node, first: int, height: int) -> Node:
        """A node whose first row is `first` with a gap behind its last row."""
        last = len(node.counts)
        if not node.level:
            return node.spliced(last, last, [Entry(NOWHERE, NOWHERE, height)])
        entry = node.entry(last - 1)
        at = first + node.count - entry.height
        child = self.with_gap(self._child(entry, at), at, height)
        return node.spliced(last - 1, last, self._kept(child, entry, at))

    def node(self, node: Node, first: int) -> Node | None:
        """A node whose first row is `first` after the edit; None where it stays as it is."""
        rows = self._edit.rows
        placed = list(node.placed(first))
        reached = [at < rows.stop and at + entry.height > rows.start for at, entry in placed]
        near = [entry for (_, entry), is_reached in zip(placed, reached, strict=True) if is_reached]
        self._store.get_many({address for entry in near for address in entry[:2] if address != NOWHERE})
        entries: list[Entry] = []
        changed = False
        for (at, entry), is_reached in zip(placed, reached, strict=True):
            replaced = (self._below if node.level else self._entry)(entry, at) if is_reached else None
            changed = changed or replaced is not None
            entries += [entry] if replaced is None else replaced
        return Node.of(node.level, entries) if changed else None

    def _child(self, entry: Entry, at: int) -> Node:
        return load_with(self._store, entry.address, self.pending.within(at, at + entry.height))

    def _below(self, entry: Entry, at: int) -> list[Entry] | None:
        """What becomes of a node's entry; None where it stays."""
        child = self.node(self._child(entry, at), at)
        return None if child is None else self._kept(child, entry, at)

    def _kept(self, child: Node, entry: Entry, at: int) -> list[Entry]:
        """Keep what a node's entry becomes; at level 0 nothing is pending in it any more."""
        if not child.level:
            self.pending = self.pending.with_part(at, at + entry.height, NOTHING)
        return nodes.kept(self._store, child, entry.address)

    def _entry(self, entry: Entry, at: int) -> list[Entry] | None:
        """What becomes of a block or gap; None where it stays."""
        if entry.address != NOWHERE:
            block = self._block(leaf.load_block(self._store, entry), at)
            return None if block is None else leaf.replaced(self._store, entry, block)
        if not self._edit.fills:
            return None
        count = len(self.strips)
        entries = list(self._filled(entry, at))
        return entries if len(self.strips) > count else None

    def _filled(self, gap: Entry, at: int) -> Iterator[Entry]:
        """What becomes of a gap: blocks where the edit puts something, gaps elsewhere."""
        rows = self._edit.rows
        height = max(1, min(_ROWS, _CELLS // max(1, len(self._edit.columns))))
        start, end = max(at, rows.start), min(at + gap.height, rows.stop)
        empty = start - at
        for row in range(start, end, height):
            count = min(height, end - row)
            block = self._block(Block.blank(count), row)
            if block is None:
                empty += count
                continue
            if empty:
                yield Entry(NOWHERE, NOWHERE, empty)
                empty = 0
            yield from leaf.replaced(self._store, Entry(NOWHERE, NOWHERE, count), block)
        empty += at + gap.height - end
        if empty:
            yield Entry(NOWHERE, NOWHERE, empty)

    def _block(self, block: Block, at: int) -> Block | None:
        """A block whose first row is `at` after the edit; None where it stays as it is."""
        rows = self._edit.rows
        start, stop = max(0, rows.start - at), min(block.count, rows.stop - at)
        held = None if self._edit.fills else block.columns
        changed = {}
        for column in self._edit.columns:
            if held is not None and column not in held:
                continue
            whole = block.run(column)
            before = whole.part(start, stop)
            after = self._edit.after(at + start, column, before)
            strip = Strip.of(column, at + start, before, after)
            if strip.changed:
                self.strips.append(strip)
                changed[column] = joined([whole.part(0, start), after, whole.part(stop, block.count)])
        return block.with_columns(changed) if changed else None
