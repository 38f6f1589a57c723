"""The algebra of changesets, against applying them to a dict of cells."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sheet import changeset
from app.sheet.address import Range
from app.sheet.cell import EMPTY, Cell
from app.sheet.changeset import Changeset, NotInvertible
from app.sheet.run import Run
from app.sheet.step import (
    CellsChanged,
    Imported,
    Replaced,
    Restored,
    SheetChanged,
    cells_changed,
    columns_changed,
)
from app.sheet.strip import CellChange, Strip
from tests import strategies

ROWS = range(6)
POSITIONS = st.tuples(st.sampled_from(ROWS), st.integers(0, 2))
COLUMNS = st.sets(st.integers(0, 2)).map(sorted)
STATES = st.dictionaries(st.tuples(st.integers(1, 2), POSITIONS), strategies.cells)


def between(before, after, columns=()):
    """The changeset from one dict of cells, by (sheet, (row, column)), to another.

    columns: those of which the changes are told as strips.
    """
    steps = []
    for sheet in (1, 2):
        places = sorted({place for one, place in before.keys() | after.keys() if one == sheet})
        changes = [
            CellChange(*place, before.get((sheet, place), EMPTY), after.get((sheet, place), EMPTY))
            for place in places
        ]
        changes = [change for change in changes if change.before != change.after]
        single = [change for change in changes if change.column not in columns]
        if single:
            steps.append(cells_changed(sheet, single))
        strips = columns_changed(
            sheet,
            [Strip.of(one, 0, run(before, sheet, one), run(after, sheet, one)) for one in columns],
        )
        if strips.total:
            steps.append(strips)
    return Changeset(tuple(steps))


def run(state, sheet, column):
    return Run.of([state.get((sheet, (row, column)), EMPTY) for row in ROWS])


def apply(state, changes):
    """The state after a changeset, which must fit it."""
    after = dict(state)
    for step in changes.cell_steps():
        for change in step.changes():
            key = step.sheet, (change.row, change.column)
            assert after.get(key, EMPTY) == change.before
            after[key] = change.after
    return {key: cell for key, cell in after.items() if cell != EMPTY}


def clean(state):
    return {key: cell for key, cell in state.items() if cell != EMPTY}


@given(STATES, STATES, COLUMNS)
def test_the_inverse_takes_back(one, other, columns):
    """``~c`` after c is where it began."""
    change = between(one, other, columns)
    assert apply(apply(clean(one), change), ~change) == clean(one)
    assert ~~change == change


@given(STATES, STATES, STATES, COLUMNS, COLUMNS)
def test_the_sum_does_both(one, other, third, columns, others):
    """``a + b`` does what a and then b do, and tells a cell changed twice once, however each is told."""
    both = between(one, other, columns) + between(other, third, others)
    assert apply(clean(one), both) == clean(third)
    assert both.changed == between(one, third).changed


@given(STATES, STATES, COLUMNS)
def test_what_is_encoded_is_decoded(one, other, columns):
    """Stored and read again, a changeset is the same."""
    change = between(one, other, columns)
    raw = changeset.encode(change)
    assert [changeset.decode(raw), changeset.decode(changeset.packed(raw))] == [change, change]


def test_what_repeats_is_packed():
    """A paste takes half of its bytes in a row; a single cell stays as it is."""
    change = CellChange(7, 2, EMPTY, Cell("corrected"))
    paste = changeset.encode(Changeset((cells_changed(1, [change._replace(row=row) for row in range(20)]),)))
    single = changeset.encode(Changeset((cells_changed(1, [change]),)))
    assert (len(changeset.packed(paste)) * 2 < len(paste), changeset.packed(single)) == (True, single)


@given(STATES, STATES, st.integers(0, 5), COLUMNS)
def test_a_summary_names_few_and_counts_all(one, other, most, columns):
    """A summary keeps totals, whatever it leaves out, and cannot be taken for the whole."""
    change = between(one, other, columns)
    summary = change.summary(most)
    assert (summary.changed, sum(len(step.cells) for step in summary.steps)) == (
        change.changed,
        min(most, change.changed),
    )
    if most < change.changed:
        with pytest.raises(NotInvertible):
            operator.invert(summary)


@given(STATES, STATES, COLUMNS, st.integers(0, 20), st.integers(0, 20))
def test_a_page_of_changes_is_a_part_of_all(one, other, columns, skip, most):
    """Skipping some changes and taking some gives what listing all and cutting gives."""
    for step in between(one, other, columns).steps:
        everything = list(step.changes())
        assert (len(everything), step.named) == (step.total, step.total)
        assert list(step.changes(skip, most)) == everything[skip : skip + most]


@given(STATES, STATES, COLUMNS, POSITIONS, POSITIONS)
def test_the_first_change_within_a_range(one, other, columns, corner, opposite):
    """However the changes are told, the one found is the first by row and column."""
    area = Range(*map(min, zip(corner, opposite, strict=True)), *map(max, zip(corner, opposite, strict=True)))
    for step in between(one, other, columns).steps:
        inside = [change[:2] for change in step.changes() if area.covers(change.row, change.column)]
        assert step.first_within(area) == min(inside, default=None)


def test_a_fill_is_one_strip_of_a_few_bytes():
    """Equal changes one below another are stored once, however many."""
    strips = [Strip.of(3, row, Run(100), Run.of([Cell("x")] * 100)) for row in range(0, 1_000_000, 100)]
    step = columns_changed(1, strips)
    assert (step.total, len(step.strips)) == (1_000_000, 1)
    assert len(changeset.encode(Changeset((step,)))) < 40


@pytest.mark.parametrize("step", [Imported("a.xlsx", 3, 12), Replaced("a.xlsx", 3, 12, None), Restored(4)])
def test_steps_that_replace_the_whole_state(step):
    """They are stored, and taken back only by comparing states."""
    change = Changeset((step,))
    assert changeset.decode(changeset.encode(change)) == change
    with pytest.raises(NotInvertible):
        operator.invert(change)


@pytest.mark.parametrize(
    "raw", [b"", b"\xc1", b"\x91\x09", b"\x92\x01\x91\x07", b"\x92\x01\x05", b"\x00\x20"]
)
def test_bytes_that_are_no_changeset_are_refused(raw):
    """Whatever the bytes, the error is a ValueError that says so."""
    with pytest.raises(ValueError, match="changeset"):
        changeset.decode(raw)


def test_the_bytes_of_a_changeset_are_pinned():
    """The stored form of version 1, as docs/formats.md gives it."""
    change = CellsChanged(1, (CellChange(2, 0, Cell(5), Cell("x", style=3)),), 1)
    raw = changeset.encode(Changeset((change, Restored(7))))
    assert raw.hex() == "930194000101919402000594a178c0c003920207"


def test_the_bytes_of_a_replacement_are_pinned():
    """The same for a file that took the place of the state."""
    assert changeset.encode(Changeset((Replaced("a.csv", 1, 20, 3),))).hex() == "92019504a5612e637376011403"


def test_the_bytes_of_changed_columns_are_pinned():
    """The stored form of version 1, as docs/formats.md gives it."""
    before = Run.of([Cell(5), Cell(7), Cell(9)])
    after = Run.of([Cell("x", style=3), Cell(7), Cell(9)])
    raw = changeset.encode(Changeset((columns_changed(1, [Strip.of(2, 10, before, after)]),)))
    assert raw.hex() == "9201940301019196020a0301919303050293920193a17807099200c094020001c403030000"


def test_the_bytes_of_a_changed_sheet_are_pinned():
    """The same for the list of sheets."""
    raw = changeset.encode(Changeset((SheetChanged(2, "name", "a", "b"),)))
    assert raw.hex() == "92019505 02a46e616d65a161a162".replace(" ", "")
    assert changeset.decode(raw).steps == (SheetChanged(2, "name", "a", "b"),)


def test_changes_of_sheets_keep_their_place_among_changes_of_cells():
    """Cells are netted between them only, a change to the same is none, and all is undone backwards."""
    cells = [cells_changed(2, [CellChange(0, 0, Cell(n), Cell(n + 1))]) for n in range(4)]
    added, gone = SheetChanged(2, "sheet", None, "a"), SheetChanged(2, "sheet", "a", None)
    same = SheetChanged(2, "place", 1, 1)
    made = Changeset(())
    for step in (added, cells[0], cells[1], same, gone):
        made += Changeset((step,))
    net = cells_changed(2, [CellChange(0, 0, Cell(0), Cell(2))])
    assert made.steps == (added, net, gone)
    assert (~made).steps == (added, ~net, gone)
    assert made.changed == 1
