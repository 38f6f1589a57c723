"""Revisions that change very many cells at once."""

import pytest

from app.extensions import db
from app.services import commits, editing, history, integrity, restores, revisions
from app.services.commits import MAX_CONFLICTS, Conflict
from app.services.editing import Exact, FillRequest, Formula, TooManyCells
from app.sheet.address import BadAddress, parse_range
from app.sheet.cell import Cell
from app.sheet.operations import CellRefused, ClearCells, Entered, FillRange
from app.store.postgres import PostgresChunks
from tests.factories import NOW, make_grid, make_user
from tests.services.edits import edit, values

ROWS = 3_000


@pytest.fixture
def alice(app):
    return make_user(app)


@pytest.fixture
def workbook_id(app, alice):
    """A sheet of ROWS rows: their numbers, and texts that take room."""
    cells = {f"A{row}": row for row in range(1, ROWS + 1)}
    cells |= {f"B{row}": f"row {row} {'x' * 60}" for row in range(1, ROWS + 1)}
    return make_grid(app, alice, cells)


def fill(alice, workbook_id, base, area, entered):
    operation = FillRange(1, parse_range(area), entered)
    return commits.commit(alice, workbook_id, base, [operation], now=NOW, via="grid")


def column(alice, workbook_id, at, number=None):
    """What each row holds in a column, by row."""
    found = values(alice, workbook_id, number)
    return {row: value for (row, column), value in found.items() if column == at}


def test_a_filled_column_is_one_small_revision(app, alice, workbook_id):
    """Every row gets the value, the revision's row holds all that changed, and nothing else is changed."""
    with app.app_context():
        made = fill(alice, workbook_id, 1, f"C1:C{ROWS}", Entered("checked")).revision
        assert (made.number, made.changed, made.changeset_chunk) == (2, ROWS, None)
        assert column(alice, workbook_id, 2) == dict.fromkeys(range(ROWS), "checked")
        assert column(alice, workbook_id, 0) == {row: row + 1 for row in range(ROWS)}
        assert not integrity.check().problems


def test_a_fill_over_values_keeps_what_they_were(app, alice, workbook_id):
    """Undoing the newest and reverting under later edits both bring every old value back."""
    with app.app_context():
        before = column(alice, workbook_id, 0)
        fill(alice, workbook_id, 1, f"A1:A{ROWS}", Entered(0))
        edit(alice, workbook_id, 2, {"C7": "later"})
        restores.revert(alice, workbook_id, 2, now=NOW)
        assert column(alice, workbook_id, 0) == before
        assert column(alice, workbook_id, 2) == {6: "later"}
        redone = restores.revert(alice, workbook_id, 4, now=NOW).revision
        assert (redone.changed, set(column(alice, workbook_id, 0).values())) == (ROWS, {0})
        assert not integrity.check().problems


def test_a_revert_of_a_fill_tells_what_was_changed_since(app, alice, workbook_id):
    """A filled cell that somebody set since is a conflict, and nothing is reverted."""
    with app.app_context():
        fill(alice, workbook_id, 1, f"C1:C{ROWS}", Entered("checked"))
        edit(alice, workbook_id, 2, {"C7": "no"})
        with pytest.raises(Conflict) as caught:
            restores.revert(alice, workbook_id, 2, now=NOW)
        told = [(c.row, c.column, c.base.value, c.theirs.value, c.yours) for c in caught.value.conflicts]
        assert told == [(6, 2, "checked", "no", Cell())]
        assert column(alice, workbook_id, 2)[6] == "no"


def test_a_fill_on_an_older_revision(app, alice, workbook_id):
    """Edits of other cells stay; one of a filled cell is a conflict and the fill is not made."""
    with app.app_context():
        edit(alice, workbook_id, 1, {"A7": "theirs"})
        made = fill(alice, workbook_id, 1, f"C1:C{ROWS}", Entered("checked"))
        assert (made.revision.number, made.rebased) == (3, True)
        with pytest.raises(Conflict) as caught:
            fill(alice, workbook_id, 1, f"A1:A{ROWS}", Entered(0))
        assert [(c.row, c.base.value, c.theirs.value) for c in caught.value.conflicts] == [(6, 7, "theirs")]
        assert column(alice, workbook_id, 0)[6] == "theirs"


