"""Claims about what administrators see and do."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models.user import User
from app.services import access, accounts, administration, commits, workbooks
from app.services.administration import Cursor, Filters
from app.sheet.operations import Entered, SetCells
from tests.factories import NOW, make_grid, make_user


@pytest.fixture
def root(app: Flask) -> User:
    """An administrator."""
    return make_user(app, "root@example.org", "Root", admin=True)


@pytest.fixture
def alice(app: Flask) -> User:
    """An ordinary user."""
    return make_user(app, "alice@example.org", "Alice")


@pytest.fixture(autouse=True)
def _context(app: Flask, root: User, alice: User) -> Iterator[None]:  # noqa: ARG001 (made before)
    with app.app_context():
        yield


def _edit(actor: User, workbook_id: UUID, base: int, now: datetime, via: str = "grid") -> None:
    entered = {(0, base): Entered(base)}
    commits.commit(actor, workbook_id, base, [SetCells(1, entered)], now=now, via=via)


def _found(root: User, filters: Filters) -> list[tuple[str, int]]:
    items = administration.history(root, filters).items
    return [(item.workbook_name, item.number) for item in items]


def test_everybodys_revisions(app: Flask, root: User, alice: User) -> None:
    """The history of all users has every revision of every workbook, the newest first."""
    plan, budget = make_grid(app, root, name="Plan"), make_grid(app, alice, name="Budget")
    _edit(alice, budget, 1, NOW + timedelta(hours=1))
    _edit(root, plan, 1, NOW + timedelta(hours=2))
    assert _found(root, Filters())[:2] == [("Plan", 2), ("Budget", 2)]
    assert set(_found(root, Filters())[2:]) == {("Plan", 1), ("Budget", 1)}


def test_pages_by_key(app: Flask, root: User) -> None:
    """Pages hold every revision once, also where many have the same time."""
    for number in range(5):
        make_grid(app, root, name=f"Workbook {number}")
    seen, after = [], None
    while True:
        page = administration.history(root, Filters(), after, size=2)
        seen += [item.workbook_id for item in page.items]
        if page.next is None:
            break
        after = Cursor.parse(str(page.next))
    assert (len(seen), len(set(seen))) == (5, 5)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(user="ALICE@"), [("Budget", 2)]),
        (Filters(user="lic"), [("Budget", 2)]),
        (Filters(user="%"), []),
        (Filters(workbook="plan"), [("Plan", 1)]),
        (Filters(via="api"), [("Budget", 2)]),
        (Filters(since=date(2026, 3, 15)), [("Budget", 2)]),
        (Filters(until=date(2026, 3, 14), workbook="Budget"), [("Budget", 1)]),
        (Filters(since=date(2026, 3, 15), until=date(2026, 3, 15)), [("Budget", 2)]),
        (Filters(since=date.max), []),
        (Filters(until=date.min), []),
        (Filters(until=date.max, user="alice"), [("Budget", 2)]),
    ],
)
def test_filters(app: Flask, root: User, alice: User, filters: Filters, found: list[tuple[str, int]]) -> None:
    """Revisions are found by part of their author's name or address, of their workbook's name, by how
    they came about and by their day."""
    make_grid(app, root, name="Plan")
    budget = make_grid(app, root, name="Budget")
    db.session.execute(
        text("INSERT INTO memberships VALUES (:workbook, :user, 'editor', :now)"),
        {"workbook": budget, "user": alice.id, "now": NOW},
    )
    _edit(alice, budget, 1, NOW + timedelta(days=1), via="api")
    assert _found(root, filters) == found


def test_all_rows_in_batches(app: Flask, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download has all revisions, however many batches they take."""
    monkeypatch.setattr(administration, "_EXPORT_BATCH", 2)
    for number in range(5):
        make_grid(app, root, name=f"Workbook {number}")
    names = [row.workbook_name for row in administration.history_rows(root, Filters())]
    assert sorted(names) == [f"Workbook {number}" for number in range(5)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "_",
        "__",
        "20260314T092653.000000_x_1",
        "20260314T092653.0_8632c5bc-0f45-4607-9460-f8f8ea04d359_0",
        "\x00_1_2",
    ],
)
def test_no_cursor(text: str) -> None:
    """What is no place in the history is refused by name."""
    with pytest.raises(administration.BadCursor):
        Cursor.parse(text)


def test_trashed_workbooks_are_marked(app: Flask, root: User, alice: User) -> None:
    """The history keeps the revisions of a workbook in the trash, and says that it is there."""
    workbook_id = make_grid(app, alice)
    workbooks.trash(alice, workbook_id, NOW)
    assert [item.trashed for item in administration.history(root, Filters()).items] == [True]


def test_users_with_what_they_own(app: Flask, root: User, alice: User) -> None:
    """Accounts are listed by address with the number of their workbooks and when they were last seen."""
    make_grid(app, alice)
    listed = administration.users(root).items
    assert [(item.user.email, item.workbooks, item.last_seen_at) for item in listed] == [
        ("alice@example.org", 1, None),
        ("root@example.org", 0, None),
    ]


@pytest.mark.parametrize(
    ("query", "names"), [("ROO", ["Root"]), ("example.org", ["Alice", "Root"]), ("_", [])]
)
def test_search_users(root: User, query: str, names: list[str]) -> None:
    """Accounts are found by part of their name or address."""
    assert [item.user.name for item in administration.users(root, query).items] == names


def test_disable_and_enable(root: User, alice: User) -> None:
    """A disabled account cannot sign in until it is enabled again."""
    administration.disable(root, alice.id, NOW)
    assert administration.users(root, "alice").items[0].user.disabled_at == NOW
    administration.enable(root, alice.id)
    assert administration.users(root, "alice").items[0].user.disabled_at is None


def test_promote_and_demote(root: User, alice: User) -> None:
    """An administrator makes another one, who can then withdraw it from the first."""
    promoted = administration.promote(root, alice.id)
    demoted = administration.demote(promoted, root.id)
    assert (promoted.is_admin, demoted.is_admin) == (True, False)


@pytest.mark.parametrize(
    "act", [administration.demote, lambda root, user_id: administration.disable(root, user_id, NOW)]
)
def test_last_administrator_stays(root: User, act: Callable[[User, UUID], User]) -> None:
    """The last administrator can be neither demoted nor disabled."""
    with pytest.raises(accounts.LastAdministrator):
        act(root, root.id)


@pytest.mark.parametrize(
    "ask",
    [
        lambda user: administration.history(user, Filters()),
        lambda user: next(administration.history_rows(user, Filters()), None),
        administration.users,
        lambda user: administration.promote(user, user.id),
        lambda user: administration.demote(user, user.id),
        lambda user: administration.disable(user, user.id, NOW),
        lambda user: administration.enable(user, user.id),
    ],
)
def test_for_administrators_alone(alice: User, ask: Callable[[User], object]) -> None:
    """An ordinary user can do nothing here."""
    with pytest.raises(access.Forbidden):
        ask(alice)
