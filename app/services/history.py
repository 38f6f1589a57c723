"""Version history: the revisions of a workbook and what each changed, as people read it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import Row, Select, and_, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.formats.look import Look, difference
from app.models.revision import NamedVersion, Revision
from app.models.user import User
from app.models.workbook import Workbook
from app.services import revisions
from app.services.access import Role, workbook_for
from app.services.revisions import RevisionRow
from app.services.windows import entry_at, look_at
from app.services.workbooks import clean_line
from app.sheet import changeset
from app.sheet.address import cell_name
from app.sheet.cell import Cell
from app.sheet.changeset import Changeset
from app.sheet.column_edit import CellConflict
from app.sheet.step import CellsChanged, CellStep, Imported, Replaced, Restored, SheetChanged, Step
from app.sheet.strip import CellChange
from app.store.manifest import StoredSheet
from app.store.state import State

PAGE_SIZE = 50
CHANGES_SIZE = 200
MAX_VERSION_NAME = 200

_TOLD_CELLS = 4
"""How many changed cells of a revision the history shows."""


class BadVersionName(ValueError):
    """Not a name for a version; the message says what to change."""


class ChangedCell(NamedTuple):
    """A changed cell as people read it: the sheet's name, A1 notation, what it held before and after.

    look: what is new of its look, such as "bold"; empty where that stayed.
    """

    sheet: str
    cell: str
    old: str
    new: str
    look: str = ""


class ChangedSheet(NamedTuple):
    """How many cells of a sheet changed, and the first few of them.

    look: what is new of the look of them all, where the same is of the first few and nothing else.
    """

    name: str
    total: int
    cells: list[ChangedCell]
    look: str = ""


@dataclass(frozen=True, slots=True)
class ListedRevision:
    """A revision as the history shows it.

    name: the version's, where somebody gave it one. title: what happened to the workbook as a whole;
    None where only single cells changed, which `sheets` tells. The author's name is None where the
    account is gone.
    """

    number: int
    parent: int | None
    created_at: datetime
    author_id: UUID
    author_name: str | None
    via: str
    via_detail: str | None
    message: str | None
    name: str | None
    changed: int | None
    title: str | None
    sheets: list[ChangedSheet]


class ToldConflict(NamedTuple):
    """A cell that stands in the way: its sheet and name; what it was, what others made of it, what was
    wanted."""

    sheet: str
    cell: str
    base: str
    theirs: str
    yours: str


class HistoryPage(NamedTuple):
    """Revisions of a workbook, the newest first. next: the `before` of the page after; None on the last."""

    workbook: Workbook
    role: Role
    items: list[ListedRevision]
    next: int | None


class RevisionPage(NamedTuple):
    """One revision with one page of the cells it changed: `page` of `pages`, `total` cells in all."""

    workbook: Workbook
    role: Role
    revision: ListedRevision
    items: list[ChangedCell]
    page: int
    pages: int
    total: int


def list_revisions(
    actor: User, workbook_id: UUID, before: int | None = None, size: int = PAGE_SIZE
) -> HistoryPage:
    """The revisions with a number below `before`, the newest first. Raises NotFound."""
    opened = revisions.open_revision(actor, workbook_id, None)
    chosen = _listed(workbook_id).order_by(Revision.number.desc()).limit(size + 1)
    if before is not None:
        chosen = chosen.where(Revision.number < max(0, min(before, revisions.LAST_NUMBER)))
    rows = db.session.execute(chosen).all()
    items = list(_items(rows[:size]))
    following = items[-1].number if len(rows) > size else None
    return HistoryPage(opened.workbook, opened.role, items, following)


def one_revision(actor: User, workbook_id: UUID, number: int) -> ListedRevision:
    """One revision of a workbook. Raises NotFound."""
    revisions.open_revision(actor, workbook_id, None)
    row = _row(workbook_id, number)
    return _item(row, _Words.at(revisions.state_of(row[0])))


def changes(
    actor: User, workbook_id: UUID, number: int, page: int = 1, size: int = CHANGES_SIZE
) -> RevisionPage:
    """One revision and the cells it changed, page by page; a page past the end gives the last one.

    A revision that replaced the whole workbook names no cells; its title says what happened.
    Raises NotFound.
    """
    opened = revisions.open_revision(actor, workbook_id, None)
    row = _row(workbook_id, number)
    words = _Words.at(revisions.state_of(row[0]))
    steps = [step for step in revisions.changeset_of(row[0]).steps if isinstance(step, CellStep)]
    words = words.of(row[0], steps)
    total = sum(step.named for step in steps)
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    items: list[ChangedCell] = []
    skip = (page - 1) * size
    for step in steps:
        shown = step.changes(skip, size - len(items))
        items += [words.change(step.sheet, change) for change in shown]
        skip = max(0, skip - step.named)
    return RevisionPage(opened.workbook, opened.role, _item(row, words), items, page, pages, total)


def set_name(actor: User, workbook_id: UUID, number: int, name: str, now: datetime) -> str | None:
    """Give a revision a name, or take it away with an empty one; the name as it was stored.

    Raises NotFound, Forbidden, WorkbookTrashed, RevisionNotFound, BadVersionName.
    """
    workbook_for(actor, workbook_id, "edit")
    revisions.revision_of(workbook_id, number)
    cleaned = clean_line(name)
    if len(cleaned) > MAX_VERSION_NAME:
        raise BadVersionName(f"Use at most {MAX_VERSION_NAME} characters; this has {len(cleaned)}.")
    if cleaned:
        named = insert(NamedVersion).values(
            workbook_id=workbook_id, number=number, name=cleaned, named_by=actor.id, named_at=now
        )
        changed = {field: named.excluded[field] for field in ("name", "named_by", "named_at")}
        db.session.execute(
            named.on_conflict_do_update(index_elements=["workbook_id", "number"], set_=changed)
        )
    else:
        db.session.execute(
            delete(NamedVersion).where(NamedVersion.workbook_id == workbook_id, NamedVersion.number == number)
        )
    db.session.commit()
    return cleaned or None


def tell_conflicts(actor: User, workbook_id: UUID, found: Sequence[CellConflict]) -> list[ToldConflict]:
    """The conflicts of a commit, as people read them. Raises NotFound."""
    words = _Words.at(revisions.open_revision(actor, workbook_id, None).state)
    told = []
    for conflict in found:
        texts = (words.text(cell, conflict.row, conflict.column) for cell in conflict[3:])
        name = cell_name(conflict.row, conflict.column)
        told.append(ToldConflict(words.sheet(conflict.sheet), name, *texts))
    return told


def sheets(actor: User, workbook_id: UUID, number: int) -> list[StoredSheet]:
    """The sheets with cells a revision has, in the order of their tabs. Raises NotFound, RevisionNotFound."""
    state = revisions.open_revision(actor, workbook_id, number).state
    return [sheet for sheet in state.sheets if sheet.kind == "worksheet"]


class _Words(NamedTuple):
    """What cells and sheets are called and how they read, going by a state of their workbook.

    A newer state serves as well as a revision's own until one took the place of the whole: sheets keep their
    ids, and cells their numbers of styles. What is new
    of a look is told by the states before and after it, for a restore takes styles away again.
    """

    names: Mapping[int, str]
    look: Look
    looks: tuple[Look, Look] | None = None

    @classmethod
    def at(cls, state: State) -> Self:
        """The words of a state."""
        return cls({sheet.id: sheet.name for sheet in state.sheets}, look_at(state))

    def of(self, revision: RevisionRow | Revision, steps: Iterable[Step]) -> Self:
        """The words for what a revision changed."""
        if revision.parent is None or not any(isinstance(s, CellStep) and s.restyled_to() for s in steps):
            return self
        before, after = (
            revisions.state_of(revisions.revision_of(revision.workbook_id, number))
            for number in (revision.parent, revision.number)
        )
        return self._replace(looks=(look_at(before), look_at(after)))

    def sheet(self, sheet: int) -> str:
        """The name of a sheet."""
        return self.names.get(sheet, f"Sheet {sheet}")

    def text(self, cell: Cell, row: int, column: int) -> str:
        """What was entered, as it would be typed."""
        return entry_at(self.look, row, column, cell)

    def change(self, sheet: int, change: CellChange) -> ChangedCell:
        """A changed cell of a sheet."""
        row, column = change.row, change.column
        old, new = (self.text(cell, row, column) for cell in (change.before, change.after))
        look = difference(self.looks, change.before.style, change.after.style) if self.looks else ""
        return ChangedCell(self.sheet(sheet), cell_name(row, column), old, new, look)

    def changes(self, step: CellsChanged) -> ChangedSheet:
        """The changes of a sheet."""
        cells = [self.change(step.sheet, change) for change in step.cells]
        looks = {"" if change.enters else cell.look for change, cell in zip(step.cells, cells, strict=True)}
        look = looks.pop() if len(looks) == 1 else ""
        return ChangedSheet(self.sheet(step.sheet), step.total, [] if look else cells, look)


def _listed(workbook_id: UUID) -> Select[Revision, str | None, str | None]:
    """Revisions of a workbook with their authors' and their own names."""
    named = and_(NamedVersion.workbook_id == Revision.workbook_id, NamedVersion.number == Revision.number)
    return (
        select(Revision, User.name, NamedVersion.name)
        .outerjoin(User, User.id == Revision.author_id)
        .outerjoin(NamedVersion, named)
        .where(Revision.workbook_id == workbook_id)
    )


