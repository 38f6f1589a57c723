"""Whole files that hold a little of everything: what damaged ones are made of."""

import zipfile
from collections.abc import Mapping
from functools import cache
from io import BytesIO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_ROWS = """
<row r="1" spans="1:4" ht="15" customHeight="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>
<c r="C1" t="s"><v>2</v></c><c r="D1" s="1"/></row>
<row r="2" spans="1:4"><c r="A2"><v>1.50</v></c>
<c r="B2"><f t="shared" ref="B2:B4" si="0">A2*2</f><v>3</v></c>
<c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><v>#N/A</v></c></row>
<row r="3"><c r="A3"><v>2E-3</v></c><c r="B3"><f t="shared" si="0"/><v>4</v></c>
<c r="C3" t="inlineStr"><is><t xml:space="preserve"> a &amp; b</t></is></c>
<c r="D3" t="str"><f>C3&amp;""</f><v>x</v></c></row>
<row r="4"><c r="A4" cm="1"><f t="array" ref="A4:A6">ROW(1:3)</f><v>1</v></c>
<c r="B4"><f t="shared" si="0"/><v>2</v></c></row>
<row><c><v>5</v></c><c><v>6</v></c></row>
<row r="9" hidden="1"><!-- a note --><c r="B9" t="str"><v><![CDATA[<raw>]]></v></c>
<c r="XFD9"><v>7</v></c></row>
""".replace("\n", "")
_HEAD = (
    '<sheetPr/><dimension ref="A1:XFD9"/>'
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1"/></sheetView></sheetViews>'
    '<cols><col min="1" max="2" width="20" customWidth="1"/></cols>'
)
_TAIL = (
    '<mergeCells count="1"><mergeCell ref="F1:G2"/></mergeCells>'
    '<hyperlinks><hyperlink ref="A1" r:id="rId2"/></hyperlinks>'
    '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
)
_STRINGS = """
<si><t>head</t></si>
<si><r><rPr><b/></rPr><t>rich</t></r><r><t> text</t></r><rPh sb="0" eb="1"><t>p</t></rPh></si>
<si><t>_x0041_</t></si>
""".replace("\n", "")
_STYLES = """
<numFmts count="1"><numFmt numFmtId="164" formatCode="[Red]0.0;@"/></numFmts>
<fonts count="1"><font><b/><sz val="11"/><color theme="1" tint="0.5"/><name val="A"/></font></fonts>
<fills count="1"><fill><patternFill patternType="solid"><fgColor rgb="FF00FF00"/></patternFill></fill></fills>
<borders count="1"><border><left style="thin"><color indexed="8"/></left></border></borders>
<cellStyleXfs><xf/></cellStyleXfs>
<cellXfs count="2"><xf/><xf numFmtId="164" fontId="0" fillId="0" borderId="0">
<alignment horizontal="center"/></xf></cellXfs>
""".replace("\n", "")
_SHEETS = (
    '<workbookPr date1904="1"/><sheets><sheet name="One" sheetId="1" r:id="rId1"/>'
    '<sheet name="Chart" sheetId="2" state="hidden" r:id="rId2"/></sheets>'
    '<definedNames><definedName name="n">One!$A$1</definedName></definedNames><calcPr calcId="1"/>'
)
_COLUMNS = (
    '<tableColumns count="3"><tableColumn id="1" name="head"/><tableColumn id="2" name="rich text"/>'
    '<tableColumn id="3" name="A"/></tableColumns>'
)
_CHAIN = '<c r="B2" i="1"/><c r="B3"/><c r="B4"/><c r="D3"/><c r="A4"/>'
_CONTENT_TYPES = (
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/calcChain.xml" ContentType="{_TYPE}.calcChain+xml"/>'
)


def packages() -> tuple[Mapping[str, bytes], ...]:
    """Workbooks by their members."""
    return (_by_hand(), _prefixed(), _in_utf16(), _by_openpyxl())


def texts() -> tuple[bytes, ...]:
    """Text files."""
    rows = 'id;name;"a ""quoted"" text";1.50\r\n007;"two\r\nlines";;-1e5\r\n;;;\r\nTRUE;é;=1+2;1/2/2024\r\n'
    plain = "a,b,c\n1,2,3\n4,,6\n" * 20
    return (
        rows.encode(),
        rows.encode("utf-16"),
        rows.encode("utf-8-sig"),
        rows.encode("cp1252"),
        plain.encode(),
        plain.replace(",", "\t").encode(),
        b"sep=;\n1;2\n3;4\n",
        b'"' + b"x," * 50,
    )


