"""Edits of very many cells against the same edits made cell by cell."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from app.sheet.address import Range
from app.sheet.cell import EMPTY, Cell
from app.sheet.changeset import Changeset
from app.sheet.column_edit import Replay
from app.sheet.document import Document, SheetSource
from app.sheet.operations import ClearCells, Entered, FillRange
from app.sheet.step import CellsChanged, ColumnsChanged, cells_changed
from app.sheet.strip import CellChange
from app.store.comparison import conflicts, differing_rows
from app.store.memory import MemoryChunks
from app.store.state import State
from app.store.walk import Kind, Reference, Walk
from tests import strategies
from tests.store.test_tree import cells_of, tall

ENTERED = st.builds(Entered, strategies.comparable_values) | st.just(Entered(formula="\x01RC[-1]*2"))
PLACES = st.tuples(st.sampled_from([0, 1, 60, 250, 400, 900, 5_000]), st.integers(0, 3))
CELLS = st.dictionaries(PLACES, strategies.cells, max_size=8)
AREAS = st.builds(
    lambda top, height, left, right: Range(top, min(left, right), top + height, max(left, right)),
    st.sampled_from([0, 3, 100, 299, 310, 880, 6_000]),
    st.sampled_from([0, 5, 150, 700, 3_000]),
    st.integers(0, 3),
    st.integers(0, 3),
)


def state_of(cells, rows=300):
    """A state of a sheet of several blocks and gaps, with the given cells by (row, column) on top."""
    state, _ = drained(
        State.importing(
            MemoryChunks(), Document("blank", [SheetSource("Sheet1", b"", lambda: iter(tall(rows)))]), None
        )
    )
    return set_cells(state, cells)


def drained(generator):
    while True:
        try:
            next(generator)
        except StopIteration as done:
            return done.value


def set_cells(state, cells):
    """The state with cells by (row, column) in place of what was there."""
    current = state.tree(1).cells(cells)
    changes = [CellChange(*place, current[place], cell) for place, cell in cells.items()]
    return state.with_changes(cells_changed(1, changes))


def formulas(state):
    return state.sheet(1).formulas


def one_by_one(state, operation):
    """The state and the step of an operation that is carried out cell by cell."""
    step = cells_changed(1, operation.changes(state.tree(1)))
    return state.with_changes(step), step


def same_rows(one, other):
    return list(differing_rows(one.tree(1), other.tree(1))) == []


def listed(step):
    """The changes of a step by place, as exactly as cells can be told apart."""
    return sorted((c.row, c.column, repr(c.before), repr(c.after)) for c in step.changes())


@settings(max_examples=60)
@given(CELLS, AREAS, ENTERED)
def test_a_fill_is_the_same_change_cell_by_cell(cells, area, entered):
    """Filling a range gives the rows, counts and changes of setting each of its cells."""
    state = state_of(cells)
    operation = FillRange(1, area, entered)
    filled, step = state.with_columns(1, operation.edit())
    expected, told = one_by_one(state, operation)
    assert same_rows(filled, expected)
    assert (listed(step), step.total) == (listed(told), told.total)
    for field in ("columns", "formulas", "edited"):
        assert getattr(filled.sheet(1), field) == getattr(expected.sheet(1), field)
    assert filled.manifest.stale == expected.manifest.stale
    assert formulas(filled) == sum(len(row.formulas) for _, row in filled.tree(1).rows())


@settings(max_examples=40)
@given(CELLS, AREAS)
def test_a_large_range_is_cleared_as_a_small_one(cells, area):
    """Clearing by columns empties the same cells as clearing one by one."""
    state = state_of(cells)
    operation = ClearCells(1, area)
    cleared, step = state.with_columns(1, operation.edit())
    expected, told = one_by_one(state, operation)
    assert same_rows(cleared, expected)
    assert listed(step) == listed(told)


@settings(max_examples=40)
@given(CELLS, AREAS, ENTERED, AREAS, ENTERED)
def test_changes_of_columns_are_made_again_and_taken_back(cells, area, entered, other_area, other):
    """What two fills changed, as one changeset, makes their outcome of the state before, and its inverse
    that state again; every chunk of it is sound."""
    state = state_of(cells)
    first, one = state.with_columns(1, FillRange(1, area, entered).edit())
    second, two = first.with_columns(1, FillRange(1, other_area, other).edit())
    both = Changeset((one,)) + Changeset((two,))
    again = state
    for step in both.cell_steps():
        again = again.with_changes(step)
    assert same_rows(again, second)
    back = second
    for step in (~both).cell_steps():
        back = back.with_changes(step)
    assert same_rows(back, state)
    assert Walk(second.store, deep=True).faults(Reference(Kind.MANIFEST, second.save())) == frozenset()


@settings(max_examples=40)
@given(CELLS, CELLS, AREAS, ENTERED)
def test_conflicts_are_those_of_each_cell(cells, others, area, entered):
    """A fill made on an older state conflicts where setting each of its cells would."""
    base = state_of(cells)
    head = set_cells(base, others)
    operation = FillRange(1, area, entered)
    trees = base.tree(1), head.tree(1)
    _, step = head.with_columns(1, operation.edit())
    _, told = one_by_one(head, operation)
    found, expected = (sorted(map(repr, conflicts(*trees, one))) for one in (step, told))
    assert found == expected


@settings(max_examples=40)
@given(CELLS, CELLS, AREAS, ENTERED)
def test_a_replay_tells_what_changed_since(cells, others, area, entered):
    """Taking a fill back leaves cells that it did not change, and tells those that somebody changed since."""
    state = state_of(cells)
    filled, step = state.with_columns(1, FillRange(1, area, entered).edit())
    later = set_cells(filled, others)
    replay = Replay(~step)
    back, _ = later.with_columns(1, replay)
    before, after, now = (cells_of(one.tree(1)) for one in (state, filled, later))
    changed = {change[:2] for change in step.changes()}
    undone = [
        CellChange(*place, after.get(place, EMPTY), before.get(place, EMPTY)) for place in sorted(changed)
    ]
    expected = now | {change[:2]: change.onto(now.get(change[:2], EMPTY)) for change in undone}
    assert cells_of(back.tree(1)) == {place: cell for place, cell in expected.items() if cell != EMPTY}
    entries = {
        place
        for place in changed
        if repr(entry(now.get(place, EMPTY))) != repr(entry(after.get(place, EMPTY)))
    }
    assert {conflict[1:3] for conflict in replay.conflicts} == entries


@cache
def tall_state():
    """A state of a sheet so tall that its tree has two levels."""
    return state_of({}, rows=30_000)


@settings(max_examples=5, deadline=None)
@given(
    st.dictionaries(st.tuples(st.integers(0, 30_500), st.integers(0, 2)), strategies.constants, max_size=20),
    st.builds(
        lambda top, height: Range(top, 1, top + height, 2), st.integers(0, 31_000), st.integers(0, 9_000)
    ),
    st.sampled_from([Entered("x"), Entered()]),
)
def test_a_fill_of_a_tall_sheet_keeps_what_is_pending_elsewhere(cells, area, entered):
    """Blocks that wait beside the root to be written stay what they are, filled or not."""
    state = set_cells(tall_state(), cells)
    assert state.tree(1).root.level > 0
    operation = FillRange(1, area, entered)
    filled, step = state.with_columns(1, operation.edit())
    expected, told = one_by_one(state, operation)
    assert same_rows(filled, expected)
    assert listed(step) == listed(told)
    assert same_rows(filled.with_changes(~step), state)
    trees = tall_state().tree(1), state.tree(1)
    found, wanted = (sorted(map(repr, conflicts(*trees, one))) for one in (step, told))
    assert found == wanted
    assert Walk(filled.store, deep=True).faults(Reference(Kind.MANIFEST, filled.save())) == frozenset()


def entry(cell):
    return cell.value, cell.formula


def test_a_fill_of_an_empty_sheet_is_a_few_chunks():
    """A million equal cells where there was nothing share their blocks."""
    state = state_of({}, rows=0)
    filled, step = state.with_columns(1, FillRange(1, Range(0, 2, 999_999, 2), Entered("x")).edit())
    assert (filled.tree(1).count, step.total, len(step.strips)) == (1_000_000, 1_000_000, 1)
    assert len(filled.store.chunks) < 40
    assert filled.tree(1).cell(999_999, 2) == Cell("x")


def test_a_fill_of_what_is_there_changes_nothing():
    """The very same content again gives the very same state."""
    state = state_of({(row, 0): Cell("x") for row in range(300)})
    filled, step = state.with_columns(1, FillRange(1, Range(0, 0, 299, 0), Entered("x")).edit())
    assert filled is state
    assert step.total == 0


def test_a_small_range_is_told_cell_by_cell():
    """Few cells are edited as cells, many by columns, with the same outcome."""
    state = state_of({})
    steps = []
    for bottom in (9, 1_500):
        operation = FillRange(1, Range(0, 0, bottom, 0), Entered("x"))
        applied, step = state.applied(operation)
        assert same_rows(applied, one_by_one(state, operation)[0])
        steps.append(type(step))
    assert steps == [CellsChanged, ColumnsChanged]
