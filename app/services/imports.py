"""Files that become workbooks."""

import hashlib
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import BinaryIO, TypeVar
from uuid import UUID

from msgspec import structs

from app.extensions import db
from app.formats import registry
from app.formats.guard import Limits
from app.formats.xlsx.blank import blank
from app.models.user import User
from app.models.workbook import Workbook
from app.services.commits import add_first
from app.services.revisions import chunks_of
from app.services.workbooks import clean_name, search_key
from app.sheet.changeset import Changeset
from app.sheet.document import Document
from app.sheet.step import Imported
from app.store.manifest import Source, save_parts
from app.store.postgres import PostgresChunks
from app.store.state import State

_PIECE = 1024 * 1024
"""Bytes of a kept file that are one chunk."""

_Made = TypeVar("_Made")


def import_file(
    actor: User,
    workbook_id: UUID,
    file: BinaryIO,
    file_name: str,
    *,
    limits: Limits,
    now: datetime,
    name: str | None = None,
    keep_original: bool = False,
) -> Generator[float, None, Workbook]:
    """Make a file a new workbook of the actor's, in one transaction.

    Yields how far it is, from 0.0 to 1.0, and returns the workbook. file: seekable, at its beginning.
    name: the workbook's; by default the file's without its ending. keep_original: keep the file as it came,
    too; where only values are taken from it, it is kept anyway. Raises UnreadableFile and
    BadWorkbookName; whatever is raised, nothing is kept.
    """
    title = clean_name(name if name is not None else _title(file_name))
    source = source_of(file, file_name)
    document = registry.read(file, file_name, limits)
    original = file if keep_original or document.by_value else None
    creating = keep(actor, workbook_id, title, document, source, now, "upload", original)
    return (yield from with_progress(creating, file, source.size))


def with_progress(
    reading: Generator[object, None, _Made], file: BinaryIO, size: int
) -> Generator[float, None, _Made]:
    """What comes of a reading of a file; at each of its pauses, how much of the file has been read."""
    try:
        while True:
            next(reading)
            yield min(1.0, file.tell() / size)
    except StopIteration as made:
        return made.value  # type: ignore[no-any-return]


def source_of(file: BinaryIO, file_name: str) -> Source:
    """What there is to say of an uploaded file as a whole. It is left at its beginning."""
    size = file.seek(0, 2)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]
    file.seek(0)
    return Source(file_name, size, digest)


def create_blank(actor: User, workbook_id: UUID, name: str, *, now: datetime) -> Workbook:
    """Make a new workbook with one empty sheet. Raises BadWorkbookName."""
    return finish(keep(actor, workbook_id, clean_name(name), blank(), None, now, "grid"))


def finish(importing: Generator[object, None, _Made]) -> _Made:
    """What comes of an import that nobody follows the progress of. Raises what the import raises."""
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
    original: BinaryIO | None = None,
) -> Generator[None, None, Workbook]:
    """Make a document a new workbook of the actor's, pausing now and then; returns the workbook.

    Its row, its chunks and its first revision are one transaction. source: the file it came from;
    original: that file, where it is to be kept as it is; it is left where it was.
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
        if source and original:
            source = with_original(store, source, original)
        state, cells = yield from State.importing(store, document, source)
        changeset = Changeset((Imported(source.name if source else "", len(state.sheets), cells),))
        add_first(workbook_id, actor, store, state, changeset, now=now, via=via)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    store.committed()
    return workbook


def with_original(store: PostgresChunks, source: Source, file: BinaryIO) -> Source:
    """A source whose file is kept as it came; the file is left where it was."""
    return structs.replace(source, original=save_parts(store, _pieces(file)))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """A file from its beginning, in pieces; whoever reads it finds it where it was."""
    place = file.tell()
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece
    file.seek(place)


def _title(file_name: str) -> str:
    """A file's name without its ending, or all of it where there would be nothing left."""
    return file_name.rpartition(".")[0] or file_name
