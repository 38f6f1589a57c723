"""Files that become workbooks."""

import hashlib
from collections.abc import Generator
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from app.extensions import db
from app.formats import registry
from app.formats.guard import Limits
from app.models.user import User
from app.models.workbook import Workbook
from app.services.commits import add_first
from app.services.revisions import chunks_of
from app.services.workbooks import clean_name, search_key
from app.sheet.changeset import Changeset
from app.sheet.document import Document, SheetSource
from app.sheet.step import Imported
from app.store.manifest import Source
from app.store.state import State

BLANK = Document("blank", [SheetSource("Sheet1", b"", tuple)])
"""What a new workbook holds: one empty sheet."""


def import_file(
    actor: User,
    workbook_id: UUID,
    file: BinaryIO,
    file_name: str,
    *,
    limits: Limits,
    now: datetime,
    name: str | None = None,
) -> Generator[float, None, Workbook]:
    """Make a file a new workbook of the actor's, in one transaction.

    Yields how far it is, from 0.0 to 1.0, and returns the workbook. file: seekable, at its beginning.
    name: the workbook's; by default the file's without its ending. Raises UnreadableFile and
    BadWorkbookName; whatever is raised, nothing is kept.
    """
    title = clean_name(name if name is not None else _title(file_name))
    size = file.seek(0, 2)
    file.seek(0)
    source = Source(file_name, size, hashlib.file_digest(file, "sha256").digest())  # type: ignore[arg-type]
    file.seek(0)
    document = registry.read(file, file_name, limits)
    creating = keep(actor, workbook_id, title, document, source, now, "upload")
    try:
        while True:
            next(creating)
            yield min(1.0, file.tell() / size)
    except StopIteration as made:
        return made.value  # type: ignore[no-any-return]


def create_blank(actor: User, workbook_id: UUID, name: str, *, now: datetime) -> Workbook:
    """Make a new workbook with one empty sheet. Raises BadWorkbookName."""
    return finish(keep(actor, workbook_id, clean_name(name), BLANK, None, now, "grid"))


def finish(importing: Generator[object, None, Workbook]) -> Workbook:
    """The workbook of an import that nobody follows the progress of. Raises what the import raises."""
    while True:
        try:
            next(importing)
        except StopIteration as made:
            return made.value  # type: ignore[no-any-return]


def keep(
    actor: User,
    workbook_id: UUID,
    name: str,
    document: Document,
    source: Source | None,
    now: datetime,
    via: str,
) -> Generator[None, None, Workbook]:
    """Make a document a new workbook of the actor's, pausing now and then; returns the workbook.

    Its row, its chunks and its first revision are one transaction. source: the file it came from.
    """
    try:
        workbook = Workbook(
            id=workbook_id,
            owner_id=actor.id,
            name=name,
            name_key=search_key(name),
            format=document.format,
            head=1,
            created_at=now,
            updated_at=now,
        )
        db.session.add(workbook)
        db.session.flush()
        store = chunks_of(workbook_id)
        state, cells = yield from State.importing(store, document, source)
        changeset = Changeset((Imported(source.name if source else "", len(state.sheets), cells),))
        add_first(workbook_id, actor, store, state, changeset, now=now, via=via)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    store.committed()
    return workbook


def _title(file_name: str) -> str:
    """A file's name without its ending, or all of it where there would be nothing left."""
    return file_name.rpartition(".")[0] or file_name
