"""Real workbooks go through unharmed: a sample of the corpus, and its oddest files."""

import re
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from app.formats import registry
from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx.writer import write
from app.sheet.document import Document
from bench.corpus.files import examine
from bench.corpus.packages import members
from tests import corpus

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
REFUSED = {
    "protected_passtika.xlsx": "encrypted",
    "extenxls_pwd123.xlsx": "encrypted",
    "invalid.xlsx": "not-a-spreadsheet",
    "xlsx-corrupted.xlsx": "broken",
    "poc-xmlbomb.xlsx": "unsafe-xml",
}
ROW = re.compile(rb"(?s)<(?:\w+:)?row\b.*?(?:</(?:\w+:)?row>|(?<=/)>)")


def read(path: Path) -> Document:
    """The document of a file; where it cannot be read the test is skipped: reasons have their own test."""
    try:
        return registry.read(BytesIO(path.read_bytes()), path.name, Limits())
    except UnreadableFile as error:
        pytest.skip(f"{path.name}: {error.reason}")


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_real_workbooks_go_through_unharmed(path: Path) -> None:
    """Unedited, every part comes back; edited, nothing differs but the row, and what must follow it."""
    found = examine(path)
    if found.refused:
        pytest.skip(f"{path.name}: {found.refused}")
    assert found.changed == ()
    assert [edit for edit in found.edits if edit.wrong] == []


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_an_edit_that_changes_nothing_changes_no_row(path: Path) -> None:
    """Sheets that went through the hands of the editor with the same cells have the same rows."""
    document = read(path)
    sheets = [msgspec.structs.replace(sheet, edited=True) for sheet in document.sheets]
    out = BytesIO()
    write(msgspec.structs.replace(document, sheets=sheets), out)
    before, after = members(path.read_bytes()), members(out.getvalue())
    assert [ROW.findall(content) for _, content in after] == [ROW.findall(content) for _, content in before]


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
