"""Claims about the list of workbooks and what becomes of one as a whole."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase

from app.extensions import db
from app.models.chunk import Chunk
from app.models.revision import NamedVersion, Revision
from app.models.user import User
from app.models.workbook import Membership, Workbook
from app.services import access, history, workbooks
from tests.factories import NOW, add_member, make_grid, make_user, make_workbook


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


@pytest.fixture
def bob(app: Flask) -> User:
    """Bob's account."""
    return make_user(app, "bob@example.org", "Bob")


@pytest.fixture(autouse=True)
def _context(app: Flask, alice: User, bob: User) -> Iterator[None]:  # noqa: ARG001 (made before)
    with app.app_context():
        yield


def _names(page: workbooks.WorkbookPage) -> list[str]:
    return [item.name for item in page.items]


def _rows(model: type[DeclarativeBase], workbook_id: UUID) -> int:
    column = model.id if model is Workbook else model.workbook_id
    return db.session.scalar(select(func.count()).where(column == workbook_id)) or 0


def _touch(workbook: Workbook, minutes: int) -> None:
    db.session.get_one(Workbook, workbook.id).updated_at = NOW + timedelta(minutes=minutes)
    db.session.commit()


def test_list_mine_and_shared(app: Flask, alice: User, bob: User) -> None:
    """A list holds one's own workbooks and those shared with one, each with one's role, and no others."""
    make_workbook(app, alice, "Own")
    shared = make_workbook(app, bob, "Shared")
    make_workbook(app, bob, "Private")
    add_member(app, shared.id, alice, "editor")
    listed = workbooks.list_workbooks(alice)
    assert {(item.name, item.role, item.owner_name) for item in listed.items} == {
        ("Own", "owner", "alice"),
        ("Shared", "editor", "Bob"),
    }


@pytest.mark.parametrize(("scope", "names"), [("mine", ["Own"]), ("shared", ["Shared"])])
def test_list_by_scope(app: Flask, alice: User, bob: User, scope: workbooks.Scope, names: list[str]) -> None:
    """The list can be narrowed to one's own or to what others share."""
    make_workbook(app, alice, "Own")
    add_member(app, make_workbook(app, bob, "Shared").id, alice, "viewer")
    assert _names(workbooks.list_workbooks(alice, scope=scope)) == names


def test_last_changed_first(app: Flask, alice: User) -> None:
    """What was changed last comes first."""
    for minutes, name in ((1, "first"), (3, "third"), (2, "second")):
        _touch(make_workbook(app, alice, name), minutes)
    assert _names(workbooks.list_workbooks(alice)) == ["third", "second", "first"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("bUDG", ["Budget 100%"]),
        ("100%", ["Budget 100%"]),
        ("100_", []),
        ("%", ["Budget 100%"]),
        ("straße", ["STRASSE"]),
        ("  Budget   100 ", ["Budget 100%"]),
        ("\x00\ud800", ["STRASSE", "Budget 100%"]),
    ],
)
def test_search(app: Flask, alice: User, query: str, names: list[str]) -> None:
    """Search is for a part of the name in any case; signs of the pattern language are only signs."""
    for minutes, name in enumerate(("Budget 100%", "STRASSE")):
        _touch(make_workbook(app, alice, name), minutes)
    assert _names(workbooks.list_workbooks(alice, query)) == names


@pytest.mark.parametrize(("page", "shown", "items"), [(1, 1, 2), (3, 3, 1), (99, 3, 1), (-5, 1, 2)])
def test_pages(app: Flask, alice: User, page: int, shown: int, items: int) -> None:
    """A list comes in pages; asking past either end gives the nearest page."""
    for number in range(5):
        make_workbook(app, alice, f"Workbook {number}")
    listed = workbooks.list_workbooks(alice, page=page, size=2)
    assert (listed.page, len(listed.items), listed.pages, listed.total) == (shown, items, 3, 5)


def test_trash_leaves_the_list(app: Flask, alice: User) -> None:
    """A workbook in the trash is in the list of the trash only."""
    workbook = make_workbook(app, alice)
    workbooks.trash(alice, workbook.id, NOW)
    assert _names(workbooks.list_workbooks(alice)) == []
    assert _names(workbooks.list_trash(alice)) == ["Budget"]


