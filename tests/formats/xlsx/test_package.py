"""A workbook's parts are found however its package names them."""

import pytest

from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx.package import Package, normal, resolve
from app.formats.xlsx.reader import read
from tests.formats.xlsx.packages import DOC, MAIN, PACKAGE, SHEET, document, package, parts, worksheet

ONE = worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')


def values(contents: dict[str, str | bytes]) -> list[object]:
    """The values of the first sheet."""
    return [value for _, row in read(package(contents), Limits()).sheets[0].rows() for value in row.values]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"),
        ("worksheets/sheet1.xml", r"worksheets\sheet1.xml"),
        ("worksheets/sheet1.xml", "Worksheets/SHEET1.xml"),
        ("worksheets/sheet1.xml", "../xl/./worksheets/sheet1.xml"),
        ("worksheets/sheet1.xml", "worksheets/sheet%31.xml"),
        (
            "officeDocument/2006/relationships/worksheet",
            "purl.oclc.org/ooxml/officeDocument/relationships/worksheet",
        ),
    ],
)
def test_targets_are_resolved_in_every_spelling(old: str, new: str) -> None:
    """Absolute, odd-cased, backslashed, quoted and strict targets name the same part."""
    contents = parts(ONE)
    contents["xl/_rels/workbook.xml.rels"] = str(contents["xl/_rels/workbook.xml.rels"]).replace(old, new)
    assert values(contents) == [1]


def test_names_with_backslashes_are_found_and_kept() -> None:
    """A zip whose names have backslashes is read, and keeps them."""
    contents = {name.replace("/", "\\"): content for name, content in parts(ONE).items()}
    found = read(package(contents), Limits())
    assert Package.decode(found.package).members[-1].text == SHEET.replace("/", "\\")
    assert values(contents) == [1]


@pytest.mark.parametrize("missing", ["_rels/.rels", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_a_missing_part_is_guessed(missing: str) -> None:
    """Where a part that links others is missing, the usual names are tried."""
    contents = parts(ONE)
    del contents[missing]
    assert values(contents) == [1]


def test_a_sheet_whose_part_is_missing_is_named() -> None:
    """A sheet that is only listed has no cells, and the report says so."""
    contents = parts(ONE)
    del contents[SHEET]
    found = read(package(contents), Limits())
    assert (found.sheets[0].kind, list(found.sheets[0].rows())) == ("missing", [])
    assert "“One” is listed" in str(found.report["warnings"])


def test_other_kinds_of_sheets_are_carried() -> None:
    """A chartsheet is a sheet without cells; states are kept."""
    contents = parts(ONE)
    contents["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{DOC}"><sheets>'
        '<sheet name="Chart" sheetId="7" state="veryHidden" '
        'r:id="rId9"/><sheet name="One" sheetId="3" state="hidden" r:id="rId1"/></sheets></workbook>'
    )
    contents["xl/_rels/workbook.xml.rels"] = str(contents["xl/_rels/workbook.xml.rels"]).replace(
        "</Relationships>",
        f'<Relationship Id="rId9" Type="{DOC}/chartsheet" Target="cs.xml"/></Relationships>',
    )
    contents["xl/cs.xml"] = "<chartsheet/>"
    found = [(sheet.name, sheet.kind, sheet.state) for sheet in read(package(contents), Limits()).sheets]
    assert found == [("Chart", "chartsheet", "veryHidden"), ("One", "worksheet", "hidden")]


def test_a_document_of_another_program_is_refused() -> None:
    """A package whose main part is no workbook is not a spreadsheet."""
    contents = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{DOC}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": "<document/>",
    }
    with pytest.raises(UnreadableFile) as caught:
        read(package(contents), Limits())
    assert caught.value.reason == "not-a-spreadsheet"


def test_a_package_is_bytes_and_back() -> None:
    """What a revision keeps of a package is what it was, and a version it does not know is refused."""
    encoded = document(ONE).package
    assert Package.decode(encoded).encode() == encoded
    with pytest.raises(ValueError, match="version 9"):
        Package.decode(Package(9, [], [], {}, []).encode())


def test_names_are_compared_as_package_names() -> None:
    """Case, leading slashes, backslashes and quoting make no difference to a part's name."""
    assert normal("\\XL\\a%20b.XML") == normal("xl/a b.xml")
    assert resolve("xl/worksheets", "../../docProps/app.xml") == "docProps/app.xml"
