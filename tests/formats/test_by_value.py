"""xls, xlsb and ods come in by value, in a process that may come to any end."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlrd

from app.formats import by_value, calamine_child, registry
from app.formats.guard import Limits, UnreadableFile
from app.formats.look import look_of
from app.formats.typed_workbook import Style
from app.formats.xlsx import writer
from app.sheet.document import Document
from tests import corpus

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"


def cell(kind: str, value: str = "", text: str = "") -> str:
    name = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(kind, "value")
    held = f' office:{name}="{value}"' if value else ""
    return f'<table:table-cell office:value-type="{kind}"{held}><text:p>{text}</text:p></table:table-cell>'


def ods(*sheets: tuple[str, str], mimetype: str = MIMETYPE) -> BytesIO:
    """An ods file of sheets, each a name and the source of its rows."""
    tables = "".join(f'<table:table table:name="{name}">{rows}</table:table>' for name, rows in sheets)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{OFFICE}:office:1.0" xmlns:table="{OFFICE}:table:1.0" '
            f'xmlns:text="{OFFICE}:text:1.0"><office:body><office:spreadsheet>{tables}</office:spreadsheet>'
            "</office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


GAP = '<table:table-cell table:number-columns-repeated="2"/>'
CELLS = (
    row(GAP, cell("string", text="a &lt;b&gt;"), cell("float", "1.5"), cell("boolean", "true"))
    + row()
    + row(GAP, cell("date", "2021-03-04"), cell("date", "2021-03-04T05:06:07"), cell("time", "PT30H15M00S"))
)


def read(file: BytesIO, name: str = "a.ods", limits: Limits | None = None) -> Document:
    return registry.read(file, name, limits or Limits())


def cells(document: Document, sheet: int = 0) -> Iterator[tuple[int, int, object, int]]:
    for index, held in document.sheets[sheet].rows():
        for column, found in held.cells():
            yield index, column, found.value, found.style


def refused(file: BytesIO, name: str = "a.ods", limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(file, name, limits)
    return caught.value.reason


def test_values_come_in_where_they_stand() -> None:
    """Texts, numbers and booleans are what they were; dates and times are numbers that show as such."""
    document = read(ods(("One &amp; all", CELLS), ("Two", row(cell("float", "7")))))
    assert [sheet.name for sheet in document.sheets] == ["One & all", "Two"]
    day = 44_259
    assert list(cells(document)) == [
        (0, 2, "a <b>", Style.PLAIN),
        (0, 3, 1.5, Style.PLAIN),
        (0, 4, True, Style.PLAIN),
        (2, 2, day, Style.DAY),
        (2, 3, pytest.approx(day + (5 * 3600 + 6 * 60 + 7) / 86_400), Style.MOMENT),
        (2, 4, 30.25 / 24, Style.ELAPSED),
    ]
    assert list(cells(document)) == list(cells(document))
    assert list(cells(document, 1)) == [(0, 0, 7, Style.PLAIN)]
    look = look_of(document.format, "by value", lambda: (document.package, document.parts))
    assert look.code(Style.DAY) == "yyyy-mm-dd"


def test_the_import_says_what_it_is() -> None:
    """The document asks for its file to be kept, and the report says what is not in it."""
    document = read(ods(("One", CELLS)))
    assert document.by_value
    assert (document.report["by_value"], document.report["cells"]) == ("ods", 6)
    assert "by value" in str(document.report["warnings"])


def test_it_downloads_as_xlsx() -> None:
    """Other programs read values, dates and sheets in the xlsx that comes of it."""
    out = BytesIO()
    writer.write(read(ods(("One", CELLS), ("Two", row(cell("float", "7"))))), out)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["One", "Two"]
    assert [cell.value for cell in book["One"][1]][2:] == ["a <b>", 1.5, True]
    assert book["One"]["C3"].is_date


def test_dates_before_march_1900() -> None:
    """Days count as spreadsheets count them; what lies before their first is text."""
    dates = [cell("date", day) for day in ("1899-12-31", "1900-01-01", "1900-02-28", "1900-03-01")]
    found = [(value, style) for _, _, value, style in cells(read(ods(("One", row(*dates)))))]
    assert found == [("1899-12-31 00:00:00", 0), (1, Style.DAY), (59, Style.DAY), (61, Style.DAY)]


@pytest.mark.parametrize("content", [b"", b"<", b"<office:document-content/>"])
def test_damage_is_told(content: bytes) -> None:
    """Whatever calamine stumbles over, by an error or by a panic, is a damaged file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", MIMETYPE)
        archive.writestr("content.xml", content)
    assert refused(out) == "broken"


