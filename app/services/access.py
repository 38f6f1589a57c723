"""Who may do what: the only place that decides.

A user's role on a workbook is owner, editor or viewer; an administrator who has none of these may
read it. To anybody else the workbook does not exist. `ROUTES` says for every route who may call it;
`routes.actor` asks before each request, and services ask again for the workbook they work on.
"""

from datetime import datetime
from enum import Enum
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import and_, select

from app.extensions import db
from app.models.user import User
from app.models.workbook import Membership, Workbook

Role = Literal["owner", "editor", "viewer", "admin"]
Need = Literal["read", "edit", "own"]


class Who(Enum):
    """Who may call a route. The last three are about the workbook its `workbook_id` names."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    ADMINISTRATOR = "administrator"
    READER = "read"
    EDITOR = "edit"
    OWNER = "own"


ROUTES: dict[str, Who] = {
    "static": Who.ANYONE,
    "health.check": Who.ANYONE,
    "auth.register": Who.ANYONE,
    "auth.sign_in": Who.ANYONE,
    "auth.sign_out": Who.SIGNED_IN,
    "account.index": Who.SIGNED_IN,
    "account.revoke_session": Who.SIGNED_IN,
    "workbooks.start": Who.SIGNED_IN,
    "workbooks.index": Who.SIGNED_IN,
    "workbooks.new": Who.SIGNED_IN,
    "workbooks.upload": Who.SIGNED_IN,
    "workbooks.trash_list": Who.SIGNED_IN,
    "workbooks.rename": Who.EDITOR,
    "workbooks.new_version": Who.EDITOR,
    "workbooks.trash": Who.OWNER,
    "workbooks.untrash": Who.OWNER,
    "workbooks.purge": Who.OWNER,
    "workbooks.leave": Who.READER,
    "workbooks.members": Who.READER,
    "workbooks.change_member": Who.OWNER,
    "workbooks.withdraw_member": Who.OWNER,
    "workbook.head": Who.READER,
    "workbook.revision": Who.READER,
    "workbook.report": Who.READER,
    "history.index": Who.READER,
    "history.revision": Who.READER,
    "history.download": Who.READER,
    "history.restore": Who.EDITOR,
    "history.revert": Who.EDITOR,
    "history.name": Who.EDITOR,
    "admin.revisions": Who.ADMINISTRATOR,
    "admin.revisions_csv": Who.ADMINISTRATOR,
    "admin.users": Who.ADMINISTRATOR,
    "admin.disable": Who.ADMINISTRATOR,
    "admin.enable": Who.ADMINISTRATOR,
    "admin.promote": Who.ADMINISTRATOR,
    "admin.demote": Who.ADMINISTRATOR,
    "admin.storage": Who.ADMINISTRATOR,
    "api_workbooks.index": Who.SIGNED_IN,
    "api_workbooks.create": Who.SIGNED_IN,
    "api_workbooks.one": Who.READER,
    "api_workbooks.replace": Who.EDITOR,
    "api_revisions.index": Who.READER,
    "api_revisions.one": Who.READER,
    "api_revisions.changes": Who.READER,
    "api_revisions.export": Who.READER,
    "api_revisions.report": Who.READER,
    "api_revisions.commit": Who.EDITOR,
    "api_revisions.restore": Who.EDITOR,
    "api_revisions.revert": Who.EDITOR,
    "api_revisions.name": Who.EDITOR,
    "api_sheets.layout": Who.READER,
    "api_sheets.rows": Who.READER,
}
"""Every endpoint and who may call it. A route that is missing here answers nobody."""

_MAY: dict[Role, frozenset[Need]] = {
    "owner": frozenset({"read", "edit", "own"}),
    "editor": frozenset({"read", "edit"}),
    "viewer": frozenset({"read"}),
    "admin": frozenset({"read"}),
}
_REFUSED: dict[Need, str] = {
    "read": "You may not open this workbook.",
    "edit": "You may read this workbook but not change it. Ask its owner to make you an editor.",
    "own": "Only the owner of this workbook can do this.",
}
_STANDING = """
    SELECT w.owner_id, w.trashed_at, m.role
      FROM workbooks w LEFT JOIN memberships m ON m.workbook_id = w.id AND m.user_id = %s
     WHERE w.id = %s
"""


class NotFound(LookupError):
    """There is nothing here, or it is not shared with you. Check the address, or ask its owner."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__class__.__doc__)


class Forbidden(PermissionError):
    """What was asked for is not allowed to this user; the message says why."""


class SignInRequired(PermissionError):
    """Sign in to go on."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class WorkbookTrashed(PermissionError):
    """This workbook is in the trash. Take it out of the trash to change it."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class Access(NamedTuple):
    """A workbook, and the actor's role on it."""

    workbook: Workbook
    role: Role


def workbook_for(actor: User, workbook_id: UUID, need: Need) -> Access:
    """The workbook, as it is now, and the actor's role on it. Raises what `allowed` raises."""
    chosen = (
        select(Workbook, Membership.role)
        .outerjoin(Membership, and_(Membership.workbook_id == Workbook.id, Membership.user_id == actor.id))
        .where(Workbook.id == workbook_id)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(chosen).one_or_none()
    if found is None:
        raise NotFound
    workbook, member = found
    return Access(workbook, allowed(actor, need, workbook.owner_id, workbook.trashed_at, member))


def allowed(actor: User, need: Need, owner_id: UUID, trashed_at: datetime | None, member: str | None) -> Role:
    """The actor's role on a workbook of this owner, where it allows what is needed.

    trashed_at: when the workbook went to the trash. member: the role it is shared with the actor in.
    Raises NotFound where the actor may not even know of the workbook, Forbidden where the role is too
    small, and WorkbookTrashed on an edit in the trash. There only the owner and administrators see it.
    """
    role = _role(actor, owner_id, member)
    if role is None or (trashed_at is not None and role not in ("owner", "admin")):
        raise NotFound
    if need not in _MAY[role]:
        raise Forbidden(_REFUSED[need])
    if need == "edit" and trashed_at is not None:
        raise WorkbookTrashed
    return role


def check_administrator(actor: User) -> None:
    """Raises Forbidden unless the actor is an administrator."""
    if not actor.is_admin:
        raise Forbidden("Only administrators can do this.")


def check_route(endpoint: str, actor: User | None, workbook_id: UUID | None) -> None:
    """Raises SignInRequired, Forbidden, NotFound or WorkbookTrashed where `ROUTES` refuses the actor.

    workbook_id: the one in the route's address; None where the route is about no workbook.
    """
    who = ROUTES[endpoint]
    if who is Who.ANYONE:
        return
    if actor is None:
        raise SignInRequired
    if who is Who.ADMINISTRATOR:
        check_administrator(actor)
    elif who is not Who.SIGNED_IN:
        if workbook_id is None:
            raise NotFound
        _check_workbook(actor, workbook_id, who.value)


def _check_workbook(actor: User, workbook_id: UUID, need: Need) -> None:
    """What `workbook_for` asks and raises, for a look-up at each request: nothing of the workbook is kept."""
    found = db.session.connection().exec_driver_sql(_STANDING, (actor.id, workbook_id)).one_or_none()
    if found is None:
        raise NotFound
    allowed(actor, need, *found)


def _role(actor: User, owner_id: UUID, member: str | None) -> Role | None:
    """The strongest role the actor has on a workbook of this owner; None for a stranger."""
    if owner_id == actor.id:
        return "owner"
    if member == "editor":
        return "editor"
    if member == "viewer":
        return "viewer"
    return "admin" if actor.is_admin else None
