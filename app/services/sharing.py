"""Sharing: who besides its owner sees a workbook, and who may change it."""

from datetime import datetime
from typing import Literal, NamedTuple, cast
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.models.user import User
from app.models.workbook import Membership, Workbook
from app.services import access, accounts

SharedRole = Literal["viewer", "editor"]
ROLES: tuple[SharedRole, ...] = ("viewer", "editor")


class CannotShareWithOwner(ValueError):
    """The owner of a workbook has every right on it already."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class NotAMember(LookupError):
    """This workbook is not shared with that user (any more)."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class OwnerCannotLeave(ValueError):
    """You own this workbook, so you cannot leave it. Move it to the trash instead."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class UnknownRole(ValueError):
    """A workbook is shared with viewers and editors; there is no other role."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class Member(NamedTuple):
    """Somebody who sees a workbook. since: when it was shared with them, or made."""

    user_id: UUID
    name: str
    email: str
    role: access.Role
    since: datetime


def members(actor: User, workbook_id: UUID) -> list[Member]:
    """The owner first, then everybody the workbook is shared with, by name. For who may read it.

    Raises NotFound.
    """
    workbook = access.workbook_for(actor, workbook_id, "read").workbook
    owner = accounts.by_id(workbook.owner_id)
    rows = db.session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.workbook_id == workbook_id)
        .order_by(User.name, User.email)
    ).all()
    return [
        Member(owner.id, owner.name, owner.email, "owner", workbook.created_at),
        *(
            Member(user.id, user.name, user.email, cast(access.Role, membership.role), membership.created_at)
            for user, membership in rows
        ),
    ]


def share(actor: User, workbook_id: UUID, email: str, role: str, now: datetime) -> Member:
    """Let the user with this e-mail address see or edit the workbook; who sees it already gets the role.

    Raises NotFound, Forbidden, UnknownRole, UnknownUser, CannotShareWithOwner.
    """
    workbook = access.workbook_for(actor, workbook_id, "own").workbook
    checked = _role(role)
    user = accounts.by_email(email)
    if user.disabled_at is not None:
        raise accounts.UnknownUser(email)
    if user.id == workbook.owner_id:
        raise CannotShareWithOwner
    membership = insert(Membership).values(
        workbook_id=workbook_id, user_id=user.id, role=checked, created_at=now
    )
    db.session.execute(
        membership.on_conflict_do_update(
            index_elements=["workbook_id", "user_id"], set_={"role": membership.excluded.role}
        )
    )
    member = Member(user.id, user.name, user.email, checked, now)
    db.session.commit()
    return member


def change(actor: User, workbook_id: UUID, user_id: UUID, role: str) -> None:
    """Give a member another role. Raises NotFound, Forbidden, UnknownRole, NotAMember."""
    access.workbook_for(actor, workbook_id, "own")
    checked = _role(role)
    membership = db.session.get(Membership, (workbook_id, user_id))
    if membership is None:
        raise NotAMember
    membership.role = checked
    db.session.commit()


def withdraw(actor: User, workbook_id: UUID, user_id: UUID) -> None:
    """Stop sharing with a member, from their next request on. Raises NotFound, Forbidden, NotAMember."""
    access.workbook_for(actor, workbook_id, "own")
    _remove(workbook_id, user_id)


def leave(actor: User, workbook_id: UUID) -> None:
    """Give up seeing a workbook somebody shared. Raises NotFound, OwnerCannotLeave, NotAMember."""
    workbook: Workbook = access.workbook_for(actor, workbook_id, "read").workbook
    if workbook.owner_id == actor.id:
        raise OwnerCannotLeave
    _remove(workbook_id, actor.id)


def _role(role: str) -> SharedRole:
    for known in ROLES:
        if role == known:
            return known
    raise UnknownRole


def _remove(workbook_id: UUID, user_id: UUID) -> None:
    removed = db.session.scalar(
        delete(Membership)
        .where(Membership.workbook_id == workbook_id, Membership.user_id == user_id)
        .returning(Membership.user_id)
    )
    if removed is None:
        raise NotAMember
    db.session.commit()
