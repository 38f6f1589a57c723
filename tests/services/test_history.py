"""Claims about the version history as people read it."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from flask import Flask
from openpyxl import Workbook

from app.formats.guard import Limits
from app.models.user import User
from app.services import access, commits, history, imports, restores, revisions
from app.sheet.address import parse_cell
from app.sheet.cell import LexicalNumber, Value
from app.sheet.operations import Entered, SetCells
from app.sheet.references import relative
from tests.factories import NOW, add_member, make_grid, make_user


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


@pytest.fixture
def workbook_id(app: Flask, alice: User) -> UUID:
    """A workbook of Alice's with one revision and one cell."""
    return make_grid(app, alice, {"A1": 1})


@pytest.fixture
def _context(app: Flask, workbook_id: UUID) -> Iterator[None]:  # noqa: ARG001 (made before)
    with app.app_context():
        yield


def _edit(actor: User, workbook_id: UUID, base: int, **cells: Value) -> int:
    entered = {parse_cell(at): Entered(value) for at, value in cells.items()}
    made = commits.commit(actor, workbook_id, base, [SetCells(1, entered)], now=NOW, via="grid")
    return made.revision.number


@pytest.mark.usefixtures("_context")
def test_newest_first(alice: User, workbook_id: UUID) -> None:
    """The history lists every revision, the newest first, with its author."""
    _edit(alice, workbook_id, 1, A1=2)
    page = history.list_revisions(alice, workbook_id)
    assert [(item.number, item.author_name, item.via) for item in page.items] == [
        (2, "alice", "grid"),
        (1, "alice", page.items[1].via),
    ]
    assert page.next is None


@pytest.mark.usefixtures("_context")
def test_pages_by_number(alice: User, workbook_id: UUID) -> None:
    """Pages follow one another by number, without gap or repeat, also when revisions are added between."""
    for base in range(1, 5):
        _edit(alice, workbook_id, base, A1=base + 10)
    first = history.list_revisions(alice, workbook_id, size=2)
    _edit(alice, workbook_id, 5, A1="in between")
    second = history.list_revisions(alice, workbook_id, before=first.next, size=2)
    third = history.list_revisions(alice, workbook_id, before=second.next, size=2)
    numbers = [[item.number for item in page.items] for page in (first, second, third)]
    assert (numbers, third.next) == ([[5, 4], [3, 2], [1]], None)


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize(("before", "numbers"), [(0, []), (-(10**30), []), (10**30, [1]), (2, [1])])
def test_before_anything(alice: User, workbook_id: UUID, before: int, numbers: list[int]) -> None:
    """Any whole number can be asked for; what no revision can have gives the nearest end."""
    page = history.list_revisions(alice, workbook_id, before)
    assert [item.number for item in page.items] == numbers


@pytest.mark.usefixtures("_context")
def test_changed_cells_in_words(alice: User, workbook_id: UUID) -> None:
    """A revision tells its sheets, how many cells changed, and the first few with old and new content."""
    _edit(alice, workbook_id, 1, A1=True, B1="x", C1=2.5, D1="y", E1="z")
    told = history.one_revision(alice, workbook_id, 2)
    sheet = told.sheets[0]
    assert (len(told.sheets), sheet.total) == (1, 5)
    assert [(cell.cell, cell.old, cell.new) for cell in sheet.cells] == [
        ("A1", "1", "TRUE"),
        ("B1", "", "x"),
        ("C1", "", "2.5"),
        ("D1", "", "y"),
    ]


@pytest.mark.usefixtures("_context")
def test_formulas_as_typed(alice: User, workbook_id: UUID) -> None:
    """A formula is told as it would be typed in its cell."""
    entered = {(4, 2): Entered(None, relative("SUM(A1:A4)", 4, 2))}
    commits.commit(alice, workbook_id, 1, [SetCells(1, entered)], now=NOW, via="grid")
    page = history.changes(alice, workbook_id, 2)
    assert [(item.cell, item.new) for item in page.items] == [("C5", "=SUM(A1:A4)")]


@pytest.mark.usefixtures("_context")
def test_dates_as_dates(alice: User) -> None:
    """A number in a cell that shows dates is told as the date it is."""
    made, file, workbook_id = Workbook(), BytesIO(), uuid4()
    made.active["A1"] = datetime(2026, 3, 14)
    made.save(file)
    for _ in imports.import_file(alice, workbook_id, file, "dates.xlsx", limits=Limits(), now=NOW):
        pass
    _edit(alice, workbook_id, 1, A1=46096)
    item = history.changes(alice, workbook_id, 2).items[0]
    assert (item.old, item.new) == ("2026-03-14", "2026-03-15")


