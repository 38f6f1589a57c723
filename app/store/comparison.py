"""Which rows of two trees differ, position by position, walking only where addresses differ."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby, islice, zip_longest
from operator import attrgetter

from app.sheet.cell import Cell, identical_cells
from app.sheet.column_edit import CellConflict, clashes
from app.sheet.row import EMPTY_ROW, Row, same_row
from app.sheet.run import Run
from app.sheet.step import CellsChanged, CellStep, ColumnsChanged
from app.store.block import Block
from app.store.node import Entry
from app.store.protocol import NOWHERE
from app.store.stretches import stretches
from app.store.tree import Tree

_MOST_AHEAD, _AHEAD_FACTOR = 64, 4
"""Chunks fetched in one go at most, and how many times more of them than the last time."""


def differing_rows(ours: Tree, theirs: Tree) -> Iterator[tuple[int, Row, Row]]:
    """(zero-based row, our row, their row) of each row that is not the same in both, ascending."""
    for count, one, other in _differing(ours, theirs):
        before, after = one.rows(count), other.rows(count)
        for at in sorted(before.keys() | after.keys()):
            pair = before.get(at, EMPTY_ROW), after.get(at, EMPTY_ROW)
            if not same_row(*pair):
                yield one.position + at, *pair


def count_changed(before: Tree, after: Tree, most_rows: int) -> int | None:
    """How many cells of two trees differ, where rows that were inserted, deleted or moved shift no others.

    None where they lie in blocks of more than `most_rows` rows: too many to be looked at.
    """
    old, new = before.entries(), after.entries()
    old_rows, new_rows = (list(accumulate((one.height for one in side), initial=0)) for side in (old, new))
    kept = {_identity(entry) for entry in new}
    changed = looked_at = 0
    for stretch in stretches(range(len(new)), lambda at: _identity(new[at]), [_identity(e) for e in old]):
        if stretch.same:
            continue
        gone = [at for at in range(stretch.start, stretch.stop) if _identity(old[at]) not in kept]
        looked_at += sum(old[at].height for at in gone if old[at].address != NOWHERE)
        looked_at += sum(new[at].height for at in stretch.pieces if new[at].address != NOWHERE)
        if looked_at > most_rows:
            return None
        ours = [row for at in gone for _, row in before.rows(old_rows[at], old_rows[at + 1])]
        theirs = [row for at in stretch.pieces for _, row in after.rows(new_rows[at], new_rows[at + 1])]
        changed += _cells_between(ours, theirs)
    return changed


def conflicts(base: Tree, head: Tree, step: CellStep) -> Iterator[CellConflict]:
    """The cells that a step changes and that hold something else at the head, where it was made, than in
    the base its author saw. A change both made alike is none."""
    if isinstance(step, CellsChanged):
        seen = base.cells([change[:2] for change in step.cells])
        for change in step.cells:
            was = seen[change[:2]]
            if change.clashes(was):
                yield CellConflict(step.sheet, change.row, change.column, was, change.before, change.after)
    else:
        yield from _strip_conflicts(base, head, step)


def differing_cells(one: Row, other: Row) -> Iterator[tuple[int, Cell, Cell]]:
    """(zero-based column, our cell, their cell) of each cell that is not the same in two rows, ascending."""
    for column in sorted({*one.columns, *other.columns}):
        before, after = one.cell(column), other.cell(column)
        if not identical_cells(before, after):
            yield column, before, after


def _strip_conflicts(base: Tree, head: Tree, step: ColumnsChanged) -> Iterator[CellConflict]:
    """The same, looking only at the blocks that are not the same."""
    columns = {column: list(strips) for column, strips in groupby(step.strips, attrgetter("column"))}
    for count, seen, _ in _differing(base, head):
        start, stop = seen.position, seen.position + count
        for column, strips in columns.items():
            first = bisect_right(strips, start, key=attrgetter("row")) - 1
            for strip in strips[max(0, first) : bisect_left(strips, stop, key=attrgetter("row"))]:
                if strip.stop > start:
                    part = strip.part(max(start, strip.row), min(stop, strip.stop))
                    was = seen.run(column, count).part(part.row - start, part.stop - start)
                    yield from clashes(step.sheet, part, was, part.before)


def _differing(ours: Tree, theirs: Tree) -> Iterator[tuple[int, "_Cursor", "_Cursor"]]:
    """Runs of rows that may differ: how many, with each tree's cursor before the first of them."""
    one, other = _Cursor(ours), _Cursor(theirs)
    one.facing, other.facing = other, one
    while one.entry or other.entry:
        if one.whole and other.whole and one.level == other.level and one.same_below(other):
            one.advance(one.left)
            other.advance(other.left)
        elif one.level or other.level:
            (one if one.level >= other.level else other).descend()
        else:
            count = min(cursor.left for cursor in (one, other) if cursor.entry)
            yield count, one, other
            one.advance(count)
            other.advance(count)


