"""A change of a cell's look and a change of what it holds go past each other."""

from hypothesis import given
from hypothesis import strategies as st

from app.sheet.cell import Cell, identical_cells
from app.sheet.column_edit import Replay, clashes
from app.sheet.run import Run
from app.sheet.step import columns_changed
from app.sheet.strip import CellChange, Strip

CELLS = st.builds(
    Cell, st.sampled_from([None, 1, "a"]), st.sampled_from([None, "1+1"]), style=st.sampled_from([0, 1, 2])
)


@given(CELLS, CELLS, CELLS)
def test_a_change_replaces_only_what_it_changed(before, after, current):
    """On the cell it was made of it gives its outcome; elsewhere, look and content each if changed."""
    change = CellChange(0, 0, before, after)
    assert identical_cells(change.onto(before), after)
    assert not change.clashes(before)
    made = change.onto(current)
    assert made.style == (after.style if before.style != after.style else current.style)
    content = after if (before.value, before.formula) != (after.value, after.formula) else current
    assert (made.value, made.formula) == (content.value, content.formula)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=9))
def test_strips_do_what_single_changes_do(cells):
    """A replay of many changes gives each cell what its own change would, and the same conflicts."""
    before, after, current = (Run.of(column) for column in zip(*cells, strict=True))
    strip = Strip.of(0, 0, before, after)
    changes = [CellChange(row, 0, was, now) for row, (was, now, _) in enumerate(cells)]
    expected = [change.onto(cell) for change, (_, _, cell) in zip(changes, cells, strict=True)]
    replay = Replay(columns_changed(1, [strip]))
    made = replay.after(0, 0, current) if strip.changed else current
    assert list(map(repr, made.cells())) == list(map(repr, expected))
    clashing = [c.row for c, (_, _, cell) in zip(changes, cells, strict=True) if c.clashes(cell)]
    assert [conflict.row for conflict in clashes(1, strip, before, current)] == clashing
