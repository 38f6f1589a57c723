"""Revisions as files."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from shutil import copyfileobj
from typing import BinaryIO, NamedTuple
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.formats import json_rows, parquet, plain_xlsx
from app.formats.csv import document as csv
from app.formats.csv.shown import as_shown, marked
from app.formats.xlsx import writer as xlsx
from app.models.user import User
from app.services import html_pages, originals
from app.services.revisions import open_revision
from app.services.tables import SheetTable
from app.services.windows import View, look_at
from app.store.manifest import StoredSheet
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
    "html": "text/html",
    "zip": "application/zip",
}
_UNKNOWN = "application/octet-stream"
_TABLES = {"parquet": parquet.write, "jsonl": json_rows.write_lines, "json": json_rows.write_array}
"""What writes a sheet as a table, by the name of the format and ending of the file."""


_SHEETS = ("csv", "tsv", "html", *_TABLES)
"""Formats of one sheet, or of every sheet in a zip."""
_FORMATS = ("xlsx", "original", *_SHEETS)
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class UnknownFormat(ValueError):
    """There is no download in this format."""

    def __init__(self, format: str) -> None:
        formats = ", ".join(_FORMATS[:-1])
        super().__init__(f"There is no download as “{format[:40]}”. Choose {formats} or {_FORMATS[-1]}.")


class Wanted(NamedTuple):
    """What is to be downloaded.

    format: "xlsx" is the workbook's own package with its changes in, or a plain one where it came otherwise;
    "original" is the file it came from, without them. The others are one sheet, the first where `sheet` is
    None, or with `every_sheet` all that have cells, in a zip: "csv" and "tsv"; "html", a page; "parquet",
    "jsonl" and "json", tables whose columns the first row names.
    raw: in csv and tsv, numbers as they are instead of as their formats show them. safe: there, a mark
    before texts that a spreadsheet program would take for formulas (see `formats.csv.shown`).
    """

    format: str = "xlsx"
    sheet: int | None = None
    every_sheet: bool = False
    raw: bool = False
    safe: bool = False


class ExportedFile(NamedTuple):
    """A file made of a revision: open at its beginning, with a name and media type for who takes it.

    Whoever takes it closes it.
    """

    file: BinaryIO
    name: str
    media_type: str


class Export:
    """A file that can be made of a revision (the head where the number is None).

    name, media_type: the file's. tag: differs from that of any other file made of any revision. is_exact:
    whether the same tag means the same bytes. Raises NotFound,
    RevisionNotFound, SheetNotFound and UnknownFormat.
    """

    def __init__(self, actor: User, workbook_id: UUID, number: int | None, wanted: Wanted) -> None:
        if wanted.format not in _FORMATS:
            raise UnknownFormat(wanted.format)
        self._opened = open_revision(actor, workbook_id, number)
        self._wanted = wanted
        workbook, _, revision, state = self._opened
        self._sheets = self._chosen(state)
        name, ending = workbook.name, wanted.format
        if revision.number != workbook.head:
            name += f" (revision {revision.number})"
        if wanted.format in _SHEETS and wanted.every_sheet:
            ending = "zip"
        elif wanted.format in _SHEETS and len(state.sheets) > 1:
            name += f" – {self._sheets[0].name}"
        elif wanted.format == "xlsx":
            ending = _own_ending(state)
        self.name, self.media_type = f"{name}.{ending}", _MEDIA_TYPES.get(ending, _UNKNOWN)
        source = state.manifest.source
        if wanted.format == "original" and source:
            self.name = source.name
            self.media_type = _MEDIA_TYPES.get(source.name.rpartition(".")[2].lower(), _UNKNOWN)
        options = ".".join(str(int(option)) for option in wanted[2:])
        self.tag = f"{bytes(revision.digest).hex()[:32]}-{wanted.format}-{self._sheets[0].id}-{options}"
        self.is_exact = wanted.format != "xlsx" or state.manifest.format == "xlsx"

    def make(self) -> ExportedFile:
        """The file. Raises NoOriginal and TooSparse."""
        state, format = self._opened.state, self._wanted.format
        with _spooled() as file:
            if format == "original":
                originals.write(self._opened, file)
            elif format in _SHEETS:
                if self._wanted.every_sheet:
                    self._write_zip(file)
                else:
                    self._write_sheet(self._sheets[0], file)
            elif state.manifest.format == "xlsx":
                xlsx.write(state.document(), file)
            else:
                plain_xlsx.write(state.document(), file)
        return ExportedFile(file, self.name, self.media_type)

    def _chosen(self, state: State) -> Sequence[StoredSheet]:
        if self._wanted.sheet is not None:
            return [state.sheet(self._wanted.sheet)]
        with_cells = [sheet for sheet in state.sheets if sheet.kind == "worksheet"]
        return with_cells or state.sheets[:1]

    def _write_zip(self, out: BinaryIO) -> None:
        taken: set[str] = set()
        when = self._opened.revision.created_at.timetuple()[:6]
        with ZipFile(out, "w") as archive:
            for sheet in self._sheets:
                member = ZipInfo(_file_name(sheet.name, self._wanted.format, taken), when)
                member.compress_type = ZIP_DEFLATED
                with _spooled() as file:
                    self._write_sheet(sheet, file)
                with file, archive.open(member, "w", force_zip64=True) as target:
                    copyfileobj(file, target)

    def _write_sheet(self, sheet: StoredSheet, out: BinaryIO) -> None:
        state, format = self._opened.state, self._wanted.format
        if format in _TABLES:
            _TABLES[format](SheetTable(View(state, sheet.id)).batches(), out)
        elif format == "html":
            html_pages.write(self._opened.workbook.name, View(state, sheet.id), out)
        else:
            source = state.document().sheets[state.sheets.index(sheet)]
            if not self._wanted.raw and state.manifest.format == "xlsx":
                source = as_shown(source, look_at(state))
            if self._wanted.safe:
                source = marked(source)
            csv.write_sheet(source, out, tabs=format == "tsv")


def export(
    actor: User, workbook_id: UUID, number: int | None, format: str, sheet: int | None = None
) -> ExportedFile:
    """A revision as a file. Raises what `Export` and `Export.make` do."""
    return Export(actor, workbook_id, number, Wanted(format, sheet)).make()


def _file_name(name: str, ending: str, taken: set[str]) -> str:
    """A sheet's name as files may be called, unlike the others."""
    plain = _NOT_IN_FILE_NAMES.sub("_", name).strip(". ") or "Sheet"
    found, number = f"{plain}.{ending}", 2
    while found.casefold() in taken:
        found, number = f"{plain} ({number}).{ending}", number + 1
    taken.add(found.casefold())
    return found


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
