"""Revisions as files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple
from uuid import UUID

from app.formats import json_rows, parquet, plain_xlsx
from app.formats.csv import document as csv
from app.formats.xlsx import writer as xlsx
from app.models.user import User
from app.services import originals
from app.services.revisions import OpenRevision, open_revision
from app.services.tables import SheetTable
from app.services.windows import View
from app.store.state import State

_SPOOLED = 8 * 1024 * 1024
"""Bytes of a file that is being made which stay in memory; a larger one goes to disk."""

_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MEDIA_TYPES = {
    "xlsx": f"{_OFFICE}.sheet",
    "xltx": f"{_OFFICE}.template",
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "xltm": "application/vnd.ms-excel.template.macroEnabled.12",
    "xls": "application/vnd.ms-excel",
    "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/jsonl",
    "json": "application/json",
}
_TABLES = {"parquet": parquet.write, "jsonl": json_rows.write_lines, "json": json_rows.write_array}
"""What writes a sheet as a table, by the name of the format and ending of the file."""


class UnknownFormat(ValueError):
    """There is no download in this format."""

    def __init__(self, format: str) -> None:
        super().__init__(
            f"There is no download as “{format[:40]}”. Choose xlsx, original, csv, parquet, jsonl or json."
        )


class ExportedFile(NamedTuple):
    """A file made of a revision: open at its beginning, with a name and media type for who takes it.

    Whoever takes it closes it.
    """

    file: BinaryIO
    name: str
    media_type: str


def export(
    actor: User, workbook_id: UUID, number: int | None, format: str, sheet: int | None = None
) -> ExportedFile:
    """A revision (the head where the number is None) as a file.

    format: "xlsx" is the workbook's own package with its changes in, or a plain one where it came otherwise;
    "original" is the file it came from, without them; "csv" is one sheet, the first where `sheet` is None;
    "parquet", "jsonl" and "json" are one as a table whose columns the first row names. Raises NotFound,
    RevisionNotFound, SheetNotFound, UnknownFormat, NoOriginal and TooSparse.
    """
    opened = open_revision(actor, workbook_id, number)
    if format == "original":
        return _original(opened)
    workbook, _, revision, state = opened
    if format not in ("xlsx", "csv", *_TABLES):
        raise UnknownFormat(format)
    name = workbook.name
    if revision.number != workbook.head:
        name += f" (revision {revision.number})"
    chosen = state.sheets[0] if sheet is None else state.sheet(sheet)
    if format != "xlsx" and len(state.sheets) > 1:
        name += f" – {chosen.name}"
    ending = _own_ending(state) if format == "xlsx" else format
    with _spooled() as file:
        document = state.document()
        if format in _TABLES:
            _TABLES[format](SheetTable(View(state, chosen.id)).batches(), file)
        elif format == "csv":
            csv.write_sheet(document.sheets[state.sheets.index(chosen)], file)
        elif document.format == "xlsx":
            xlsx.write(document, file)
        else:
            plain_xlsx.write(document, file)
    return ExportedFile(file, f"{name}.{ending}", _MEDIA_TYPES[ending])


def _original(opened: OpenRevision) -> ExportedFile:
    """The file that a revision came from, under its own name."""
    with _spooled() as file:
        name = originals.write(opened, file).name
    ending = name.rpartition(".")[2].lower()
    return ExportedFile(file, name, _MEDIA_TYPES.get(ending, "application/octet-stream"))


@contextmanager
def _spooled() -> Iterator[BinaryIO]:
    """A file to be made, which is then open at its beginning; closed where it cannot be made."""
    file: BinaryIO = tempfile.SpooledTemporaryFile(_SPOOLED)  # type: ignore[assignment]  # noqa: SIM115
    try:
        yield file
        file.seek(0)
    except BaseException:
        file.close()
        raise


def _own_ending(state: State) -> str:
    """The ending of the package's own kind: a file with macros must not be called .xlsx."""
    source = state.manifest.source
    ending = source.name.rpartition(".")[2].lower() if source else ""
    return ending if ending in ("xlsm", "xltx", "xltm") else "xlsx"
