"""The persistent sequence of rows against a dict of cells."""

from contextlib import ExitStack
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.sheet.address import MAX_ROWS
from app.sheet.cell import EMPTY, Cell
from app.sheet.row import EMPTY_ROW, row_of
from app.store import tree as trees
from app.store.comparison import differing_cells, differing_rows
from app.store.memory import MemoryChunks
from app.store.protocol import NOWHERE
from app.store.tree import Tree
from tests import strategies

POSITIONS = st.one_of(
    st.integers(0, 12), st.integers(0, 400), st.sampled_from([MAX_ROWS - 1, 5000, 5001, 80_000])
)
CHANGES = st.dictionaries(
    POSITIONS, st.dictionaries(strategies.columns, strategies.cells, min_size=1, max_size=3), max_size=12
)


def cells_of(tree):
    return {(at, column): cell for at, row in tree.rows() for column, cell in row.cells()}


def apply(model, changes):
    edited = {**model, **{(at, column): cell for at, row in changes.items() for column, cell in row.items()}}
    return {position: cell for position, cell in edited.items() if cell != EMPTY}


def blocks_of(tree, node=None, first=0):
    """(first row, address) of each block."""
    for at, entry in (node or tree.root).placed(first):
        if (node or tree.root).level:
            yield from blocks_of(tree, tree.child(entry, at), at)
        else:
            yield at, entry.address


def tall(count, seed=0):
    return [
        (at, row_of({0: Cell(at * 7919 % 1000 + seed), 1: Cell(f"row {at} {'x' * 80}")}))
        for at in range(count)
    ]


class Edits(RuleBasedStateMachine):
    """Any sequence of edits on a tree equals the same edits on a dict; no old tree ever changes."""

    limits = ()

    def __init__(self):
        super().__init__()
        self.patches = ExitStack()
        for module, constants in self.limits:
            self.patches.enter_context(patch.multiple(module, **constants))
        self.store = MemoryChunks()
        self.history = [(Tree(self.store), {})]

    @rule(changes=CHANGES)
    def edit(self, changes):
        tree, model = self.history[-1]
        self.history.append((tree.with_cells(changes), apply(model, changes)))

    @rule(first=POSITIONS, count=st.integers(100, 700))
    def fill(self, first, count):
        changes = {
            at: {0: Cell(at), 1: Cell(f"filled {at}" * 4)}
            for at in range(first, min(first + count, MAX_ROWS))
        }
        self.edit(changes)

    @rule(first=POSITIONS, count=st.integers(1, 700))
    def clear(self, first, count):
        _, model = self.history[-1]
        inside = {position for position in model if first <= position[0] < first + count}
        changes = {}
        for row, column in inside:
            changes.setdefault(row, {})[column] = EMPTY
        self.edit(changes)

    @rule(start=POSITIONS, count=st.integers(0, 500), data=st.data())
    def read_a_window(self, start, count, data):
        tree, model = data.draw(st.sampled_from(self.history))
        window = {(at, c): cell for at, row in tree.rows(start, start + count) for c, cell in row.cells()}
        assert window == {p: cell for p, cell in model.items() if start <= p[0] < start + count}

    @rule(data=st.data())
    def compare(self, data):
        (one, ours), (other, theirs) = (data.draw(st.sampled_from(self.history)) for _ in range(2))
        assert differing(one, other) == expected_differing(ours, theirs)

    @invariant()
    def the_newest_is_right(self):
        tree, model = self.history[-1]
        assert cells_of(tree) == model
        wanted = [*list(model)[:5], (0, 0), (MAX_ROWS - 1, 5)]
        assert tree.cells(wanted) == {position: model.get(position, EMPTY) for position in wanted}

    @invariant()
    def counts_add_up(self):
        tree, _ = self.history[-1]
        assert tree.count == counted(tree, tree.root, 0)

    @invariant()
    def no_more_is_pending_than_may_be(self):
        tree, _ = self.history[-1]
        assert len(tree.pending.rows) <= (trees.MOST_PENDING if tree.root.level else 0)

    def teardown(self):
        with self.patches:
            for tree, model in self.history:
                assert cells_of(tree) == model


