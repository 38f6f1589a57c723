"""Storage: the bytes that workbooks and their owners take. For administrators."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Subquery, cast, func, literal, select

from app.extensions import db
from app.models.chunk import Chunk
from app.models.revision import Revision
from app.models.user import User
from app.models.workbook import Workbook
from app.services.access import check_administrator

_TUPLE_OVERHEAD = 28
"""Bytes PostgreSQL adds to every row: its header (24) and its line pointer (4)."""


@dataclass(frozen=True, slots=True)
class WorkbookStorage:
    """Bytes a workbook takes: its stored content, and the rows of its history."""

    workbook_id: UUID
    name: str
    trashed: bool
    owner_id: UUID
    owner_name: str
    revisions: int
    content_bytes: int
    history_bytes: int

    @property
    def total_bytes(self) -> int:
        """Content and history together."""
        return self.content_bytes + self.history_bytes


class UserStorage(NamedTuple):
    """Bytes all workbooks of one owner take."""

    owner_id: UUID
    owner_name: str
    workbooks: int
    total_bytes: int


class Storage(NamedTuple):
    """Storage by workbook and by owner, the largest first, and the size of the whole database, which
    counts indexes and free space too."""

    workbooks: list[WorkbookStorage]
    users: list[UserStorage]
    database_bytes: int


def used(actor: User) -> Storage:
    """What every workbook and every owner takes. Raises Forbidden."""
    check_administrator(actor)
    content, records = _bytes_by_workbook(Chunk), _bytes_by_workbook(Revision)
    rows = db.session.execute(
        select(
            Workbook.id,
            Workbook.name,
            Workbook.trashed_at.is_not(None),
            Workbook.owner_id,
            User.name,
            Workbook.head,
            func.coalesce(content.c.bytes, 0),
            func.coalesce(records.c.bytes, 0),
        )
        .join(User, User.id == Workbook.owner_id)
        .outerjoin(content, content.c.workbook_id == Workbook.id)
        .outerjoin(records, records.c.workbook_id == Workbook.id)
    )
    workbooks = [WorkbookStorage(*row) for row in rows]
    workbooks.sort(key=lambda workbook: (-workbook.total_bytes, workbook.name))
    database = db.session.scalar(select(func.pg_database_size(func.current_database())))
    return Storage(workbooks, _by_owner(workbooks), database or 0)


def row_bytes(model: type[Chunk | Revision]) -> ColumnElement[int]:
    """Bytes a row of a table takes. `pg_column_size` is what a value takes on disk, compressed as it is,
    and reads no value that is stored out of line."""
    columns = model.__table__.c
    sizes = (func.coalesce(func.pg_column_size(column), 0) for column in columns)
    return sum(sizes, literal(_TUPLE_OVERHEAD))


def _bytes_by_workbook(model: type[Chunk | Revision]) -> Subquery:
    """Bytes of the rows of a table, by workbook."""
    table = model.__table__
    total = cast(func.sum(row_bytes(model)), BigInteger).label("bytes")  # the sum of integers is a numeric
    return select(table.c.workbook_id, total).group_by(table.c.workbook_id).subquery()


def _by_owner(workbooks: list[WorkbookStorage]) -> list[UserStorage]:
    owners: dict[UUID, UserStorage] = {}
    for workbook in workbooks:
        so_far = owners.get(workbook.owner_id, UserStorage(workbook.owner_id, workbook.owner_name, 0, 0))
        owners[workbook.owner_id] = so_far._replace(
            workbooks=so_far.workbooks + 1, total_bytes=so_far.total_bytes + workbook.total_bytes
        )
    return sorted(owners.values(), key=lambda owner: (-owner.total_bytes, owner.owner_name))
