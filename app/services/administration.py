"""What administrators see of everybody and do about accounts. What is stored, `services.storage` tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models.revision import NamedVersion, Revision
from app.models.session import Session
from app.models.user import User
from app.models.workbook import Workbook
from app.services import accounts
from app.services.access import check_administrator
from app.services.workbooks import search_key

PAGE_SIZE = 50
VIAS = ("grid", "upload", "api", "cli", "restore", "revert", "merge")
"""How a revision can have come about; `models.revision` says what each stands for."""

_EXPORT_BATCH = 1000

_Chosen = TypeVar("_Chosen", bound=Select[*tuple[Any, ...]])


class BadCursor(ValueError):
    """This is no place in the list. Start again from its first page."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class Cursor(NamedTuple):
    """A place in the history of all users: the last revision seen."""

    created_at: datetime
    workbook_id: UUID
    number: int

    def __str__(self) -> str:
        return f"{self.created_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}_{self.workbook_id}_{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The cursor whose `str` this is. Raises BadCursor."""
        try:
            moment, workbook_id, number = text.split("_")
            created_at = datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
            cursor = cls(created_at, UUID(workbook_id), int(number))
        except ValueError as error:
            raise BadCursor from error
        if not 0 < cursor.number < 2**31:
            raise BadCursor
        return cursor


class Filters(NamedTuple):
    """Which revisions: `user` is part of a name or e-mail address, `workbook` part of a name, `via` one
    of `VIAS`; `since` and `until` are whole days in UTC, both inclusive. Empty means any."""

    user: str = ""
    workbook: str = ""
    via: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RecordedRevision:
    """A revision in the history of all users. The author is unknown where the account is gone."""

    workbook_id: UUID
    workbook_name: str
    trashed: bool
    number: int
    created_at: datetime
    author_id: UUID
    author_name: str | None
    author_email: str | None
    via: str
    via_detail: str | None
    message: str | None
    name: str | None
    changed: int | None


class RecordPage(NamedTuple):
    """Revisions, the newest first, and where the next page begins; None on the last."""

    items: list[RecordedRevision]
    next: Cursor | None


class ListedUser(NamedTuple):
    """An account, how many workbooks it owns, and when it was last seen; None for never."""

    user: User
    workbooks: int
    last_seen_at: datetime | None


class UserPage(NamedTuple):
    """One page of accounts: `page` of `pages`, counted from 1, and how many there are in all."""

    items: list[ListedUser]
    page: int
    pages: int
    total: int


def history(actor: User, filters: Filters, after: Cursor | None = None, size: int = PAGE_SIZE) -> RecordPage:
    """One page of the revisions of all users, the newest first. Raises Forbidden."""
    check_administrator(actor)
    return _history_page(filters, after, size)


def history_rows(actor: User, filters: Filters) -> Iterator[RecordedRevision]:
    """All of them, fetched in batches, so that a long history takes little memory. Raises Forbidden."""
    check_administrator(actor)
    page = _history_page(filters, None, _EXPORT_BATCH)
    while True:
        yield from page.items
        if page.next is None:
            return
        page = _history_page(filters, page.next, _EXPORT_BATCH)


def users(actor: User, query: str = "", page: int = 1, size: int = PAGE_SIZE) -> UserPage:
    """Accounts by e-mail address; `query` is part of it or of the name. Raises Forbidden."""
    check_administrator(actor)
    matching = select(User)
    if query:
        matching = matching.where(_user_matches(User, query))
    total = db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    owned = select(func.count()).where(Workbook.owner_id == User.id).scalar_subquery()
    seen = select(func.max(Session.last_seen_at)).where(Session.user_id == User.id).scalar_subquery()
    rows = db.session.execute(
        matching.add_columns(owned, seen).order_by(User.email).limit(size).offset((page - 1) * size)
    )
    return UserPage([ListedUser(*row) for row in rows], page, pages, total)


def disable(actor: User, user_id: UUID, now: datetime) -> User:
    """Switch an account off. Raises Forbidden, UnknownUser, LastAdministrator."""
    user = _account(actor, user_id)
    accounts.disable(user, now)
    return user


def enable(actor: User, user_id: UUID) -> User:
    """Switch an account on again. Raises Forbidden, UnknownUser."""
    user = _account(actor, user_id)
    accounts.enable(user)
    return user


def promote(actor: User, user_id: UUID) -> User:
    """Make a user an administrator. Raises Forbidden, UnknownUser."""
    user = _account(actor, user_id)
    accounts.promote(user)
    return user


def demote(actor: User, user_id: UUID) -> User:
    """Make an administrator an ordinary user. Raises Forbidden, UnknownUser, LastAdministrator."""
    user = _account(actor, user_id)
    accounts.demote(user)
    return user


def _history_page(filters: Filters, after: Cursor | None, size: int) -> RecordPage:
    """Read along the index on created_at backwards, from just after a place."""
    key = tuple_(Revision.created_at, Revision.workbook_id, Revision.number)
    chosen = _filtered(
        select(
            Revision.workbook_id,
            Workbook.name,
            Workbook.trashed_at.is_not(None),
            Revision.number,
            Revision.created_at,
            Revision.author_id,
            User.name,
            User.email,
            Revision.via,
            Revision.via_detail,
            Revision.message,
            NamedVersion.name,
            Revision.changed,
        )
        .join(Workbook, Workbook.id == Revision.workbook_id)
        .outerjoin(User, User.id == Revision.author_id)
        .outerjoin(
            NamedVersion,
            and_(
                NamedVersion.workbook_id == Revision.workbook_id,
                NamedVersion.number == Revision.number,
            ),
        ),
        filters,
    )
    if after is not None:
        chosen = chosen.where(key < tuple_(*(literal(part) for part in after)))
    newest_first = (Revision.created_at.desc(), Revision.workbook_id.desc(), Revision.number.desc())
    rows = db.session.execute(chosen.order_by(*newest_first).limit(size + 1)).all()
    items = [RecordedRevision(*tuple(row)) for row in rows[:size]]
    last = items[-1] if len(rows) > size else None
    return RecordPage(items, Cursor(last.created_at, last.workbook_id, last.number) if last else None)


def _filtered(chosen: _Chosen, filters: Filters) -> _Chosen:
    if filters.user:
        author = aliased(User)
        chosen = chosen.where(
            Revision.author_id.in_(select(author.id).where(_user_matches(author, filters.user)))
        )
    if filters.workbook:
        chosen = chosen.where(Workbook.name_key.contains(search_key(filters.workbook), autoescape=True))
    if filters.via:
        chosen = chosen.where(Revision.via == filters.via)
    if filters.since:
        chosen = chosen.where(Revision.created_at >= datetime.combine(filters.since, time(), UTC))
    if filters.until and filters.until < date.max:
        after = datetime.combine(filters.until + timedelta(days=1), time(), UTC)
        chosen = chosen.where(Revision.created_at < after)
    return chosen


def _user_matches(user: type[User], query: str) -> ColumnElement[bool]:
    """Whether the user's name or e-mail address has `query` in it, in any case."""
    part = query.lower()
    return or_(
        func.lower(user.name).contains(part, autoescape=True), user.email.contains(part, autoescape=True)
    )


def _account(actor: User, user_id: UUID) -> User:
    """The account an administrator acts on. Raises Forbidden, UnknownUser."""
    check_administrator(actor)
    return accounts.by_id(user_id)
