"""The head of a workbook: locked and read with all that a commit asks, and moved to the next revision.

Every edit goes this way, so it takes two round trips, and their statements are text: building them from
their parts took longer than all else a commit does.
"""

from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import Connection

from app.extensions import db
from app.models.user import User
from app.services.access import NotFound, allowed
from app.services.revisions import LAST_NUMBER, RevisionNotFound, RevisionRow
from app.store.postgres import PostgresChunks

# No index finds the key of an edit: the revisions from `base` on are looked through, and mostly that is one.
_SINCE = """
    r.workbook_id = %(workbook_id)s AND r.number >= %(base)s
    AND (r.number = %(base)s OR r.key = %(key)s OR r.number = {head})
"""
# Who goes back names a revision of any age. These are few, and have an index.
_BACK = """
    r.workbook_id = %(workbook_id)s AND r.number IN (%(base)s, {head}, (
        SELECT e.number FROM revisions e
         WHERE e.workbook_id = %(workbook_id)s AND e.key = %(key)s AND e.via IN ('restore', 'revert') LIMIT 1
    ))
"""
_COLUMNS = "r.number, r.root, r.digest, r.key = %(key)s AS again"
# A subquery for the role: what a join costs is its planning, which every edit would pay for.
_LOCK = f"""
    SELECT w.owner_id, w.trashed_at, w.head, w.format_since,
           (SELECT m.role FROM memberships m WHERE m.workbook_id = w.id AND m.user_id = %(user_id)s),
           {_COLUMNS}
      FROM workbooks w LEFT JOIN revisions r ON {{wanted}}
     WHERE w.id = %(workbook_id)s
       FOR NO KEY UPDATE OF w
"""  # noqa: S608 (made of constants)
_READ = f"SELECT {_COLUMNS} FROM revisions r WHERE {{wanted}}"  # noqa: S608 (the same)


class _Statements(NamedTuple):
    """What locks and reads a head, and what reads it again once the lock is there."""

    lock: str
    read: str

    @classmethod
    def of(cls, wanted: str) -> Self:
        """The statements that read the wanted revisions."""
        lock = _LOCK.format(wanted=wanted.format(head="w.head"))
        return cls(lock, _READ.format(wanted=wanted.format(head="%(head)s")))


_ON, _GOING_BACK = _Statements.of(_SINCE), _Statements.of(_BACK)
_INSERT = (
    f"INSERT INTO revisions ({', '.join(RevisionRow._fields)})"  # noqa: S608 (the same)
    f" VALUES ({', '.join(['%s'] * len(RevisionRow._fields))})"
)
_MOVE = "UPDATE workbooks SET head = %s, updated_at = %s WHERE id = %s"


# A lock that a commit's does not wait for, and the removal of garbage does: see `services.garbage`.
_HOLD = "SELECT FROM workbooks WHERE id = %s FOR KEY SHARE"


class RevisionRoot(NamedTuple):
    """Of a revision, what the next one is made from, see `models.revision.Revision`."""

    number: int
    root: bytes
    digest: bytes

    @classmethod
    def read(cls, number: int, root: memoryview, digest: memoryview) -> Self:
        """The revision of the fields that the driver fetched."""
        return cls(number, bytes(root), bytes(digest))


class Head(NamedTuple):
    """A locked workbook's newest revision, the revision that a change was made on, the number of the one
    since which its format is the same, and of the one that an earlier try of the same change made, if
    there was one."""

    newest: RevisionRoot
    base: RevisionRoot
    format_since: int
    earlier: int | None


def hold(workbook_id: UUID) -> None:
    """Keep a workbook from being purged, and its garbage from being removed, until the transaction ends;
    others commit meanwhile. For who puts chunks before the lock."""
    db.session.connection().exec_driver_sql(_HOLD, (workbook_id,))


def lock(
    connection: Connection,
    actor: User,
    workbook_id: UUID,
    base: int,
    key: UUID | None,
    *,
    going_back: bool = False,
) -> Head:
    """Wait for and hold a workbook's row until the transaction ends, and read its head.

    An earlier try is told by its key; it can only have made a revision newer than the base. going_back:
    the change is a restore or revert of the base, and so is the earlier try looked for. Raises
    RevisionNotFound where there is no revision `base`, and what `access.allowed` raises for an edit.
    """
    asked = {
        "workbook_id": workbook_id,
        "user_id": actor.id,
        "base": max(0, min(base, LAST_NUMBER)),
        "key": key,
    }
    statements = _GOING_BACK if going_back else _ON
    rows = connection.exec_driver_sql(statements.lock, asked).all()
    if not rows:
        raise NotFound
    owner_id, trashed_at, head, format_since, role = rows[0][:5]
    allowed(actor, "edit", owner_id, trashed_at, role)
    if not 0 < base <= head:
        raise RevisionNotFound(base)
    found = [row[5:] for row in rows]
    if all(number != head for number, *_ in found):
        # The lock had to be waited for: the workbook's row is the newest, what was joined to it is not.
        found = [tuple(row) for row in connection.exec_driver_sql(statements.read, {**asked, "head": head})]
    read = {number: RevisionRoot.read(number, root, digest) for number, root, digest, _ in found}
    earlier = (number for number, *_, again in found if again and number > base)
    return Head(read[head], read[base], format_since, next(earlier, None))


def move(store: PostgresChunks, revision: RevisionRow) -> None:
    """Send a revision to the database with the chunks its store gathered, and make it the head.

    A first revision comes with a workbook whose head it is already.
    """
    if revision.parent is None:
        store.flush(_INSERT, revision)
    else:
        moved = revision.number, revision.created_at, revision.workbook_id
        store.flush(f"{_INSERT}; {_MOVE}", (*revision, *moved))
