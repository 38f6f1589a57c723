"""Any sequence of edits, fills, restores, reverts and collections through the services, on PostgreSQL,
against dicts of cells: one for each revision there ever was."""

from contextlib import ExitStack
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.extensions import db
from app.services import editing, garbage, integrity, restores, revisions
from app.services.commits import Conflict
from app.services.editing import ClearRequest, Exact, FillRequest, Formula, SetRequest
from app.services.restores import CannotRevert
from app.services.windows import View
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, Range, cell_name
from app.sheet.cell import Cell, plain_text
from app.sheet.references import relative
from app.store.postgres import CACHE
from tests.factories import NOW, make_grid, make_user

ROWS = st.one_of(st.integers(0, 12), st.integers(0, 400), st.sampled_from([5_000, 5_001, 80_000]))
COLUMNS = st.sampled_from([0, 0, 1, 2, 7, MAX_COLUMNS - 1])
CONTENTS = st.one_of(
    st.sampled_from([None, 2, 70, -3.25, 0.5, "x", "some text", "007", True]).map(Exact),
    st.sampled_from(["1+1", "A1*2", "$B$3"]).map(Formula),
)
AREAS = st.builds(
    lambda top, left, height, width: Range(
        top, left, min(top + height, MAX_ROWS) - 1, min(left + width, MAX_COLUMNS) - 1
    ),
    ROWS,
    COLUMNS,
    st.sampled_from([1, 3, 30, 500]),
    st.integers(1, 2),
)
BACK = st.sampled_from([0, 0, 0, 1, 2, 5])
"""How many revisions old what a change is made on is."""

CROWDED = (
    ("app.store.splitter", {"TARGET": 400, "LEAST": 100, "MOST": 1_200}),
    ("app.store.node", {"FANOUT": 4, "LEAST_FANOUT": 2, "MOST_FANOUT": 6}),
    ("app.store.tree", {"MOST_PENDING": 5}),
    ("app.store.state", {"_MANY": 50}),
)
"""Limits under which blocks, nodes and what may be pending overflow often."""


def named(area):
    """A range by the names of its corners."""
    return f"{cell_name(area.top, area.left)}:{cell_name(area.bottom, area.right)}"


def held(cell):
    """What tells contents apart: True from 1, and a formula by its text relative to its cell."""
    return repr(cell.value), cell.formula


def held_in(tree, start=0, stop=None):
    return {(at, column): held(cell) for at, row in tree.rows(start, stop) for column, cell in row.cells()}


