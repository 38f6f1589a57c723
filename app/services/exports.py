"""Revisions as files."""

import tempfile
from typing import BinaryIO, NamedTuple
from uuid import UUID

from app.formats import csv, plain_xlsx
from app.formats.xlsx import writer as xlsx
from app.models.user import User
from app.services.revisions import open_revision

_SPOOLED = 8 * 1024 * 1024
"""Bytes of a file that is being made which stay in memory; a larger one goes to disk."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"
_OWN_ENDINGS = {"xlsm": _XLSM, "xltx": "application/vnd.openxmlformats-officedocument.spreadsheetml.template"}
_OWN_ENDINGS["xltm"] = "application/vnd.ms-excel.template.macroEnabled.12"


class UnknownFormat(ValueError):
    """There is no download in this format."""

    def __init__(self, format: str) -> None:
        super().__init__(f"There is no download as “{format[:40]}”. Choose xlsx or csv.")


class ExportedFile(NamedTuple):
    """A file made of a revision: open at its beginning, with a name and media type for who takes it."""

    file: BinaryIO
    name: str
    media_type: str


def export(
    actor: User, workbook_id: UUID, number: int | None, format: str, sheet: int | None = None
) -> ExportedFile:
    """A revision (the head where the number is None) as a file.

    format: "xlsx" is the workbook's own package with its changes in, or a plain one where it came
    otherwise; "csv" is one sheet, the first where `sheet` is None. Raises NotFound, RevisionNotFound,
    SheetNotFound and UnknownFormat.
    """
    workbook, _, revision, state = open_revision(actor, workbook_id, number)
    stem = (
        workbook.name if revision.number == workbook.head else f"{workbook.name} (revision {revision.number})"
    )
    out: BinaryIO = tempfile.SpooledTemporaryFile(_SPOOLED)  # type: ignore[assignment]  # noqa: SIM115
    document = state.document()
    if format == "csv":
        chosen = next((place for place, one in enumerate(state.sheets) if one.id == sheet), 0)
        if sheet is not None:
            state.sheet(sheet)
        csv.write_sheet(document.sheets[chosen], out)
        name = stem if len(state.sheets) == 1 else f"{stem} – {state.sheets[chosen].name}"
        exported = ExportedFile(out, f"{name}.csv", "text/csv")
    elif format == "xlsx" and document.format == "xlsx":
        xlsx.write(document, out)
        ending = state.manifest.source.name.rpartition(".")[2].lower() if state.manifest.source else "xlsx"
        ending = ending if ending in _OWN_ENDINGS else "xlsx"
        exported = ExportedFile(out, f"{stem}.{ending}", _OWN_ENDINGS.get(ending, _XLSX))
    elif format == "xlsx":
        plain_xlsx.write(document, out)
        exported = ExportedFile(out, f"{stem}.xlsx", _XLSX)
    else:
        raise UnknownFormat(format)
    out.seek(0)
    return exported