def test_trash_hides_from_members(app: Flask, alice: User, bob: User) -> None:
    """Whom a workbook was shared with does not see it while it is in the trash, and does again after."""
    workbook = make_workbook(app, alice)
    add_member(app, workbook.id, bob, "editor")
    workbooks.trash(alice, workbook.id, NOW)
    assert _names(workbooks.list_workbooks(bob)) + _names(workbooks.list_trash(bob)) == []
    workbooks.untrash(alice, workbook.id)
    assert _names(workbooks.list_workbooks(bob)) == ["Budget"]


def test_trash_is_the_owners(app: Flask, alice: User, bob: User) -> None:
    """An editor can move no workbook to the trash."""
    workbook = make_workbook(app, alice)
    add_member(app, workbook.id, bob, "editor")
    with pytest.raises(access.Forbidden):
        workbooks.trash(bob, workbook.id, NOW)


def test_rename(app: Flask, alice: User) -> None:
    """A renamed workbook is found under its new name, on one line, and no more under its old."""
    workbook = make_workbook(app, alice)
    assert workbooks.rename(alice, workbook.id, "  Plan\n for \t2026 ") == "Plan for 2026"
    assert _names(workbooks.list_workbooks(alice, "PLAN FOR")) == ["Plan for 2026"]
    assert _names(workbooks.list_workbooks(alice, "budget")) == []


@pytest.mark.parametrize("name", ["", "  \n ", "\x00", "x" * 201])
def test_bad_names(app: Flask, alice: User, name: str) -> None:
    """A name that is empty or too long is refused, and the old one stays."""
    workbook = make_workbook(app, alice)
    with pytest.raises(workbooks.BadWorkbookName):
        workbooks.rename(alice, workbook.id, name)
    assert _names(workbooks.list_workbooks(alice)) == ["Budget"]


def test_longest_name(app: Flask, alice: User) -> None:
    """A name of 200 characters fits, also of those whose lower case is longer."""
    workbook = make_workbook(app, alice)
    assert workbooks.rename(alice, workbook.id, "ΐ" * 200) == "ΐ" * 200


def test_viewer_cannot_rename(app: Flask, alice: User, bob: User) -> None:
    """A viewer renames nothing."""
    workbook = make_workbook(app, alice)
    add_member(app, workbook.id, bob, "viewer")
    with pytest.raises(access.Forbidden):
        workbooks.rename(bob, workbook.id, "Mine now")


def test_purge_leaves_nothing(app: Flask, alice: User, bob: User) -> None:
    """A purged workbook leaves no row in any table, and its neighbour loses none."""
    gone, kept = make_grid(app, alice, {"A1": 1}), make_grid(app, alice, {"A1": 1})
    for workbook_id in (gone, kept):
        add_member(app, workbook_id, bob, "viewer")
        history.set_name(alice, workbook_id, 1, "First", NOW)
    workbooks.trash(alice, gone, NOW)
    name = workbooks.list_trash(alice).items[0].name
    assert workbooks.purge(alice, gone, f" {name} ") == name
    models = (Workbook, Membership, Revision, NamedVersion, Chunk)
    assert [_rows(model, gone) for model in models] == [0, 0, 0, 0, 0]
    assert all(_rows(model, kept) for model in models)


def test_purge_wants_the_name(app: Flask, alice: User) -> None:
    """Without its exact name a workbook is not purged."""
    workbook = make_workbook(app, alice, trashed=True)
    with pytest.raises(workbooks.NameNotConfirmed):
        workbooks.purge(alice, workbook.id, "budget")
    assert _names(workbooks.list_trash(alice)) == ["Budget"]


def test_purge_wants_the_trash(app: Flask, alice: User) -> None:
    """A workbook that is not in the trash is not purged, whatever is typed."""
    workbook = make_workbook(app, alice)
    with pytest.raises(workbooks.NotInTrash):
        workbooks.purge(alice, workbook.id, "Budget")
    assert _rows(Workbook, workbook.id) == 1


def test_purge_is_the_owners(app: Flask, alice: User, bob: User) -> None:
    """Nobody else purges a workbook: to a stranger it does not exist."""
    workbook = make_workbook(app, alice, trashed=True)
    with pytest.raises(access.NotFound):
        workbooks.purge(bob, workbook.id, "Budget")
    assert _rows(Workbook, workbook.id) == 1
