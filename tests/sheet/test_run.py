"""Runs of cells against lists of cells."""

from hypothesis import given
from hypothesis import strategies as st

from app.sheet.cell import Cell, identical_cells, identical_entries
from app.sheet.column_edit import ENTRY
from app.sheet.run import Run, joined
from tests import strategies

CELLS = st.lists(strategies.cells, min_size=1, max_size=12) | st.builds(
    lambda cell, count: [cell] * count, strategies.cells, st.integers(1, 12)
)


def pairs(one, other):
    """Two lists of cells of the length of the shorter."""
    return zip(*zip(one, other, strict=False), strict=True)


@given(CELLS)
def test_cells_come_back(cells):
    """A run holds the cells it was made of, and knows how many hold a formula."""
    run = Run.of(cells)
    assert list(run.cells()) == cells
    assert run.formulas == sum(cell.formula is not None for cell in cells)


@given(CELLS, st.data())
def test_a_part_is_the_run_of_those_cells(cells, data):
    """Cutting a run gives what packing the cut cells gives, byte for byte."""
    start = data.draw(st.integers(0, len(cells)))
    stop = data.draw(st.integers(start, len(cells)))
    part = Run.of(cells).part(start, stop)
    assert part.count == stop - start
    if part.count:
        assert part == Run.of(cells[start:stop])


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_joined_runs_are_the_run_of_all_cells(lists):
    """Putting runs below one another gives what packing all their cells gives."""
    assert joined([Run.of(cells) for cells in lists]) == Run.of([cell for cells in lists for cell in cells])


@given(CELLS, CELLS)
def test_cells_that_differ_are_found(one, other):
    """Two runs differ where their cells do, in all fields or in what people enter."""
    ours, theirs = pairs(one, other)
    for fields, same in ((range(5), identical_cells), (ENTRY, identical_entries)):
        expected = [not same(a, b) for a, b in zip(ours, theirs, strict=True)]
        found = Run.of(ours).differing(Run.of(theirs), fields)
        assert (found if isinstance(found, list) else [found] * len(ours)) == expected


@given(CELLS, CELLS, st.data())
def test_chosen_cells_are_taken(one, other, data):
    """A run made of two takes each cell from the one that is said."""
    ours, theirs = pairs(one, other)
    mine = data.draw(st.lists(st.booleans(), min_size=len(ours), max_size=len(ours)))
    expected = Run.of([a if own else b for own, a, b in zip(mine, ours, theirs, strict=True)])
    assert Run.of(ours).chosen(Run.of(theirs), mine) == expected


def test_one_and_true_differ():
    """What equality takes for the same is told apart."""
    assert Run.of([Cell(1), Cell(1)]).differing(Run.of([Cell(True), Cell(1)])) == [True, False]
