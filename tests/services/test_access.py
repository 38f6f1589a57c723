"""Claims about who may do what."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask

from app.models.user import User
from app.models.workbook import Workbook
from app.services import access
from tests.factories import add_member, make_user, make_workbook


@pytest.fixture
def people(app: Flask) -> dict[str, User]:
    """One user for every role, and a stranger."""
    names = ("owner", "editor", "viewer", "stranger", "admin", "editing admin")
    return {
        name: make_user(app, f"{name.replace(' ', '-')}@example.org", admin="admin" in name) for name in names
    }


@pytest.fixture
def workbook(app: Flask, people: dict[str, User]) -> Workbook:
    """The owner's workbook, shared with the editors and the viewer."""
    return _shared(app, people, trashed=False)


@pytest.fixture
def trashed(app: Flask, people: dict[str, User]) -> Workbook:
    """Another like it, in the trash."""
    return _shared(app, people, trashed=True)


@pytest.fixture(autouse=True)
def _context(app: Flask, workbook: Workbook, trashed: Workbook) -> Iterator[None]:  # noqa: ARG001 (made before)
    with app.app_context():
        yield


def _shared(app: Flask, people: dict[str, User], *, trashed: bool) -> Workbook:
    workbook = make_workbook(app, people["owner"], trashed=trashed)
    for name, role in (("editor", "editor"), ("viewer", "viewer"), ("editing admin", "editor")):
        add_member(app, workbook.id, people[name], role)
    return workbook


def _outcome(actor: User, workbook: Workbook, need: access.Need) -> str:
    """The role by which the actor may, or the name of what refuses them."""
    try:
        return access.workbook_for(actor, workbook.id, need).role
    except (access.NotFound, access.Forbidden, access.WorkbookTrashed) as error:
        return type(error).__name__


@pytest.mark.parametrize(
    ("person", "read", "edit", "own"),
    [
        ("owner", "owner", "owner", "owner"),
        ("editor", "editor", "editor", "Forbidden"),
        ("viewer", "viewer", "Forbidden", "Forbidden"),
        ("stranger", "NotFound", "NotFound", "NotFound"),
        ("admin", "admin", "Forbidden", "Forbidden"),
        ("editing admin", "editor", "editor", "Forbidden"),
    ],
)
def test_roles(
    people: dict[str, User], workbook: Workbook, person: str, read: str, edit: str, own: str
) -> None:
    """A role allows what it says; to a stranger the workbook does not exist; administrators read."""
    actor = people[person]
    outcomes = tuple(_outcome(actor, workbook, need) for need in ("read", "edit", "own"))
    assert outcomes == (read, edit, own)


@pytest.mark.parametrize(
    ("person", "read", "edit", "own"),
    [
        ("owner", "owner", "WorkbookTrashed", "owner"),
        ("editor", "NotFound", "NotFound", "NotFound"),
        ("viewer", "NotFound", "NotFound", "NotFound"),
        ("stranger", "NotFound", "NotFound", "NotFound"),
        ("admin", "admin", "Forbidden", "Forbidden"),
    ],
)
def test_roles_in_the_trash(
    people: dict[str, User], trashed: Workbook, person: str, read: str, edit: str, own: str
) -> None:
    """In the trash a workbook is gone for those it was shared with, and its owner can only take it out."""
    actor = people[person]
    outcomes = tuple(_outcome(actor, trashed, need) for need in ("read", "edit", "own"))
    assert outcomes == (read, edit, own)


def test_no_such_workbook(people: dict[str, User]) -> None:
    """What is not there is answered as what may not be seen."""
    with pytest.raises(access.NotFound):
        access.workbook_for(people["admin"], uuid4(), "read")


@pytest.mark.parametrize("who", access.Who)
def test_routes_without_a_user(who: access.Who, monkeypatch: pytest.MonkeyPatch, workbook: Workbook) -> None:
    """Whoever is not signed in gets to the routes for anyone, and is asked to sign in at all others."""
    monkeypatch.setitem(access.ROUTES, "a route", who)
    if who is access.Who.ANYONE:
        access.check_route("a route", None, workbook.id)
    else:
        with pytest.raises(access.SignInRequired):
            access.check_route("a route", None, workbook.id)


def test_route_that_is_not_in_the_table(people: dict[str, User]) -> None:
    """A route nobody decided about lets nobody in."""
    with pytest.raises(LookupError):
        access.check_route("a route", people["admin"], None)


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        (access.Who.SIGNED_IN, None),
        (access.Who.ADMINISTRATOR, access.Forbidden),
        (access.Who.READER, None),
        (access.Who.EDITOR, access.Forbidden),
        (access.Who.OWNER, access.Forbidden),
    ],
)
def test_routes_for_a_viewer(
    people: dict[str, User],
    workbook: Workbook,
    monkeypatch: pytest.MonkeyPatch,
    who: access.Who,
    refused: type[Exception] | None,
) -> None:
    """A route asks for the role it names on the workbook in its address."""
    monkeypatch.setitem(access.ROUTES, "a route", who)
    if refused is None:
        access.check_route("a route", people["viewer"], workbook.id)
    else:
        with pytest.raises(refused):
            access.check_route("a route", people["viewer"], workbook.id)
