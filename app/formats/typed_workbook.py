"""Workbooks for data that has types but no looks: a package that knows how dates are shown.

The package is the least that an xlsx file needs, the same bytes every time.
"""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from io import BytesIO
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import msgspec

from app.formats.guard import Limits
from app.formats.xlsx import reader
from app.sheet.address import cell_name
from app.sheet.document import Document, SheetState
from app.sheet.row import Row

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Style(IntEnum):
    """The styles of such a workbook's cells."""

    PLAIN = 0
    DAY = 1
    MOMENT = 2
    TIME = 3
    ELAPSED = 4


_CODES = {
    Style.DAY: "yyyy-mm-dd",
    Style.MOMENT: "yyyy-mm-dd hh:mm:ss",
    Style.TIME: "hh:mm:ss",
    Style.ELAPSED: "[h]:mm:ss",
}
_FIRST_CODE = 164
"""Number formats below belong to Excel."""


class TypedSheet(NamedTuple):
    """A sheet of such a workbook. rows: in styles of `Style`. merges: (top, left, bottom, right) each."""

    name: str
    rows: Callable[[], Iterable[tuple[int, Row]]]
    state: SheetState = "visible"
    merges: Sequence[Sequence[int]] = ()


def workbook(
    sheet_name: str, rows: Callable[[], Iterable[tuple[int, Row]]], report: dict[str, object]
) -> Document:
    """The document of a workbook of one sheet with the rows, in styles of `Style`."""
    return workbook_of([TypedSheet(sheet_name, rows)], report)


def workbook_of(sheets: Sequence[TypedSheet], report: dict[str, object]) -> Document:
    """The document of a workbook of the sheets."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in _parts(sheets).items():
            package.writestr(zipfile.ZipInfo(name), _XML + part, zipfile.ZIP_DEFLATED)
    empty = reader.read(file, Limits())
    filled = [
        msgspec.structs.replace(page, rows=sheet.rows)
        for page, sheet in zip(empty.sheets, sheets, strict=True)
    ]
    return msgspec.structs.replace(empty, sheets=filled, report=report, by_value=True)


def _parts(sheets: Sequence[TypedSheet]) -> dict[str, str]:
    """The parts of the package, by name."""
    names = [f"worksheets/sheet{number}" for number in range(1, len(sheets) + 1)]
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            + _override("workbook", "sheet.main")
            + "".join(_override(name, "worksheet") for name in names)
            + _override("styles", "styles")
            + "</Types>"
        ),
        "_rels/.rels": _relationships(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
            + "".join(_listed(number, sheet) for number, sheet in enumerate(sheets, start=1))
            + "</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _relationships(
            *(("worksheet", f"{name}.xml") for name in names), ("styles", "styles.xml")
        ),
        **{f"xl/{name}.xml": _worksheet(sheet) for name, sheet in zip(names, sheets, strict=True)},
        "xl/styles.xml": _styles(),
    }


def _listed(number: int, sheet: TypedSheet) -> str:
    state = "" if sheet.state == "visible" else f' state="{sheet.state}"'
    return f'<sheet name={quoteattr(sheet.name)} sheetId="{number}"{state} r:id="rId{number}"/>'


def _worksheet(sheet: TypedSheet) -> str:
    merged = "".join(
        f'<mergeCell ref="{cell_name(top, left)}:{cell_name(bottom, right)}"/>'
        for top, left, bottom, right in sheet.merges
    )
    if merged:
        merged = f'<mergeCells count="{len(sheet.merges)}">{merged}</mergeCells>'
    return f'<worksheet xmlns="{_MAIN}"><sheetData></sheetData>{merged}</worksheet>'


def _override(name: str, kind: str) -> str:
    return f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'


def _relationships(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_DOC}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _styles() -> str:
    codes = "".join(
        f'<numFmt numFmtId="{_FIRST_CODE + style}" formatCode="{escape(code)}"/>'
        for style, code in _CODES.items()
    )
    formats = "".join(
        f'<xf numFmtId="{_FIRST_CODE + style}" fontId="0" fillId="0" borderId="0" xfId="0"'
        ' applyNumberFormat="1"/>'
        for style in _CODES
    )
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_CODES)}">{codes}</numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1">{plain}/></cellStyleXfs>'
        f'<cellXfs count="{len(Style)}">{plain} xfId="0"/>{formats}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