class Workbook(RuleBasedStateMachine):
    """A workbook of one person's, read anew or out of the cache, beside what each revision has to hold."""

    def __init__(self, app, alice):
        super().__init__()
        self.app, self.alice = app, alice
        self.stack = ExitStack()
        self.stack.enter_context(app.app_context())

    @initialize(rows=st.sampled_from([0, 20, 300]), crowded=st.booleans())
    def begin(self, rows, crowded):
        if crowded:
            for module, constants in CROWDED:
                self.stack.enter_context(patch.multiple(module, **constants))
        cells = {f"A{row}": row * 1.25 for row in range(1, rows + 1)}
        cells |= {f"B{row}": f"row {row} {'x' * 40}" for row in range(1, rows + 1)}
        cells |= {"C3": Cell(formula="\x01RC[-1]*2")}
        self.workbook_id = make_grid(self.app, self.alice, cells)
        self.history = [held_in(self.tree(1))]

    @property
    def head(self):
        """The number of the newest revision there should be."""
        return len(self.history)

    def tree(self, number):
        """The rows of a revision."""
        return revisions.open_revision(self.alice, self.workbook_id, number).state.tree(1)

    def change(self, back, request, wanted):
        """Makes a change on an older revision. wanted: what each cell that it names is to hold."""
        base = max(1, self.head - back)
        newest = self.history[-1]
        changed = {at for at, cell in wanted.items() if newest.get(at) != cell}
        clashes = {at for at in changed if self.history[base - 1].get(at) != newest.get(at)}
        try:
            made = editing.edit(self.alice, self.workbook_id, base, [request], now=NOW, via="grid")
        except Conflict as conflict:
            told = places(conflict)
        else:
            told = set()
        assert told == clashes
        if clashes:
            return
        if changed:
            self.history.append(without_empty({**newest, **wanted}))
            assert made.revision.changed == len(changed)
        assert (made.made, made.revision.number) == (bool(changed), self.head)

    @rule(back=BACK, contents=st.dictionaries(st.tuples(ROWS, COLUMNS), CONTENTS, min_size=1, max_size=25))
    def set_cells(self, back, contents):
        cells = {cell_name(*at): content for at, content in contents.items()}
        wanted = {at: entered(*at, content) for at, content in contents.items()}
        self.change(back, SetRequest(1, cells), wanted)

    @rule(back=BACK, area=AREAS, content=CONTENTS)
    def fill(self, back, area, content):
        first = entered(area.top, area.left, content)
        self.change(back, FillRequest(1, named(area), content), dict.fromkeys(area.positions(), first))

    @rule(back=BACK, area=AREAS)
    def clear(self, back, area):
        self.change(back, ClearRequest(1, named(area)), dict.fromkeys(area.positions()))

    @rule(data=st.data())
    def restore(self, data):
        number = data.draw(st.integers(1, self.head))
        made = restores.restore(self.alice, self.workbook_id, number, now=NOW)
        if made.made:
            self.history.append(self.history[number - 1])
        assert self.history[-1] == self.history[number - 1]

    @rule(data=st.data())
    def revert(self, data):
        number = data.draw(st.integers(1, self.head))
        after, newest = self.history[number - 1], self.history[-1]
        before = self.history[number - 2] if number > 1 else {}
        changed = {at for at in before.keys() | after.keys() if before.get(at) != after.get(at)}
        clashes = {at for at in changed if newest.get(at) != after.get(at)}
        try:
            made = restores.revert(self.alice, self.workbook_id, number, now=NOW)
        except CannotRevert:
            assert number == 1
            return
        except Conflict as conflict:
            told, made = places(conflict), None
        else:
            told = set()
        assert (number > 1, told) == (True, clashes)
        if made and made.made:
            self.history.append(without_empty({**newest, **{at: before.get(at) for at in changed}}))

    @rule()
    def reload(self):
        """Another process, or this one after a start."""
        db.session.remove()
        CACHE.clear()

    @rule()
    def collect(self):
        assert garbage.collect().damaged == []

    @rule(start=ROWS, count=st.integers(1, 500), data=st.data())
    def read_a_window(self, start, count, data):
        number = data.draw(st.integers(1, self.head))
        cells = self.history[number - 1]
        assert held_in(self.tree(number), start, start + count) == {
            at: cell for at, cell in cells.items() if start <= at[0] < start + count
        }
        state = revisions.open_revision(self.alice, self.workbook_id, number).state
        window = View(state, 1).window(start, count, 0, 3)
        shown = {(row["i"], cell[0]): cell[1] for row in window.rows for cell in row["cells"]}
        assert shown.keys() == {at for at in cells if start <= at[0] < start + count and at[1] < 3}
        for (row, column), text in shown.items():
            cell = state.tree(1).cell(row, column)
            assert text == plain_text(cell.value) or cell.formula is not None

    @precondition(lambda self: hasattr(self, "history"))
    @invariant()
    def the_newest_is_right(self):
        assert revisions.head_of(self.workbook_id) == self.head
        assert held_in(self.tree(None)) == self.history[-1]

    def teardown(self):
        with self.stack:
            if not hasattr(self, "history"):
                return
            self.reload()
            for number, cells in enumerate(self.history, start=1):
                assert held_in(self.tree(number)) == cells
            findings = integrity.check(self.workbook_id)
            assert (findings.problems, findings.revisions) == ([], self.head)


def entered(row, column, content):
    """What a cell holds that a content went into; None for nothing."""
    match content:
        case Formula(text):
            return held(Cell(formula=relative(text, row, column)))
        case Exact(value):
            return None if value is None else held(Cell(value))


def places(conflict):
    """The cells that a conflict names."""
    return {(one.row, one.column) for one in conflict.conflicts}


def without_empty(cells):
    """The cells of a dict that hold anything."""
    return {at: cell for at, cell in cells.items() if cell is not None}


def test_any_history(app):
    """Every revision holds what it has to, at once and at the end, wherever it is read; conflicts name
    exactly the cells that others changed; and all that is stored is whole."""
    alice = make_user(app)
    run_state_machine_as_test(
        lambda: Workbook(app, alice), settings=settings(max_examples=25, stateful_step_count=15)
    )