class CrowdedEdits(Edits):
    """The same where blocks, nodes and what may be pending are small, so that all of them overflow often."""

    limits = (
        ("app.store.splitter", {"TARGET": 400, "LEAST": 100, "MOST": 1_200}),
        ("app.store.node", {"FANOUT": 4, "LEAST_FANOUT": 2, "MOST_FANOUT": 6}),
        ("app.store.tree", {"MOST_PENDING": 5}),
    )


def counted(tree, node, first):
    """How many rows the blocks and gaps under a node really cover."""
    total = 0
    for entry in node.entries():
        if node.level:
            below = counted(tree, tree.child(entry, first + total), first + total)
        else:
            below = entry.height if entry.address == NOWHERE else tree.block(entry).count
        assert below == entry.height
        total += below
    return total


def differing(one, other):
    """What the comparison of two trees finds, by position."""
    return {
        (at, column): (ours, theirs)
        for at, our_row, their_row in differing_rows(one, other)
        for column, ours, theirs in differing_cells(our_row, their_row)
    }


def expected_differing(ours, theirs):
    """The positions at which two dicts of cells differ; 0 and FALSE are equal, and not the same."""
    return {
        position: (ours.get(position, EMPTY), theirs.get(position, EMPTY))
        for position in ours.keys() | theirs.keys()
        if repr(ours.get(position)) != repr(theirs.get(position))
    }


Edits.TestCase.settings = settings(max_examples=30, stateful_step_count=15)
test_edits = Edits.TestCase
CrowdedEdits.TestCase.settings = settings(max_examples=30, stateful_step_count=15)
test_crowded_edits = CrowdedEdits.TestCase


@given(CHANGES, CHANGES)
def test_differing_rows_are_those_that_differ(before, after):
    """The comparison of two trees names exactly the cells in which the models differ."""
    store = MemoryChunks()
    base = Tree.build(store, tall(300)).with_cells(before)
    other = base.with_cells(after)
    assert differing(base, other) == expected_differing(cells_of(base), cells_of(other))


def test_trees_cut_in_different_places_compare_equal():
    """Rows typed one by one and rows imported at once differ in blocks and in nothing else."""
    store = MemoryChunks()
    rows = tall(200)
    typed = Tree(store)
    for at, row in rows:
        typed = typed.with_cells({at: dict(row.cells())})
    assert list(differing_rows(typed, Tree.build(store, rows))) == []


def test_an_edit_keeps_a_block_and_nothing_else():
    """What a one-cell edit of a tall sheet stores does not grow with the sheet: its nodes stay."""
    store = MemoryChunks()
    tree = Tree.build(store, tall(40_000))
    before = len(store.chunks)
    edited = tree.with_cells({20_000: {0: Cell("new")}})
    assert (tree.root.level, len(store.chunks) - before, edited.root) == (1, 1, tree.root)
    assert edited.row(20_000).cell(0).value == "new"


def test_a_node_is_kept_once_for_several_edits():
    """Edits all over a sheet store a block each, and a node only now and then."""
    store = MemoryChunks()
    tree = Tree.build(store, tall(40_000))
    before = len(store.chunks)
    for number in range(300):
        tree = tree.with_cells({number * 7919 % 40_000: {0: Cell("new")}})
    assert 300 < len(store.chunks) - before < 340


def test_taking_an_edit_back_leaves_nothing_pending():
    """A cell that holds again what it held leads back to the same root."""
    tree = Tree.build(MemoryChunks(), tall(40_000))
    again = tree.with_cells({9: {0: Cell("new")}}).with_cells({9: {0: tree.cell(9, 0)}})
    assert (again.root, again.pending) == (tree.root, tree.pending)


