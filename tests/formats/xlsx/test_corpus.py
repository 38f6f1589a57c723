"""Real workbooks go through unharmed: a sample of the corpus, and its oddest files."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

import msgspec
import openpyxl
import pytest

from app.formats import registry
from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx.package import Package
from app.formats.xlsx.writer import write
from app.sheet.address import MAX_ROWS
from app.sheet.cell import Cell
from app.sheet.document import Document
from tests import corpus
from tests.formats.xlsx.packages import edited

ODD = (
    "duplicate-filename.xlsx",  # two members of one name
    "49609.xlsx",  # backslashes in names
    "issue_174.xlsx",  # pretty-printed, thousands of blank cells
    "inlineStr_cdata.xlsx",
    "richtext-namespaced.xlsx",  # prefixed elements
    "59746_NoRowNums.xlsx",
    "sample.strict.xlsx",
    "sample-beta.xlsx",  # a namespace of 2006
    "non_monotonic_si.xlsx",
    "54288.xlsx",  # cells without references
    "any_sheets.xlsx",  # chartsheets and dialog sheets
    "DynamicArrays.xlsx",
    "SampleSS.xlsx",
)
WORKBOOKS = corpus.sample(corpus.files(".xlsx", ".xlsm", ".xltx", ".xltm"), 20, *ODD)
UNKNOWN_TO_OPENPYXL = ("sample-beta.xlsx",)
"""Opened by openpyxl, but without cells."""
REFUSED = {
    "protected_passtika.xlsx": "encrypted",
    "extenxls_pwd123.xlsx": "encrypted",
    "invalid.xlsx": "not-a-spreadsheet",
    "xlsx-corrupted.xlsx": "broken",
    "poc-xmlbomb.xlsx": "unsafe-xml",
}
ROW = re.compile(rb"(?s)<(?:\w+:)?row\b.*?(?:</(?:\w+:)?row>|(?<=/)>)")
CALCULATION = re.compile(r"(?i)calcchain\.xml|/workbook\.xml|workbook\.xml\.rels|content_types|/tables/")


def read(path: Path) -> Document:
    """The document of a file; where it cannot be read the test is skipped: reasons have their own test."""
    try:
        return registry.read(BytesIO(path.read_bytes()), path.name, Limits())
    except UnreadableFile as error:
        pytest.skip(f"{path.name}: {error.reason}")


def members(file: BytesIO) -> list[tuple[zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(file) as archive:
        return [(entry, archive.open(entry).read()) for entry in archive.infolist()]


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_untouched_workbooks_come_back(path: Path) -> None:
    """A workbook nobody edited has every part byte for byte, in order, with its name, flags and time."""
    out = BytesIO()
    write(read(path), out)
    before, after = members(BytesIO(path.read_bytes())), members(out)
    assert [_entry(entry) for entry, _ in after] == [_entry(entry) for entry, _ in before]
    assert [content for _, content in after] == [content for _, content in before]


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_an_edit_that_changes_nothing_changes_no_row(path: Path) -> None:
    """Sheets that went through the hands of the editor with the same cells have the same rows."""
    document = read(path)
    sheets = [msgspec.structs.replace(sheet, edited=True) for sheet in document.sheets]
    out = BytesIO()
    write(msgspec.structs.replace(document, sheets=sheets), out)
    before, after = members(BytesIO(path.read_bytes())), members(out)
    assert [ROW.findall(content) for _, content in after] == [ROW.findall(content) for _, content in before]


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_an_edit_touches_only_its_row(path: Path) -> None:
    """After one cell is edited only its row differs, and openpyxl reads what was entered."""
    document = read(path)
    n = next((n for n, sheet in enumerate(document.sheets) if sheet.kind == "worksheet"), None)
    if n is None or sum(sheet["cells"] for sheet in document.report["sheets"]) > 20_000:  # type: ignore[attr-defined]
        pytest.skip("no worksheet, or a large one")
    package = Package.decode(document.package)
    sheet_part = package.members[package.sheets[n].member].text
    rows = list(document.sheets[n].rows())
    constants = [
        (index, column, cell)
        for index, row in rows
        for column, cell in row.cells()
        if cell.value is not None and not cell.extra
    ]
    changes = {(min(rows[-1][0] + 1 if rows else 0, MAX_ROWS - 1), 2): Cell("entered anew")}
    if constants:
        index, column, cell = constants[len(constants) // 2]
        changes = {(index, column): Cell("entered anew", style=cell.style)}
    out = BytesIO()
    write(edited(document, changes, n), out)
    before, after = dict(_texts(BytesIO(path.read_bytes()))), dict(_texts(out))
    others = {name for name in before if before[name] != after.get(name) and not CALCULATION.search(name)}
    assert others <= {sheet_part}
    assert len(set(ROW.findall(after[sheet_part])) - set(ROW.findall(before[sheet_part]))) <= 1
    _check_by_openpyxl(path, out, package.sheets[n].name, next(iter(changes)))


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_unreadable_files_are_refused_by_name(name: str, reason: str) -> None:
    """A file that cannot be read gets one of a short list of reasons."""
    path = next((path for path in corpus.files(".xlsx") if path.name == name), None) or corpus.file(name)
    with pytest.raises(UnreadableFile) as caught:
        _read_all(path)
    assert caught.value.reason == reason


def _read_all(path: Path) -> None:
    for sheet in registry.read(BytesIO(path.read_bytes()), path.name, Limits()).sheets:
        list(sheet.rows())


def _entry(entry: zipfile.ZipInfo) -> tuple[object, ...]:
    return (
        entry.filename,
        entry.flag_bits,
        entry.date_time,
        entry.compress_type,
        entry.create_system,
        entry.create_version,
        entry.external_attr,
        entry.comment,
    )


def _texts(file: BytesIO) -> list[tuple[str, bytes]]:
    return [(entry.filename, content) for entry, content in members(file)]


def _check_by_openpyxl(path: Path, out: BytesIO, sheet: str, place: tuple[int, int]) -> None:
    """Where openpyxl reads the file as it came, it reads the edited one too, and what was entered."""
    try:
        names = openpyxl.load_workbook(BytesIO(path.read_bytes())).sheetnames
    except Exception:  # whatever it cannot read says nothing about ours
        return
    if sheet in names and path.name not in UNKNOWN_TO_OPENPYXL:
        cell = openpyxl.load_workbook(out)[sheet].cell(place[0] + 1, place[1] + 1)
        if type(cell).__name__ != "MergedCell":
            assert cell.value == "entered anew"
