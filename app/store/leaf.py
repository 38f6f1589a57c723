"""The lowest nodes of a sheet's tree: what becomes of them, and of their blocks, when cells change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from app.sheet.cell import Cell
from app.sheet.row import EMPTY_ROW, Row
from app.store import splitter
from app.store.block import Block
from app.store.node import Entry, Node
from app.store.protocol import NOWHERE, ChunkStore

Changes: TypeAlias = Mapping[int, Mapping[int, Cell]]
"""New cells by zero-based row and column."""


def load_block(store: ChunkStore, entry: Entry) -> Block:
    """The block of a level 0 entry that is no gap. Raises MissingChunk or CorruptChunk."""
    computed = None if entry.computed == NOWHERE else store.get(entry.computed)
    return Block.decode(entry.address, store.get(entry.address), computed)


def entries_of(
    store: ChunkStore, rows: Iterable[tuple[int, Row]], begin: int = 0, replaced: Entry | None = None
) -> Iterator[Entry]:
    """Keep rows that begin at `begin`; the first block may be kept as a patch of another."""
    placed = ((row - begin, content) for row, content in rows) if begin else rows
    for run in splitter.split(placed):
        if isinstance(run, splitter.Gap):
            yield Entry(NOWHERE, NOWHERE, run.height)
        else:
            yield _put(store, Block.of(run), replaced)
            replaced = None


def edited(store: ChunkStore, node: Node, first: int, changes: Changes) -> Node:
    """A node whose first row is `first` after changes to rows it covers; they may take more entries."""
    crumbs: set[bytes] = set()
    for place, at, entry, rows in reversed(list(node.assigned(first, sorted(changes)))):
        inside = {row - at: changes[row] for row in rows}
        if entry.address == NOWHERE:
            entries = _filled(store, entry.height, inside)
            crumbs |= {one.address for one in entries}
        else:
            entries = replaced(store, entry, load_block(store, entry).with_cells(inside))
            small = {one.address for one in entries if _is_small(store, one)}
            if small and not _is_small(store, entry):
                crumbs |= small
        node = node.spliced(place, place + 1, entries)
    return Node.of(0, _joined(store, node.entries(), crumbs)) if crumbs else node


def appended(
    store: ChunkStore, node: Node, first: int, rows: Sequence[tuple[int, Row]], changes: Changes
) -> Node:
    """A node whose first row is `first` with rows set beyond its end, in its last block if there is room,
    and changes to rows of its last entry."""
    count = len(node.counts)
    end = first + node.count
    final = node.entry(count - 1) if count else None
    if (
        final is None
        or final.address == NOWHERE
        or rows[0][0] - end > splitter.MAX_HOLE
        or len(store.get(final.address)) >= splitter.TARGET
    ):
        node = edited(store, node, first, changes)
        count = len(node.counts)
        return node.spliced(count, count, [*entries_of(store, rows, end)])
    # Rows typed one below another fill one block, not a block each.
    begin = end - final.height
    block = load_block(store, final).with_cells({row - begin: cells for row, cells in changes.items()})
    there = [(begin + at, row) for at, row in block.rows()]
    return node.spliced(count - 1, count, [*entries_of(store, [*there, *rows], begin, final)])


def rows_of(changes: Changes) -> list[tuple[int, Row]]:
    """The rows that changes make where there was nothing."""
    rows = ((row, EMPTY_ROW.with_cells(changes[row])) for row in sorted(changes))
    return [(row, content) for row, content in rows if content != EMPTY_ROW]


def replaced(store: ChunkStore, entry: Entry, block: Block) -> list[Entry]:
    """What becomes of a block's entry when `block` takes its place: boundaries stay while it fits."""
    raw, computed = block.encode()
    if len(raw) > splitter.MOST:
        return _covering(block.count, entries_of(store, block.rows(), 0, entry))
    if block.is_empty:
        return [Entry(NOWHERE, NOWHERE, block.count)]
    return [put_encoded(store, raw, computed, block.count, entry)]


def _filled(store: ChunkStore, count: int, changes: Changes) -> list[Entry]:
    """What a gap of `count` rows becomes when cells are set in it."""
    return _covering(count, entries_of(store, rows_of(changes)))


def _covering(count: int, entries: Iterable[Entry]) -> list[Entry]:
    """Entries, and a gap behind them where they cover less than `count` rows."""
    covering = list(entries)
    rest = count - sum(entry.height for entry in covering)
    return [*covering, Entry(NOWHERE, NOWHERE, rest)] if rest else covering


def _is_small(store: ChunkStore, entry: Entry) -> bool:
    """Whether an entry is a block below the least size."""
    return entry.address != NOWHERE and len(store.get(entry.address)) < splitter.LEAST


def _joined(store: ChunkStore, entries: Sequence[Entry], crumbs: set[bytes]) -> list[Entry]:
    """Entries, each block whose address is a crumb joined to a neighbour where both are small.

    So typing leaves no crumbs; blocks that were small before are left alone, since joining them would
    store them anew for an edit that changed a few bytes.
    """
    joined: list[Entry] = []
    for entry in entries:
        last = joined[-1] if joined else entry
        if joined and NOWHERE not in (last.address, entry.address) and {last.address, entry.address} & crumbs:
            sizes = [len(store.get(one.address)) for one in (last, entry)]
            if min(sizes) < splitter.LEAST and sum(sizes) < splitter.TARGET:
                rows = [row for one in (last, entry) for row in _every_row(load_block(store, one))]
                joined[-1] = _put(store, Block.of(rows), last)
                crumbs = crumbs | {joined[-1].address}
                continue
        joined.append(entry)
    return joined


def _every_row(block: Block) -> list[Row]:
    """All rows of a block, also those that hold nothing."""
    rows = dict(block.rows())
    return [rows.get(at, EMPTY_ROW) for at in range(block.count)]


def _put(store: ChunkStore, block: Block, replaced: Entry | None) -> Entry:
    """Keep a block and its companion, as patches of those of `replaced` where that is given."""
    return put_encoded(store, *block.encode(), block.count, replaced)


def put_encoded(
    store: ChunkStore, raw: bytes, computed: bytes | None, count: int, replaced: Entry | None
) -> Entry:
    """Keep an encoded block; see `_put`."""
    old = replaced or Entry(NOWHERE, NOWHERE, 0)
    return Entry(
        store.put(raw, None if old.address == NOWHERE else old.address),
        NOWHERE
        if computed is None
        else store.put(computed, None if old.computed == NOWHERE else old.computed),
        count,
    )