def test_a_comparison_reads_only_what_differs():
    """Two trees with the same nodes, and a block that waits in one of them, differ in that block alone."""
    store = MemoryChunks()
    tree = Tree.build(store, tall(40_000)).with_cells({5: {0: Cell("both")}})
    edited = tree.with_cells({20_000: {0: Cell("new")}})
    reads = []
    get = store.get
    store.get = lambda address: reads.append(address) or get(address)
    assert [at for at, _, _ in differing_rows(tree, edited)] == [20_000]
    assert len(set(reads)) == 3  # the node, which is the same in both, and the block of each


def test_a_comparison_fetches_several_blocks_that_differ_at_once():
    """Where very many blocks differ, few fetches bring them, and of those that are shared none."""
    store = MemoryChunks()
    tree = Tree.build(store, tall(40_000))
    edited = tree.with_cells({at: {0: Cell("new")} for at in range(0, 40_000, 300)})
    fetched = []
    get_many = store.get_many
    store.get_many = lambda addresses: fetched.append(set(addresses)) or get_many(addresses)
    assert [at for at, _, _ in differing_rows(tree, edited)] == list(range(0, 40_000, 300))
    assert len(fetched) < 60
    kept = [{address for _, address in blocks_of(one)} for one in (tree, edited)]
    assert not set().union(*fetched) & kept[0] & kept[1]


def test_a_row_inserted_above_shares_the_blocks_below():
    """Blocks are cut by content, so a shifted sheet is stored again only near the shift."""
    store = MemoryChunks()
    rows = tall(5_000)
    Tree.build(store, rows)
    before = len(store.chunks)
    Tree.build(store, [(0, row_of({0: Cell("new")})), *((at + 1, row) for at, row in rows)])
    assert len(store.chunks) - before <= 3


def test_an_edit_of_the_last_block_that_also_appends_keeps_it_once():
    """Rows set inside the last block and beyond it make one block, and nothing that no tree refers to."""
    for count, kept in ((10, 1), (40_080, 2)):  # the block alone, and with the node above it
        store = MemoryChunks()
        rows = tall(count)
        tree = Tree.build(store, rows)
        before = len(store.chunks)
        edited = tree.with_cells({at: {0: Cell("new")} for at in (count - 2, count, count + 1)})
        assert len(store.chunks) - before == kept
        told = {at: row.cell(0) for at, row in edited.rows(count - 3)}
        new = Cell("new")
        assert told == {count - 3: rows[-3][1].cell(0), count - 2: new, count - 1: rows[-1][1].cell(0)} | {
            count: new,
            count + 1: new,
        }


def test_a_last_block_without_room_is_edited_beside_the_block_that_is_appended():
    """Where the rows beyond are too far away for the last block, either is kept once."""
    store = MemoryChunks()
    tree = Tree.build(store, tall(10))
    edited = tree.with_cells({9: {0: Cell("new")}, 9_000: {0: Cell("far")}})
    assert len(store.chunks) == 3
    assert [edited.cell(at, 0).value for at in (9, 9_000)] == ["new", "far"]


def test_far_apart_cells_cost_nothing_between():
    """A sheet with A1 and XFD1048576 is two blocks."""
    store = MemoryChunks()
    corners = [(0, row_of({0: Cell(1)})), (MAX_ROWS - 1, row_of({16_383: Cell(2)}))]
    tree = Tree.build(store, corners)
    assert (len(store.chunks), tree.count, list(tree.rows())) == (2, MAX_ROWS, corners)


def test_rows_typed_upwards_share_blocks():
    """Typing from the bottom up leaves no block for each row."""
    tree = Tree(MemoryChunks()).with_cells({100: {0: Cell("end")}})
    for row in range(99, 0, -1):
        tree = tree.with_cells({row: {0: Cell(row)}})
    assert len(tree.root.counts) <= 3


def test_a_row_that_holds_nothing_reads_as_empty():
    """Rows between and beyond the others are empty rows."""
    tree = Tree(MemoryChunks()).with_cells({3: {0: Cell(1)}})
    assert (tree.row(1), tree.row(99)) == (EMPTY_ROW, EMPTY_ROW)