def packed(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Members as a zip file, the same every time."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


@cache
def _by_hand() -> Mapping[str, bytes]:
    """What Excel writes, and what others do."""
    return _workbook(_sheet(_ROWS))


@cache
def _prefixed() -> Mapping[str, bytes]:
    """All elements with a prefix."""
    sheet = _sheet(_ROWS).replace("</", "\0").replace("<!", "\1").replace("<?", "\2").replace("<", "<x:")
    sheet = sheet.replace("\0", "</x:").replace("\1", "<!").replace("\2", "<?").replace("<x:raw>", "<raw>")
    return _workbook(sheet.replace(f'xmlns="{_MAIN}"', f'xmlns:x="{_MAIN}"'))


@cache
def _in_utf16() -> Mapping[str, bytes]:
    """A sheet in another encoding."""
    sheet = _sheet(_ROWS).replace("UTF-8", "UTF-16").encode("utf-16")
    return {**_by_hand(), "xl/worksheets/sheet1.xml": sheet}


@cache
def _by_openpyxl() -> Mapping[str, bytes]:
    """Styles, a table, a comment, conditional formats, as openpyxl writes them."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 — a new workbook has one
    for row in (["Name", "Value", "When"], ["a", 1, 45_000], ["b", 2.5, 45_001], ["c", "=B2+B3"]):
        sheet.append(row)
    sheet["A1"].font, sheet["B1"].fill = Font(bold=True, color="FF0000"), PatternFill("solid", "FFFF00")
    sheet["C2"].number_format = "yyyy-mm-dd"
    sheet["A2"].comment = Comment("note", "me")
    sheet["E1"] = ArrayFormula("E1:E2", "=A2:A3")
    sheet.add_table(Table(displayName="T", ref="A1:C4"))
    sheet.conditional_formatting.add("B2:B4", FormulaRule(["B2>1"]))  # type: ignore[no-untyped-call]
    sheet.freeze_panes = "B2"
    book.create_sheet("Other").sheet_state = "hidden"
    file = BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _sheet(rows: str) -> str:
    return _part("worksheet", f"{_HEAD}<sheetData>{rows}</sheetData>{_TAIL}")


def _part(element: str, content: str, attributes: str = "", namespace: str = _MAIN) -> str:
    """A part of one element with everything in it."""
    opening = f'<{element} xmlns="{namespace}" xmlns:r="{_DOC}"{attributes}>'
    return f"{_DECLARED}{opening}{content}</{element}>"


def _links(**targets: str) -> str:
    """A relationships part: targets by their kinds; addresses are external."""
    external = ' TargetMode="External"'
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_DOC}/{kind}" Target="{target}"'
        f"{external if ':' in target else ''}/>"
        for n, (kind, target) in enumerate(targets.items(), start=1)
    )
    return _part("Relationships", listed, namespace=f"{_PACKAGE}/relationships")


def _workbook(sheet: str) -> Mapping[str, bytes]:
    table = ' id="1" name="T" displayName="T" ref="A1:C3"'
    parts = {
        "[Content_Types].xml": _part("Types", _CONTENT_TYPES, namespace=f"{_PACKAGE}/content-types"),
        "_rels/.rels": _links(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": _part("workbook", _SHEETS),
        "xl/_rels/workbook.xml.rels": _links(
            worksheet="worksheets/sheet1.xml",
            chartsheet="chartsheets/sheet1.xml",
            sharedStrings="sharedStrings.xml",
            styles="/xl/styles.xml",
            calcChain="calcChain.xml",
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/worksheets/_rels/sheet1.xml.rels": _links(table="../tables/table1.xml", hyperlink="http://a/"),
        "xl/chartsheets/sheet1.xml": "<chartsheet/>",
        "xl/sharedStrings.xml": _part("sst", _STRINGS, ' count="3" uniqueCount="3"'),
        "xl/styles.xml": _part("styleSheet", _STYLES),
        "xl/calcChain.xml": _part("calcChain", _CHAIN),
        "xl/tables/table1.xml": _part("table", _COLUMNS, table),
    }
    return {name: content.encode() for name, content in parts.items()}
