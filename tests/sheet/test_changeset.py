"""The algebra of changesets, against applying them to a dict of cells."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sheet import changeset
from app.sheet.cell import EMPTY, Cell
from app.sheet.changeset import (
    CellChange,
    CellsChanged,
    Changeset,
    Imported,
    NotInvertible,
    Restored,
    cells_changed,
)
from tests import strategies

POSITIONS = st.tuples(st.integers(0, 3), st.integers(0, 2))
STATES = st.dictionaries(st.tuples(st.integers(1, 2), POSITIONS), strategies.cells)


def between(before, after):
    """The changeset from one dict of cells, by (sheet, (row, column)), to another."""
    steps = []
    for sheet in (1, 2):
        places = sorted({place for one, place in before.keys() | after.keys() if one == sheet})
        changes = [
            CellChange(*place, before.get((sheet, place), EMPTY), after.get((sheet, place), EMPTY))
            for place in places
        ]
        changes = [change for change in changes if change.before != change.after]
        if changes:
            steps.append(cells_changed(sheet, changes))
    return Changeset(tuple(steps))


def apply(state, changes):
    """The state after a changeset, which must fit it."""
    after = dict(state)
    for step in changes.cell_steps():
        for change in step.cells:
            key = step.sheet, (change.row, change.column)
            assert after.get(key, EMPTY) == change.before
            after[key] = change.after
    return {key: cell for key, cell in after.items() if cell != EMPTY}


def clean(state):
    return {key: cell for key, cell in state.items() if cell != EMPTY}


@given(STATES, STATES)
def test_the_inverse_takes_back(one, other):
    """``~c`` after c is where it began."""
    change = between(one, other)
    assert apply(apply(clean(one), change), ~change) == clean(one)
    assert ~~change == change


@given(STATES, STATES, STATES)
def test_the_sum_does_both(one, other, third):
    """``a + b`` does what a and then b do, and tells a cell changed twice once."""
    both = between(one, other) + between(other, third)
    assert apply(clean(one), both) == clean(third)
    assert both.changed == between(one, third).changed


@given(STATES, STATES)
def test_what_is_encoded_is_decoded(one, other):
    """Stored and read again, a changeset is the same."""
    change = between(one, other)
    assert changeset.decode(changeset.encode(change)) == change


@given(STATES, STATES, st.integers(0, 5))
def test_a_summary_names_few_and_counts_all(one, other, most):
    """A summary keeps totals, whatever it leaves out, and cannot be taken for the whole."""
    change = between(one, other)
    summary = change.summary(most)
    assert (summary.changed, sum(len(step.cells) for step in summary.steps)) == (
        change.changed,
        min(most, change.changed),
    )
    if most < change.changed:
        with pytest.raises(NotInvertible):
            operator.invert(summary)


@pytest.mark.parametrize("step", [Imported("a.xlsx", 3, 12), Restored(4)])
def test_steps_that_replace_the_whole_state(step):
    """They are stored, and taken back only by comparing states."""
    change = Changeset((step,))
    assert changeset.decode(changeset.encode(change)) == change
    with pytest.raises(NotInvertible):
        operator.invert(change)


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x91\x09", b"\x92\x01\x91\x07", b"\x92\x01\x05"])
def test_bytes_that_are_no_changeset_are_refused(raw):
    """Whatever the bytes, the error is a ValueError that says so."""
    with pytest.raises(ValueError, match="changeset"):
        changeset.decode(raw)


def test_the_bytes_of_a_changeset_are_pinned():
    """The stored form of version 1, as docs/formats.md gives it."""
    change = CellsChanged(1, (CellChange(2, 0, Cell(5), Cell("x", style=3)),), 1)
    raw = changeset.encode(Changeset((change, Restored(7))))
    assert raw.hex() == "930194000101919402000594a178c0c003920207"
