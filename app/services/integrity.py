"""Integrity: proving that all that is stored is what was stored, and that history follows from history.

Every chunk that a revision reaches is read past the caches and decoded, every digest computed anew.
Nothing is changed, whatever is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, func, select

from app.models.chunk import Chunk
from app.models.revision import NamedVersion, Revision
from app.models.workbook import Membership, Workbook
from app.services.inspection import (
    proven,
    references,
    revisions,
    snapshot,
    stored_chunks,
    with_bases,
    workbook_ids,
)
from app.services.revisions import digest_of
from app.sheet import changeset as changesets
from app.store.walk import Fault, Walk, bring_near

_MOST_NUMBERS = 10_000
"""How many missing revisions are named one by one: a damaged head may be any number."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be.

    kind: "missing" or "corrupt" (a chunk, of that address), "numbering", "parent", "digest",
    "changeset", "head", "orphan". revisions: the numbers of those it hurts, ascending.
    """

    workbook_id: UUID
    kind: str
    detail: str
    revisions: list[int] = field(default_factory=list)
    address: bytes | None = None


@dataclass(slots=True)
class Findings:
    """What a check looked at, how many chunks nothing needs (`flask gc` removes them), and the problems.

    unreachable: those of workbooks with damage are not counted, for they may be needed.
    """

    workbooks: int = 0
    revisions: int = 0
    chunks: int = 0
    unreachable: int = 0
    problems: list[Problem] = field(default_factory=list)


def check(only: UUID | None = None) -> Findings:
    """Check every workbook, or one. Raises NotFound where there is none of that id."""
    findings = Findings()
    with snapshot() as connection:
        ids = workbook_ids(connection, only)
        if only is None:
            findings.problems += _orphans(connection)
    for workbook_id in ids:
        # A snapshot a workbook: one over all would keep the server from cleaning up for as long.
        with snapshot() as connection:
            head = connection.scalar(select(Workbook.head).where(Workbook.id == workbook_id))
            if head is not None:  # purged in the meantime
                _check_workbook(connection, workbook_id, head, findings)
    return findings


def _check_workbook(connection: Connection, workbook_id: UUID, head: int, findings: Findings) -> None:
    stored = stored_chunks(connection, workbook_id)
    store = proven(connection, workbook_id, stored)
    walk = Walk(store, deep=True)
    hurt: dict[Fault, list[int]] = {}
    problems: list[Problem] = []
    before: Row[Any] | None = None
    for page in revisions(connection, workbook_id):
        bring_near(store, (bytes(revision.root) for revision in page))
        for revision in page:
            findings.revisions += 1
            problems += _history_problems(workbook_id, before, revision)
            faults = frozenset[Fault]().union(*map(walk.faults, references(revision)))
            for fault in faults:
                hurt.setdefault(fault, []).append(revision.number)
            problems += _changeset_problems(workbook_id, revision)
            before = revision
    problems += _head_problems(workbook_id, before.number if before else 0, head)
    for fault, numbers in hurt.items():
        kind = "missing" if fault.missing else "corrupt"
        problems.append(Problem(workbook_id, kind, fault.detail, numbers, fault.address))
    findings.workbooks += 1
    needed = with_bases(walk.kinds, stored)
    findings.chunks += len(needed)
    findings.problems += problems
    if not problems:
        findings.unreachable += len(stored.keys() - needed)


def _history_problems(workbook_id: UUID, before: Row[Any] | None, revision: Row[Any]) -> Iterator[Problem]:
    """What is wrong with a revision's number, parent and digest after the revision before it."""
    number, last = revision.number, before.number if before else 0
    if number != last + 1:
        yield _gap(workbook_id, last + 1, number - 1)
    if revision.parent != (number - 1 or None):
        detail = f"revision {number} names {revision.parent} as its parent"
        yield Problem(workbook_id, "parent", detail, [number])
    # What comes after a gap cannot be told.
    parent = bytes(before.digest) if before else b""
    if number == last + 1 and digest_of(revision, parent) != bytes(revision.digest):
        detail = f"the digest of revision {number} does not fit what it says and the digest before it"
        yield Problem(workbook_id, "digest", detail, [number])


def _changeset_problems(workbook_id: UUID, revision: Row[Any]) -> Iterator[Problem]:
    """What is wrong with a revision's own changeset, or summary, and its count of cells."""
    try:
        changeset = changesets.decode(bytes(revision.changeset))
    except ValueError as error:
        detail = f"the changeset of revision {revision.number} cannot be read: {error}"
        yield Problem(workbook_id, "changeset", detail, [revision.number])
        return
    told, counted = revision.changed, changeset.changed
    if told != counted:
        detail = f"revision {revision.number} counts {told} changed cells, its changeset {counted}"
        yield Problem(workbook_id, "changeset", detail, [revision.number])


def _head_problems(workbook_id: UUID, last: int, head: int) -> Iterator[Problem]:
    if last < head:
        yield _gap(workbook_id, last + 1, head)
    elif last > head:
        numbers = list(range(head + 1, last + 1))[:_MOST_NUMBERS]
        detail = f"the workbook's head is revision {head}, and there is a revision {last}"
        yield Problem(workbook_id, "head", detail, numbers)
    elif not head:
        yield Problem(workbook_id, "head", "the workbook has no revision")


def _gap(workbook_id: UUID, first: int, last: int) -> Problem:
    numbers = list(range(first, min(last + 1, first + _MOST_NUMBERS)))
    which = f"revision {first} is" if first == last else f"revisions {first} to {last} are"
    return Problem(workbook_id, "numbering", f"{which} missing", numbers)


def _orphans(connection: Connection) -> Iterator[Problem]:
    """Rows whose workbook is gone, and names of revisions that are gone, one problem for each workbook."""
    for model, what in ((Chunk, "chunks"), (Revision, "revisions"), (Membership, "memberships")):
        gone = ~select(Workbook.id).where(Workbook.id == model.workbook_id).exists()
        yield from _counted(connection, model.workbook_id, gone, f"{what} whose workbook is gone")
    named = and_(Revision.workbook_id == NamedVersion.workbook_id, Revision.number == NamedVersion.number)
    gone = ~select(Revision.number).where(named).exists()
    yield from _counted(connection, NamedVersion.workbook_id, gone, "named versions whose revision is gone")


def _counted(connection: Connection, workbook_id: Any, gone: Any, what: str) -> Iterator[Problem]:
    rows = connection.execute(select(workbook_id, func.count()).where(gone).group_by(workbook_id))
    for orphaned, count in rows:
        yield Problem(orphaned, "orphan", f"{count} {what}")
