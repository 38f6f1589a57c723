"""The persistent sequence of rows against a dict of cells."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.sheet.address import MAX_ROWS
from app.sheet.cell import EMPTY, Cell
from app.sheet.row import EMPTY_ROW, row_of
from app.store.comparison import differing_cells, differing_rows
from app.store.memory import MemoryChunks
from app.store.node import load_node
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


def tall(count, seed=0):
    return [
        (at, row_of({0: Cell(at * 7919 % 1000 + seed), 1: Cell(f"row {at} {'x' * 80}")}))
        for at in range(count)
    ]


class Edits(RuleBasedStateMachine):
    """Any sequence of edits on a tree equals the same edits on a dict; no old tree ever changes."""

    def __init__(self):
        super().__init__()
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

    @invariant()
    def the_newest_is_right(self):
        tree, model = self.history[-1]
        assert cells_of(tree) == model
        wanted = [*list(model)[:5], (0, 0), (MAX_ROWS - 1, 5)]
        assert tree.cells(wanted) == {position: model.get(position, EMPTY) for position in wanted}

    @invariant()
    def counts_add_up(self):
        tree, _ = self.history[-1]
        assert tree.count == counted(tree, tree.root)

    def teardown(self):
        for tree, model in self.history:
            assert cells_of(tree) == model


def counted(tree, node):
    """How many rows the blocks and gaps under a node really cover."""
    total = 0
    for entry in node.entries():
        if node.level:
            below = counted(tree, load_node(tree.store, entry.address))
        else:
            below = entry.height if entry.address == NOWHERE else tree.block(entry).count
        assert below == entry.height
        total += below
    return total


Edits.TestCase.settings = settings(max_examples=30, stateful_step_count=15)
test_edits = Edits.TestCase


@given(CHANGES, CHANGES)
def test_differing_rows_are_those_that_differ(before, after):
    """The comparison of two trees names exactly the cells in which the models differ."""
    store = MemoryChunks()
    base = Tree.build(store, tall(300)).with_cells(before)
    one, other = base, base.with_cells(after)
    found = {
        (at, column): (ours, theirs)
        for at, our_row, their_row in differing_rows(one, other)
        for column, ours, theirs in differing_cells(our_row, their_row)
    }
    ours, theirs = cells_of(one), cells_of(other)
    assert found == {
        position: (ours.get(position, EMPTY), theirs.get(position, EMPTY))
        for position in ours.keys() | theirs.keys()
        if repr(ours.get(position)) != repr(theirs.get(position))  # 0 and FALSE are equal, and not the same
    }


def test_trees_cut_in_different_places_compare_equal():
    """Rows typed one by one and rows imported at once differ in blocks and in nothing else."""
    store = MemoryChunks()
    rows = tall(200)
    typed = Tree(store)
    for at, row in rows:
        typed = typed.with_cells({at: dict(row.cells())})
    assert list(differing_rows(typed, Tree.build(store, rows))) == []


def test_an_edit_keeps_a_block_and_the_nodes_above_it():
    """What a one-cell edit of a tall sheet stores does not grow with the sheet."""
    store = MemoryChunks()
    tree = Tree.build(store, tall(40_000))
    before = len(store.chunks)
    edited = tree.with_cells({20_000: {0: Cell("new")}})
    assert (tree.root.level, len(store.chunks) - before) == (1, 2)
    assert edited.row(20_000).cell(0).value == "new"


def test_a_row_inserted_above_shares_the_blocks_below():
    """Blocks are cut by content, so a shifted sheet is stored again only near the shift."""
    store = MemoryChunks()
    rows = tall(5_000)
    Tree.build(store, rows)
    before = len(store.chunks)
    Tree.build(store, [(0, row_of({0: Cell("new")})), *((at + 1, row) for at, row in rows)])
    assert len(store.chunks) - before <= 3


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