def _row(workbook_id: UUID, number: int) -> Row[Revision, str | None, str | None]:
    """One revision as `_listed` gives it. Raises RevisionNotFound."""
    row = None
    if 0 < number <= revisions.LAST_NUMBER:
        row = db.session.execute(_listed(workbook_id).where(Revision.number == number)).one_or_none()
    if row is None:
        raise revisions.RevisionNotFound(number)
    return row


def _items(rows: Iterable[Row[Revision, str | None, str | None]]) -> Iterator[ListedRevision]:
    """Revisions that follow one another, the newest first, each in the words of its time."""
    words: _Words | None = None
    for row in rows:
        words = words or _Words.at(revisions.state_of(row[0]))
        yield _item(row, words)
        if any(isinstance(step, Replaced | Restored) for step in changeset.decode(row[0].changeset).steps):
            words = None


def _item(row: Row[Revision, str | None, str | None], words: _Words) -> ListedRevision:
    revision, author_name, name = row
    # What is stored in the row is the whole or its summary; either names enough cells for a list.
    told = changeset.decode(revision.changeset).summary(_TOLD_CELLS)
    words = words.of(revision, told.steps)
    return ListedRevision(
        number=revision.number,
        parent=revision.parent,
        created_at=revision.created_at,
        author_id=revision.author_id,
        author_name=author_name,
        via=revision.via,
        via_detail=revision.via_detail,
        message=revision.message,
        name=name,
        changed=revision.changed,
        title=_title(told),
        sheets=[
            words.of(revision, told.steps).changes(step)
            for step in told.steps
            if isinstance(step, CellsChanged)
        ],
    )