def test_conflicts_are_told_up_to_a_number(app, alice, workbook_id):
    """Two fills of one column tell so many cells, and that there are more."""
    with app.app_context():
        fill(alice, workbook_id, 1, f"C1:C{ROWS}", Entered("one"))
        with pytest.raises(Conflict, match="1,000 or more cells") as caught:
            fill(alice, workbook_id, 1, f"C1:C{ROWS}", Entered("other"))
        assert len(caught.value.conflicts) == MAX_CONFLICTS


def test_the_history_tells_a_fill(app, alice, workbook_id):
    """The list names a few cells and how many there are; the changes page through all of them."""
    with app.app_context():
        fill(alice, workbook_id, 1, f"A11:A{ROWS}", Entered(0))
        (sheet,) = history.list_revisions(alice, workbook_id).items[0].sheets
        assert (sheet.total, [cell.cell for cell in sheet.cells]) == (ROWS - 10, ["A11", "A12", "A13", "A14"])
        page = history.changes(alice, workbook_id, 2, page=3, size=100)
        assert (page.total, page.pages) == (ROWS - 10, 30)
        assert [cell[1:4] for cell in page.items] == [(f"A{row}", str(row), "0") for row in range(211, 311)]


def test_a_cleared_range_comes_back(app, alice, workbook_id):
    """Whole columns are emptied and reverted, formulas and their count included."""
    with app.app_context():
        editing.edit(
            alice, workbook_id, 1, [FillRequest(1, f"C1:C{ROWS}", Formula("A1*2"))], now=NOW, via="grid"
        )
        opened = revisions.open_revision(alice, workbook_id, None).state
        assert (opened.sheet(1).formulas, opened.tree(1).cell(9, 2).formula) == (ROWS, "\x01RC[-2]*2")
        clearing = [ClearCells(1, parse_range("A1:XFD1048576"))]
        commits.commit(alice, workbook_id, 2, clearing, now=NOW, via="grid")
        assert values(alice, workbook_id) == {}
        assert revisions.open_revision(alice, workbook_id, None).state.sheet(1).formulas == 0
        edit(alice, workbook_id, 3, {"Z1": 1})
        restores.revert(alice, workbook_id, 3, now=NOW)
        state = revisions.open_revision(alice, workbook_id, None).state
        assert (state.sheet(1).formulas, state.tree(1).cell(9, 2).formula) == (ROWS, "\x01RC[-2]*2")
        assert not integrity.check().problems


@pytest.mark.parametrize(
    ("area", "content", "error"),
    [
        ("A1:C1048576", Exact(1), TooManyCells),
        ("A0:A9", Exact(1), BadAddress),
        ("A1:A9999", Exact("x" * 32_768), CellRefused),
        ("A1:A9999", Exact(float("nan")), CellRefused),
        ("A1:A9999", Formula("="), CellRefused),
    ],
)
def test_a_refused_fill_leaves_nothing(app, alice, workbook_id, area, content, error):
    """What cannot be filled is refused as it is for single cells."""
    with app.app_context():
        with pytest.raises(error):
            editing.edit(alice, workbook_id, 1, [FillRequest(1, area, content)], now=NOW, via="grid")
        assert revisions.head_of(workbook_id) == 1


def test_a_fill_that_breaks_off_leaves_nothing(app, alice, workbook_id, monkeypatch):
    """What was already sent when the connection broke is gone with its transaction."""
    send = PostgresChunks.flush

    def broken(store, *given):
        send(store, *given)
        raise ConnectionError

    monkeypatch.setattr("app.store.postgres._FLUSH_BYTES", 50_000)
    monkeypatch.setattr(PostgresChunks, "flush", broken)
    with app.app_context():
        with pytest.raises(ConnectionError):
            fill(alice, workbook_id, 1, f"C1:C{ROWS}", Entered("checked"))
        monkeypatch.undo()
        db.session.remove()
        assert revisions.head_of(workbook_id) == 1
        findings = integrity.check()
        assert (findings.problems, findings.unreachable) == ([], 0)
        fill(alice, workbook_id, 1, f"C1:C{ROWS}", Entered("checked"))
        assert column(alice, workbook_id, 2) == dict.fromkeys(range(ROWS), "checked")
