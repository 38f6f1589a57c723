"""The list of workbooks, and what becomes of one as a whole: its name, the trash, its end."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select

from app.extensions import db
from app.models.chunk import Chunk
from app.models.revision import NamedVersion, Revision
from app.models.user import User
from app.models.workbook import Membership, Workbook
from app.services.access import NotFound, Role, workbook_for

PAGE_SIZE = 50
MAX_NAME = 200

Scope = Literal["all", "mine", "shared"]


class BadWorkbookName(ValueError):
    """Not a name for a workbook; the message says what to change."""


class NotInTrash(ValueError):
    """Only a workbook in the trash can be purged. Move it to the trash first."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class NameNotConfirmed(ValueError):
    """What was typed is not the workbook's name, so nothing was purged; `name` is what to type."""

    def __init__(self, name: str) -> None:
        super().__init__(f"That is not the workbook's name. To purge it, type “{name}”.")
        self.name = name


@dataclass(frozen=True, slots=True)
class ListedWorkbook:
    """A workbook as a list shows it. `head` is the number of its newest revision, so also how many it has."""

    id: UUID
    name: str
    format: str
    role: Role
    owner_id: UUID
    owner_name: str
    head: int
    updated_at: datetime
    trashed_at: datetime | None


class WorkbookPage(NamedTuple):
    """One page of a list: `page` of `pages`, counted from 1, and how many workbooks there are in all."""

    items: list[ListedWorkbook]
    page: int
    pages: int
    total: int


def clean_name(name: str) -> str:
    """The name as it is stored: one line without control characters or outer blanks.

    Raises BadWorkbookName where nothing is left or it is longer than `MAX_NAME` characters.
    """
    cleaned = clean_line(name)
    if not cleaned:
        raise BadWorkbookName("Give the workbook a name.")
    if len(cleaned) > MAX_NAME:
        raise BadWorkbookName(f"Use at most {MAX_NAME} characters for the name; this has {len(cleaned)}.")
    return cleaned


def clean_line(text: str) -> str:
    """The text on one line: composed alike (NFC), blanks single, control characters and halves of
    surrogate pairs, which no database text may hold, taken for blanks."""
    printable = "".join(" " if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text)
    return " ".join(unicodedata.normalize("NFC", printable).split())


def search_key(name: str) -> str:
    """What searches compare: the name without regard to case. Folding may lengthen it, so it is cut."""
    return unicodedata.normalize("NFC", name.casefold())[:400]


def list_workbooks(
    actor: User, query: str = "", scope: Scope = "all", page: int = 1, size: int = PAGE_SIZE
) -> WorkbookPage:
    """The actor's own workbooks and those shared with them, the last changed first.

    query: part of the name, in any case; a page past the end gives the last one.
    """
    own, shared = Workbook.owner_id == actor.id, Membership.user_id.is_not(None)
    mine = {"all": or_(own, shared), "mine": own, "shared": shared}[scope]
    listed = _listed(actor).where(mine, Workbook.trashed_at.is_(None))
    key = search_key(clean_line(query))
    if key:
        listed = listed.where(Workbook.name_key.contains(key, autoescape=True))
    return _page(listed, (Workbook.updated_at.desc(), Workbook.id.asc()), page, size)


def list_trash(actor: User, page: int = 1, size: int = PAGE_SIZE) -> WorkbookPage:
    """The actor's own workbooks in the trash, the last trashed first."""
    listed = _listed(actor).where(Workbook.owner_id == actor.id, Workbook.trashed_at.is_not(None))
    return _page(listed, (Workbook.trashed_at.desc(), Workbook.id.asc()), page, size)


def rename(actor: User, workbook_id: UUID, name: str) -> str:
    """Give the workbook another name; the name as it was stored.

    Raises BadWorkbookName, and what `workbook_for` raises where the actor may not edit it.
    """
    workbook = workbook_for(actor, workbook_id, "edit").workbook
    workbook.name = clean_name(name)
    workbook.name_key = search_key(workbook.name)
    db.session.commit()
    return workbook.name


def trash(actor: User, workbook_id: UUID, now: datetime) -> Workbook:
    """Move the workbook to the trash, where only its owner sees it. Once there, it stays as it is."""
    workbook = workbook_for(actor, workbook_id, "own").workbook
    if workbook.trashed_at is None:
        workbook.trashed_at = now
    db.session.commit()
    return workbook


def untrash(actor: User, workbook_id: UUID) -> Workbook:
    """Take the workbook out of the trash: everybody it was shared with sees it again."""
    workbook = workbook_for(actor, workbook_id, "own").workbook
    workbook.trashed_at = None
    db.session.commit()
    return workbook


def purge(actor: User, workbook_id: UUID, typed_name: str) -> str:
    """Delete the workbook with its whole history for good, in one transaction; the name it had.

    typed_name: its name as the owner typed it to confirm. Raises NotInTrash, NameNotConfirmed, and
    what `workbook_for` raises where the actor is not the owner.
    """
    name = workbook_for(actor, workbook_id, "own").workbook.name
    # The lock lets a commit under way finish first, and one that waits finds the workbook gone.
    locked = db.session.scalar(
        select(Workbook)
        .where(Workbook.id == workbook_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if locked is None:
        raise NotFound
    if locked.trashed_at is None:
        raise NotInTrash
    if clean_line(typed_name) != locked.name:
        raise NameNotConfirmed(locked.name)
    for table in (NamedVersion, Revision, Membership, Chunk):
        db.session.execute(
            delete(table).where(table.workbook_id == workbook_id),
            execution_options={"synchronize_session": False},
        )
    db.session.execute(delete(Workbook).where(Workbook.id == workbook_id))
    db.session.commit()
    return name


def _listed(actor: User) -> Select[Workbook, str, str]:
    """Workbooks with the actor's role and the owner's name; the caller says which."""
    role = case((Workbook.owner_id == actor.id, "owner"), else_=Membership.role)
    joined = and_(Membership.workbook_id == Workbook.id, Membership.user_id == actor.id)
    return (
        select(Workbook, role, User.name)
        .outerjoin(Membership, joined)
        .join(User, User.id == Workbook.owner_id)
    )


def _page(
    listed: Select[Workbook, str, str], order: tuple[ColumnElement[Any], ...], page: int, size: int
) -> WorkbookPage:
    total = db.session.scalar(select(func.count()).select_from(listed.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    rows = db.session.execute(listed.order_by(*order).limit(size).offset((page - 1) * size))
    return WorkbookPage([_item(*row) for row in rows], page, pages, total)


def _item(workbook: Workbook, role: str, owner_name: str) -> ListedWorkbook:
    return ListedWorkbook(
        id=workbook.id,
        name=workbook.name,
        format=workbook.format,
        role=cast(Role, role),
        owner_id=workbook.owner_id,
        owner_name=owner_name,
        head=workbook.head,
        updated_at=workbook.updated_at,
        trashed_at=workbook.trashed_at,
    )
