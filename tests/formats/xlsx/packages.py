"""Packages made for tests: the fewest parts an xlsx needs, and what a test puts into them."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

import msgspec

from app.formats.guard import Limits
from app.formats.xlsx.reader import read
from app.formats.xlsx.writer import write
from app.sheet.cell import Cell
from app.sheet.document import Document
from app.sheet.row import Row, row_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "xl/worksheets/sheet1.xml"


class Pipe(BytesIO):
    """A file that can only be written front to back."""

    def seekable(self) -> bool:
        return False

    def seek(self, _offset: int, _whence: int = 0, /) -> int:
        raise OSError("not seekable")


def worksheet(rows: str, *, before: str = "", after: str = "") -> str:
    """A worksheet part around the source of its rows."""
    return (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{DOC}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    )


def strings(*items: str) -> str:
    """A strings part of the contents of its items."""
    return f'<sst xmlns="{MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def parts(sheet: str | bytes, more: Mapping[str, str | bytes] | None = None) -> dict[str, str | bytes]:
    """The parts of a workbook of one worksheet, with more parts or other ones in their place."""
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types">'
            '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument'
            '.spreadsheetml.sheet.main+xml"/>'
            '<Override PartName="/xl/calcChain.xml" ContentType="calc"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOC}"><sheets><sheet name="One" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{DOC}/sharedStrings" Target="sharedStrings.xml"/>'
            f'<Relationship Id="rId3" Type="{DOC}/calcChain" Target="calcChain.xml"/></Relationships>'
        ),
        SHEET: sheet,
        **(more or {}),
    }


def package(contents: Mapping[str, str | bytes]) -> BytesIO:
    """A zip file of the given members."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def document(sheet: str | bytes, more: Mapping[str, str | bytes] | None = None) -> Document:
    """The document of a workbook of one worksheet."""
    return read(package(parts(sheet, more)), Limits())


def cells(sheet: str | bytes, more: Mapping[str, str | bytes] | None = None) -> dict[tuple[int, int], Cell]:
    """The cells of a workbook of one worksheet, by (row, column)."""
    rows = document(sheet, more).sheets[0].rows()
    return {(index, column): cell for index, row in rows for column, cell in row.cells()}


def written(document: Document) -> dict[str, bytes]:
    """The members of the file a document is written to."""
    file = BytesIO()
    write(document, file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def edited(document: Document, changes: Mapping[tuple[int, int], Cell], sheet: int = 0) -> Document:
    """The document with cells at (row, column) of a sheet replaced."""
    source = document.sheets[sheet]

    def rows() -> list[tuple[int, Row]]:
        found = dict(source.rows())
        for (index, column), cell in changes.items():
            row = found.get(index)
            found[index] = row.with_cells({column: cell}) if row else row_of({column: cell})
        return sorted(found.items())

    sheets = list(document.sheets)
    sheets[sheet] = msgspec.structs.replace(source, rows=rows, edited=True)
    return msgspec.structs.replace(document, sheets=sheets)


def edited_sheet(
    sheet: str | bytes,
    changes: Mapping[tuple[int, int], Cell],
    more: Mapping[str, str | bytes] | None = None,
) -> str:
    """The source of a worksheet after cells of it were replaced."""
    return written(edited(document(sheet, more), changes))[SHEET].decode()
