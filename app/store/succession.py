"""Rows that take the place of older ones: blocks that are the same are shared, others are kept as patches.

Rows are cut afresh, and where that gives blocks that were there, those are shared. What lies between two of
them is cut where it was cut before, as far as rows that are in both tell where that is: an edit keeps the
boundaries of blocks too (`app.store.leaf`), and a block is a small patch of one with nearly the same rows.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from app.sheet.row import EMPTY_ROW, Row
from app.store import leaf, splitter
from app.store.block import Block
from app.store.node import Entry
from app.store.protocol import NOWHERE, ChunkStore, address_of
from app.store.splitter import Gap
from app.store.stretches import Stretch, stretches

_MOST_REFITTED = 128
"""Old blocks between two shared ones from which on new rows are not fitted to their boundaries."""


class _Run(NamedTuple):
    """Rows, or a gap, and what a block of them is: its bytes, and those of its companion."""

    rows: Gap | Sequence[Row]
    raw: bytes = b""
    computed: bytes | None = None

    @classmethod
    def of(cls, rows: Gap | Sequence[Row]) -> "_Run":
        """The run of rows or a gap."""
        return cls(rows) if isinstance(rows, Gap) else cls(rows, *Block.of(rows).encode())

    def address(self) -> bytes:
        """The block's address; NOWHERE for a gap."""
        return address_of(self.raw) if self.raw else NOWHERE


def succeeding(store: ChunkStore, rows: Iterable[tuple[int, Row]], old: Sequence[Entry]) -> Iterator[Entry]:
    """Keep (zero-based row, Row) pairs, ascending, in the place of the rows of old entries."""
    runs = map(_Run.of, splitter.split(rows))
    for stretch in stretches(runs, _Run.address, [entry.address for entry in old]):
        if not stretch.same:
            addresses = {address for entry in old[stretch.start : stretch.stop] for address in entry[:2]}
            store.get_many(addresses - {NOWHERE})
        for run, origin in _paired(store, stretch, old):
            if isinstance(run.rows, Gap):
                yield Entry(NOWHERE, NOWHERE, run.rows.height)
            else:
                yield leaf.put_encoded(store, run.raw, run.computed, len(run.rows), origin)


def _paired(
    store: ChunkStore, stretch: Stretch[_Run], old: Sequence[Entry]
) -> Iterator[tuple[_Run, Entry | None]]:
    """The runs to keep, each with the entry that it is to be a patch of."""
    olds = old[stretch.start : stretch.stop]
    runs = stretch.pieces
    rows = [row for run in runs if not isinstance(run.rows, Gap) for row in run.rows]
    solid = all(run.raw for run in runs) and all(entry.address != NOWHERE for entry in olds)
    alike = [run.raw and len(run.rows) for run in runs] == [entry.height for entry in olds]
    if stretch.same or alike or not solid or not olds or len(olds) > _MOST_REFITTED:
        yield from _by_place(runs, olds)
        return
    cuts = _cuts(rows, _rows_of(store, olds), list(accumulate(entry.height for entry in olds)))
    for (start, first), (stop, last) in pairwise([(0, 0), *cuts]):
        yield from _fitted(rows[start:stop], olds[first:last])


def _rows_of(store: ChunkStore, entries: Iterable[Entry]) -> list[Row]:
    """All rows of blocks, also those that hold nothing."""
    rows: list[Row] = []
    for entry in entries:
        held = dict(leaf.load_block(store, entry).rows())
        rows += [held.get(at, EMPTY_ROW) for at in range(entry.height)]
    return rows


def _cuts(rows: Sequence[Row], were: Sequence[Row], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(where to cut rows, how many old blocks lie before) of the ends of old blocks that are found in them.

    were: the rows of the old blocks. ends: one past the last row of each. The last is always found.
    """
    anchors = [(-1, -1), *_anchors(rows, were), (len(were), len(rows))]
    at = 0
    for place, end in enumerate(ends, start=1):
        while anchors[at + 1][0] < end:
            at += 1
        (old, new), (next_old, next_new) = anchors[at : at + 2]
        if next_old == end:
            yield next_new, place
        elif next_old - old == next_new - new:
            yield new + end - old, place


def _anchors(rows: Sequence[Row], were: Sequence[Row]) -> list[tuple[int, int]]:
    """(old place, new place) of rows that are there once in both, as many as are in the same order in both:
    the longest increasing subsequence, by patience sorting, as in Bram Cohen's patience diff."""
    ours, theirs = _single(rows), _single(were)
    piles: list[int] = []
    tops: list[tuple[int, int]] = []
    before: dict[int, tuple[int, int] | None] = {}
    for key, old in theirs.items():
        new = ours.get(key)
        if new is None:
            continue
        pile = bisect_left(piles, new)
        before[new] = tops[pile - 1] if pile else None
        piles[pile : pile + 1] = [new]
        tops[pile : pile + 1] = [(old, new)]
    found: list[tuple[int, int]] = []
    link = tops[-1] if tops else None
    while link:
        found.append(link)
        link = before[link[1]]
    return found[::-1]


def _single(rows: Sequence[Row]) -> dict[bytes, int]:
    """The places of rows that are there once, by what they hold, ascending."""
    places: dict[bytes, int] = {}
    again: set[bytes] = set()
    for at, row in enumerate(rows):
        key = splitter.content(row)
        if key in places:
            again.add(key)
        places[key] = at
    return {key: at for key, at in places.items() if key not in again}


def _fitted(rows: Sequence[Row], olds: Sequence[Entry]) -> Iterator[tuple[_Run, Entry | None]]:
    """Rows as one block in the place of old ones, or as several where they are too many for one."""
    if not rows:
        return
    whole = _Run.of(rows)
    if len(olds) > 1 or len(whole.raw) > splitter.MOST:
        yield from _by_place([_Run.of(run) for run in splitter.split(enumerate(rows))], olds)
    else:
        yield whole, olds[0] if olds else None


def _by_place(runs: Sequence[_Run], olds: Sequence[Entry]) -> Iterator[tuple[_Run, Entry | None]]:
    """Runs with the entries at their places."""
    stretch = Stretch(list(runs), 0, len(olds))
    for at, run in enumerate(runs):
        origin = stretch.origin(at)
        yield run, None if origin is None else olds[origin]