def _title(told: Changeset) -> str | None:
    """What happened to the workbook as a whole, in words."""
    changes = [_sheet_words(step) for step in told.steps if isinstance(step, SheetChanged)]
    if changes:
        return " ".join(changes)
    for step in told.steps:
        match step:
            case Imported(file_name, sheets, cells) if file_name:
                return f"{file_name} was read in: {_count(sheets, 'sheet')}, {_count(cells, 'cell')}."
            case Replaced(file_name, sheets, cells, changed):
                differ = "" if changed is None else f" {_count(changed, 'cell')} changed."
                return (
                    f"{file_name} was uploaded as the new version: {_count(sheets, 'sheet')}, "
                    f"{_count(cells, 'cell')}.{differ}"
                )
            case Imported():
                return "A new blank workbook."
            case Restored(revision):
                return f"The workbook became what it was in revision {revision}."
    return None


def _sheet_words(step: SheetChanged) -> str:
    """What happened to a sheet, in words."""
    match step:
        case SheetChanged(_, "sheet", None, name):
            return f"The sheet “{name}” was added."
        case SheetChanged(_, "sheet", name, None):
            return f"The sheet “{name}” was deleted."
        case SheetChanged(_, "name", before, after):
            return f"The sheet “{before}” was renamed to “{after}”."
        case SheetChanged(_, "place", int(before), int(after)):
            return f"A sheet was moved from place {before + 1} to place {after + 1}."
        case _:
            return "A sheet was shown." if step.after == "visible" else "A sheet was hidden."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
