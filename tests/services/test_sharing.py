"""Claims about sharing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.models.user import User
from app.models.workbook import Workbook
from app.services import access, accounts, sharing
from tests.factories import NOW, add_member, make_user, make_workbook


@pytest.fixture
def owner(app: Flask) -> User:
    """Who owns the workbook."""
    return make_user(app, "owner@example.org", "Olga")


@pytest.fixture
def bob(app: Flask) -> User:
    """Somebody else."""
    return make_user(app, "bob@example.org", "Bob")


@pytest.fixture
def workbook(app: Flask, owner: User) -> Workbook:
    """A workbook shared with nobody."""
    return make_workbook(app, owner)


@pytest.fixture(autouse=True)
def _context(app: Flask, bob: User, workbook: Workbook) -> Iterator[None]:  # noqa: ARG001 (made before)
    with app.app_context():
        yield


def _roles(owner: User, workbook: Workbook) -> dict[str, str]:
    return {member.name: member.role for member in sharing.members(owner, workbook.id)}


def test_share_by_address(owner: User, bob: User, workbook: Workbook) -> None:
    """Sharing with an address, however it is written, lets its user in."""
    sharing.share(owner, workbook.id, " BOB@example.org", "viewer", NOW)
    assert access.workbook_for(bob, workbook.id, "read").role == "viewer"


def test_share_again_changes_the_role(owner: User, workbook: Workbook) -> None:
    """Who is a member already gets the role named last."""
    sharing.share(owner, workbook.id, "bob@example.org", "viewer", NOW)
    sharing.share(owner, workbook.id, "bob@example.org", "editor", NOW + timedelta(days=1))
    assert _roles(owner, workbook) == {"Olga": "owner", "Bob": "editor"}


def test_members_in_order(app: Flask, owner: User, workbook: Workbook) -> None:
    """The owner comes first, then the members by name; a viewer sees them all."""
    for name in ("Zoe", "Ann"):
        add_member(app, workbook.id, make_user(app, f"{name}@example.org", name), "viewer")
    ann = accounts.by_email("ann@example.org")
    assert [member.name for member in sharing.members(ann, workbook.id)] == ["Olga", "Ann", "Zoe"]
    assert sharing.members(owner, workbook.id)[0].email == "owner@example.org"


@pytest.mark.parametrize(
    ("email", "role", "refused"),
    [
        ("nobody@example.org", "viewer", accounts.UnknownUser),
        ("no address", "viewer", accounts.UnknownUser),
        ("nul\x00@example.org", "viewer", accounts.UnknownUser),
        ("owner@example.org", "viewer", sharing.CannotShareWithOwner),
        ("bob@example.org", "owner", sharing.UnknownRole),
        ("bob@example.org", "", sharing.UnknownRole),
    ],
)
def test_refused_sharing(
    owner: User, workbook: Workbook, email: str, role: str, refused: type[Exception]
) -> None:
    """Sharing with nobody, with the owner, or as something else is refused and changes nothing."""
    with pytest.raises(refused):
        sharing.share(owner, workbook.id, email, role, NOW)
    assert _roles(owner, workbook) == {"Olga": "owner"}


def test_disabled_account_is_nobody(app: Flask, owner: User, workbook: Workbook) -> None:
    """Nothing is shared with an account that is switched off."""
    make_user(app, "gone@example.org", disabled=True)
    with pytest.raises(accounts.UnknownUser):
        sharing.share(owner, workbook.id, "gone@example.org", "viewer", NOW)


def test_change_and_withdraw(owner: User, bob: User, workbook: Workbook) -> None:
    """A member's role changes, and ends, at once."""
    sharing.share(owner, workbook.id, bob.email, "viewer", NOW)
    sharing.change(owner, workbook.id, bob.id, "editor")
    assert access.workbook_for(bob, workbook.id, "edit").role == "editor"
    sharing.withdraw(owner, workbook.id, bob.id)
    with pytest.raises(access.NotFound):
        access.workbook_for(bob, workbook.id, "read")


def test_leave(owner: User, bob: User, workbook: Workbook) -> None:
    """A member gives a workbook up by themselves; its owner cannot."""
    sharing.share(owner, workbook.id, bob.email, "viewer", NOW)
    sharing.leave(bob, workbook.id)
    assert _roles(owner, workbook) == {"Olga": "owner"}
    with pytest.raises(sharing.OwnerCannotLeave):
        sharing.leave(owner, workbook.id)


def test_administrator_who_only_looks_cannot_leave(app: Flask, workbook: Workbook) -> None:
    """Leaving is for those a workbook was shared with."""
    with pytest.raises(sharing.NotAMember):
        sharing.leave(make_user(app, "root@example.org", admin=True), workbook.id)


@pytest.mark.parametrize(
    "act",
    [
        lambda actor, workbook_id: sharing.change(actor, workbook_id, uuid4(), "viewer"),
        lambda actor, workbook_id: sharing.withdraw(actor, workbook_id, uuid4()),
    ],
    ids=["change", "withdraw"],
)
def test_not_a_member(owner: User, workbook: Workbook, act: Callable[[User, UUID], None]) -> None:
    """What is not shared with somebody cannot be changed or withdrawn."""
    with pytest.raises(sharing.NotAMember):
        act(owner, workbook.id)


@pytest.mark.parametrize(
    "act",
    [
        lambda actor, workbook_id: sharing.share(actor, workbook_id, "bob@example.org", "viewer", NOW),
        lambda actor, workbook_id: sharing.change(actor, workbook_id, actor.id, "editor"),
        lambda actor, workbook_id: sharing.withdraw(actor, workbook_id, actor.id),
    ],
    ids=["share", "change", "withdraw"],
)
def test_only_the_owner_shares(
    app: Flask, bob: User, workbook: Workbook, act: Callable[[User, UUID], None]
) -> None:
    """An editor can neither let others in nor put them out; to a stranger there is nothing to share."""
    with pytest.raises(access.NotFound):
        act(bob, workbook.id)
    add_member(app, workbook.id, bob, "editor")
    with pytest.raises(access.Forbidden):
        act(bob, workbook.id)