def test_another_document_is_no_spreadsheet() -> None:
    """A text document is packed alike."""
    assert refused(ods(mimetype="application/vnd.oasis.opendocument.text"), "a.odt") == "not-a-spreadsheet"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(cells=5), "too-large"),
        (Limits(members=2), "too-large"),
        (Limits(unpacked_bytes=300), "too-large"),
        (Limits(member_ratio=1, ratio_floor=10), "bomb"),
    ],
)
def test_limits_hold(limits: Limits, reason: str) -> None:
    """What is unpacked and what is read are counted."""
    assert refused(ods(("One", CELLS)), limits=limits) == reason


def test_a_sheet_that_is_huge_with_its_empty_cells() -> None:
    """Two cells far apart are more than calamine holds: it is refused, and nothing is the worse for it."""
    far = '<table:table-row table:number-rows-repeated="1000000"/>'
    wide = '<table:table-cell table:number-columns-repeated="16000"/>'
    rows = row(cell("float", "1")) + far + row(wide, cell("float", "2"))
    assert refused(ods(("One", rows))) == "too-large"


def test_a_process_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory or of time, the process ends, and that is said of the file."""
    far = '<table:table-row table:number-rows-repeated="2500"/>'
    wide = '<table:table-cell table:number-columns-repeated="2500"/>'
    file = ods(("One", row(cell("float", "1")) + far + row(wide, cell("float", "2"))))
    assert len(list(cells(read(file)))) == 2
    monkeypatch.setattr(by_value, "_MEMORY", 250 * 2**20)
    assert refused(file) == "too-large"
    monkeypatch.undo()
    monkeypatch.setattr(by_value, "_SECONDS", 0)
    assert refused(ods(("One", CELLS * 2_000))) == "too-large"


def test_a_text_longer_than_a_cell_holds() -> None:
    """No other program would take it."""
    text = "x" * (calamine_child.MAX_TEXT + 1)
    assert refused(ods(("One", row(cell("string", text=text))))) == "too-large"


def test_a_compound_file_that_is_no_workbook() -> None:
    """Other old documents come in compound files too; one that only looks like a workbook is damaged."""
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    assert refused(BytesIO(magic + bytes(600)), "a.xls") == "not-a-spreadsheet"
    assert refused(BytesIO(magic + bytes(600) + "EncryptedPackage".encode("utf-16-le"))) == "encrypted"
    assert refused(BytesIO(magic + bytes(600) + "Workbook".encode("utf-16-le")), "a.xls") == "broken"


@pytest.mark.parametrize("path", corpus.files(".xls", ".xlsb", ".ods"), ids=lambda path: path.name)
def test_real_files_come_in_or_are_refused(path: Path) -> None:
    """None crashes, none hangs; the rows are as many as the report says."""
    try:
        document = read(BytesIO(path.read_bytes()), path.name)
    except UnreadableFile as error:
        pytest.skip(error.reason)
    if not document.by_value:
        pytest.skip("a text by another name")
    held = sum(1 for sheet in range(len(document.sheets)) for _ in cells(document, sheet))
    assert held == document.report["cells"]


MISREAD = {
    "biff5-rich-text-string.xls": "characters of Windows' own set",
    "sheet_name_parsing.xls": "texts of two bytes a character without a code page",
}
"""Files before Excel 97 of which calamine reads some texts wrong, and what these are."""


@pytest.mark.parametrize("path", corpus.sample(corpus.files(".xls"), 2), ids=lambda path: path.name)
def test_another_reader_finds_the_same(path: Path) -> None:
    """xlrd, which shares no code with calamine, reads the same numbers and texts in the same cells."""
    if path.name in MISREAD:
        pytest.skip(MISREAD[path.name])
    try:
        document = read(BytesIO(path.read_bytes()), path.name)
        book = xlrd.open_workbook(path, logfile=BytesIO())
    except (UnreadableFile, xlrd.XLRDError, AssertionError, LookupError) as error:
        pytest.skip(f"not read by both: {type(error).__name__}")
    for at, sheet in enumerate(document.sheets):
        other = book.sheet_by_name(sheet.name)
        theirs = {
            (index, column): found.value
            for index in range(other.nrows)
            for column, found in enumerate(other.row(index))
            if found.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_BOOLEAN)
            and found.value != ""
        }
        ours = {(index, column): value for index, column, value, _ in cells(document, at)}
        assert {place: ours.get(place) for place in theirs} == theirs