class _Cursor:
    """A place in a tree's rows that moves forward by whole entries or by rows of a block.

    facing: the cursor in the tree that this one is compared with.
    """

    facing: "_Cursor"

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.position = 0
        self._taken = 0
        self._near: dict[int, set[bytes]] = {}  # by level, what was fetched last
        # Entries still to come, next one last, each with its node's level.
        self._ahead = [(tree.root.level, entry) for entry in reversed(tree.root.entries())]

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor; None at the end."""
        return self._ahead[-1][1] if self._ahead else None

    @property
    def level(self) -> int:
        """The level of the entry under the cursor."""
        return self._ahead[-1][0] if self._ahead else 0

    @property
    def whole(self) -> bool:
        """Whether no row of the entry has been passed yet."""
        return self._taken == 0

    @property
    def left(self) -> int:
        """How many rows of the entry are still ahead."""
        return self._ahead[-1][1].height - self._taken if self._ahead else 0

    def same_below(self, other: "_Cursor") -> bool:
        """Whether the entry is the same as that under another cursor at the same row and level, and has
        the same pending in it."""
        if self.entry != other.entry or self.level == 0:
            return self.entry == other.entry
        start, stop = self.position, self.position + self.left
        return self.tree.pending.within(start, stop) == other.tree.pending.within(start, stop)

    def descend(self) -> None:
        """Put the entry's children in its place."""
        self._bring_near()
        _, entry = self._ahead.pop()
        node = self.tree.child(entry, self.position)
        self._ahead.extend((node.level, child) for child in reversed(node.entries()))

    def rows(self, count: int) -> dict[int, Row]:
        """The next `count` rows that hold anything, by distance; they lie within the entry."""
        block = self._block()
        rows = block.rows(self._taken, self._taken + count) if block else ()
        return {at - self._taken: row for at, row in rows}

    def run(self, column: int, count: int) -> Run:
        """The next `count` cells of a column; they lie within the entry."""
        block = self._block()
        return block.run(column).part(self._taken, self._taken + count) if block else Run(count)

    def _block(self) -> Block | None:
        """The block under the cursor; None in a gap and past the end."""
        entry = self.entry
        if entry is None or entry.address == NOWHERE:
            return None
        self._bring_near()
        return self.tree.block(entry)

    def _bring_near(self) -> None:
        """Fetch the entry, and in the same go those after it that the other tree does not have there.

        Whoever needs one mostly needs the next: the more have been needed, the more are fetched.
        """
        level, entry = self._ahead[-1]
        last = self._near.get(level, set())
        if entry.address in last:
            return
        shared = {theirs.address for at, theirs in self.facing._ahead if at == level}
        most = min(_MOST_AHEAD, _AHEAD_FACTOR * len(last)) if self.facing.level == level else 1
        batch = [entry]
        for at, after in islice(reversed(self._ahead), 1, None):
            if at != level or len(batch) >= most:
                break
            if after.address != NOWHERE and after.address not in shared:
                batch.append(after)
        self._near[level] = {near.address for near in batch}
        self.tree.fetch(batch)

    def advance(self, count: int) -> None:
        """Pass `count` rows of the entry; past the end, of nothing."""
        self.position += count
        self._taken += count
        if self._ahead and self.left == 0:
            self._ahead.pop()
            self._taken = 0


def _identity(entry: Entry) -> bytes:
    """What is the same for entries that hold the same; NOWHERE for a gap."""
    return NOWHERE if entry.address == NOWHERE else entry.address + entry.computed


def _cells_between(ours: Iterable[Row], theirs: Iterable[Row]) -> int:
    """How many cells differ between some rows and those in their place; rows that only moved do not."""
    mine, yours = [(repr(row), row) for row in ours], [(repr(row), row) for row in theirs]
    gone, new = (
        _beyond(mine, Counter(key for key, _ in yours)),
        _beyond(yours, Counter(key for key, _ in mine)),
    )
    pairs = zip_longest(gone, new, fillvalue=EMPTY_ROW)
    return sum(len(list(differing_cells(*pair))) for pair in pairs)


def _beyond(rows: Iterable[tuple[str, Row]], known: Counter[str]) -> Iterator[Row]:
    """The rows that are more than the known ones."""
    for key, row in rows:
        if known[key]:
            known[key] -= 1
        else:
            yield row
