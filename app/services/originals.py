"""Uploaded files as they came: kept, or made again where that gives the same bytes."""

import hashlib
from io import RawIOBase
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.formats.csv import document as csv
from app.formats.xlsx import writer as xlsx
from app.models.revision import Revision
from app.models.user import User
from app.services.revisions import OpenRevision, open_revision, revision_of, state_of
from app.store.manifest import Source, StoredParts
from app.store.state import State


class NoOriginal(LookupError):
    """The file a revision came from is not to be had; the message says why and what there is instead."""


def source(actor: User, workbook_id: UUID, number: int | None) -> Source | None:
    """The file that a revision came from, where `write` may give it; None where it cannot.

    Raises NotFound and RevisionNotFound.
    """
    state = open_revision(actor, workbook_id, number).state
    return state.manifest.source if _is_there(state) else None


def write(opened: OpenRevision, out: BinaryIO) -> Source:
    """Write the file that a revision, or one before it, was made of, and prove that it is the same.

    Raises NoOriginal: before anything is written, or where what was written is not the same.
    """
    found = opened.state.manifest.source
    if found is None:
        raise NoOriginal("This workbook was made here, not uploaded. Download it as xlsx instead.")
    if not _is_there(opened.state):
        raise NoOriginal(
            "The uploaded file was not kept, and the program that wrote it packs files in a way of its own. "
            "Download the workbook as xlsx: every part of the file is in it, byte for byte."
        )
    proving = _Proving(out)
    if found.original is not None:
        for piece in StoredParts(opened.state.store, found.original):
            proving.write(piece)
    else:
        document = _as_uploaded(opened, found).document()
        if document.format == "csv":
            csv.write_sheet(document.sheets[0], proving.file)
        else:
            xlsx.write(document, proving.file)
    if proving.sha256.digest() != found.sha256:
        raise NoOriginal(
            "The uploaded file was not kept, and this server packs files in another way than the one that "
            "read it in. Download the workbook as xlsx: every part of the file is in it, byte for byte."
        )
    return found


def _is_there(state: State) -> bool:
    """Whether the uploaded file is kept, or was found to be one that can be made again."""
    manifest = state.manifest
    if manifest.source is None:
        return False
    if manifest.source.original is not None or manifest.format == "csv":
        return True
    return state.report.get("container") == "identical"


def _as_uploaded(opened: OpenRevision, found: Source) -> State:
    """The state that the file became, before any edit."""
    workbook_id = opened.workbook.id
    uploads = select(Revision.number).where(
        Revision.workbook_id == workbook_id,
        Revision.number <= opened.revision.number,
        Revision.via == "upload",
    )
    for number in db.session.scalars(uploads.order_by(Revision.number.desc())):
        state = state_of(revision_of(workbook_id, number))
        if state.manifest.source == found:
            return state
    raise NoOriginal("The revision that this file was uploaded as is not in the version history.")


class _Proving(RawIOBase):
    """Passes on what is written, and takes its hash."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.sha256 = hashlib.sha256()

    @property
    def file(self) -> BinaryIO:
        """This, as writers take it."""
        return cast(BinaryIO, self)

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.sha256.update(piece)
        return self._out.write(piece)