@pytest.mark.usefixtures("_context")
def test_all_changes_in_pages(alice: User, workbook_id: UUID) -> None:
    """One revision's page holds every cell it changed, however many, a page at a time."""
    entered = {(row, 0): Entered(f"row {row} " + "x" * 20) for row in range(1, 301)}
    commits.commit(alice, workbook_id, 1, [SetCells(1, entered)], now=NOW, via="grid")
    pages = [history.changes(alice, workbook_id, 2, page, size=120) for page in (1, 2, 3)]
    cells = [item.cell for page in pages for item in page.items]
    assert cells == [f"A{row}" for row in range(2, 302)]
    assert (pages[0].pages, pages[0].total) == (3, 300)


@pytest.mark.usefixtures("_context")
def test_restore_in_words(alice: User, workbook_id: UUID) -> None:
    """A revision that brought an old state back says which."""
    _edit(alice, workbook_id, 1, A1=2)
    restores.restore(alice, workbook_id, 1, now=NOW)
    told = history.one_revision(alice, workbook_id, 3)
    assert (told.title, told.sheets) == ("The workbook became what it was in revision 1.", [])


@pytest.mark.usefixtures("_context")
def test_names(alice: User, workbook_id: UUID) -> None:
    """A revision can be given a name, another one, and none."""
    given = []
    for name in (" First  draft\n", "Final", "  "):
        history.set_name(alice, workbook_id, 1, name, NOW)
        given.append(history.one_revision(alice, workbook_id, 1).name)
    assert given == ["First draft", "Final", None]


@pytest.mark.usefixtures("_context")
def test_name_too_long(alice: User, workbook_id: UUID) -> None:
    """A name that does not fit is refused, and the old one stays."""
    history.set_name(alice, workbook_id, 1, "Short", NOW)
    with pytest.raises(history.BadVersionName):
        history.set_name(alice, workbook_id, 1, "x" * 201, NOW)
    assert history.one_revision(alice, workbook_id, 1).name == "Short"


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize("number", [0, 2, -1, 2**31, 10**30])
def test_no_such_revision(alice: User, workbook_id: UUID, number: int) -> None:
    """A number that no revision has is told so, whatever its size."""
    with pytest.raises(revisions.RevisionNotFound):
        history.changes(alice, workbook_id, number)


def test_viewer_names_nothing(app: Flask, workbook_id: UUID) -> None:
    """A viewer reads the history but gives no names."""
    bob = make_user(app, "bob@example.org")
    add_member(app, workbook_id, bob, "viewer")
    with app.app_context():
        assert len(history.list_revisions(bob, workbook_id).items) == 1
        with pytest.raises(access.Forbidden):
            history.set_name(bob, workbook_id, 1, "Mine", NOW)


def test_stranger_reads_nothing(app: Flask, workbook_id: UUID) -> None:
    """To a stranger there is no history."""
    eve = make_user(app, "eve@example.org")
    with app.app_context(), pytest.raises(access.NotFound):
        history.list_revisions(eve, workbook_id)


def test_administrator_reads(app: Flask, workbook_id: UUID) -> None:
    """An administrator reads the history of any workbook."""
    root = make_user(app, "root@example.org", admin=True)
    with app.app_context():
        assert len(history.list_revisions(root, workbook_id).items) == 1


@pytest.mark.usefixtures("_context")
def test_conflicts_in_words(alice: User, workbook_id: UUID) -> None:
    """What stands in the way of a revert is told by sheet, cell and contents."""
    _edit(alice, workbook_id, 1, A1=2)
    _edit(alice, workbook_id, 2, A1="by hand")
    with pytest.raises(commits.Conflict) as caught:
        restores.revert(alice, workbook_id, 2, now=NOW)
    told = history.tell_conflicts(alice, workbook_id, caught.value.conflicts)
    assert [conflict[1:] for conflict in told] == [("A1", "2", "by hand", "1")]


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize("value", [True, LexicalNumber("1.0")])
def test_equal_but_not_the_same(alice: User, workbook_id: UUID, value: Value) -> None:
    """A value that only compares equal to the old one is a change, and is kept."""
    assert _edit(alice, workbook_id, 1, A1=value) == 2
    assert history.one_revision(alice, workbook_id, 2).changed == 1


@pytest.mark.usefixtures("_context")
def test_equal_but_not_the_same_conflicts(alice: User, workbook_id: UUID) -> None:
    """Who changed a cell meanwhile is told also where the values only compare equal."""
    _edit(alice, workbook_id, 1, A1=True)
    with pytest.raises(commits.Conflict):
        _edit(alice, workbook_id, 1, A1=5)
