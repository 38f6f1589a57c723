"""The check of real files tells harm where there is some, and none where there is none."""

import json
from pathlib import Path

import pytest

from app.formats.csv.dialect import Dialect, encode_frame
from app.formats.xlsx.package import Package
from app.sheet.address import Range
from app.sheet.cell import EMPTY
from bench.corpus import packages, texts, worksheets
from bench.corpus.__main__ import main
from bench.corpus.edits import Edit
from tests.formats.xlsx.packages import document, package, parts, worksheet

ROWS = (
    '<row r="1" spans="1:2"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B3" si="0">A1</f></c></row>'
    '<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f t="shared" si="0"/></c></row>'
    '<row><c><v>3</v></c><c r="B3"><f t="shared" si="0"/></c></row>'
)
BEFORE = worksheet(ROWS, before='<dimension ref="A1:B3"/>', after="<pageMargins/>")


def edit(row: int, column: int) -> Edit:
    return Edit("constant", 1, row, column, 9, EMPTY, Range(row, column, row, column))


@pytest.mark.parametrize(
    ("old", "new", "place", "also"),
    [
        ("<v>2</v>", "<v>9</v>", (1, 0), []),
        ('<c r="A2"><v>2</v></c>', "", (1, 0), []),
        ('ref="A1:B3"', 'ref="A1:C3"', (0, 2), ["dimension"]),
        ('spans="1:2"', 'spans="1:3"', (0, 2), ["spans"]),
        ('<f t="shared" si="0"/>', "<f>A2</f>", (0, 1), ["next master of a shared formula"]),
        ("<row><c><v>3", '<row r="3"><c><v>3', (1, 1), ["row numbers"]),
        ("<row><c>", '<row><c r="A3">', (2, 1), ["references of cells that had none"]),
    ],
)
def test_what_an_edit_may_change_in_a_worksheet(
    old: str, new: str, place: tuple[int, int], also: list[str]
) -> None:
    """The edited cell, and by name what must follow it."""
    assert worksheets.changed(BEFORE.encode(), BEFORE.replace(old, new, 1).encode(), *place) == (also, [])


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("<v>2</v>", "<v>9</v>", "row 2"),
        ("<v>1</v>", "<v>9</v>", "other cells of the row"),
        ('<row r="1" spans', '<row r="1" ht="9" spans', "the row's attributes"),
        ("<pageMargins/>", "", "what stands after the rows"),
        ("<dimension", "<sheetPr/><dimension", "what stands before the rows"),
        ("<row><c>", '<row r="4"><c>', "other rows, or their order"),
        ('</c></row><row r="2"', '</c></row> <row r="2"', "what stands between the rows"),
    ],
)
def test_harm_to_a_worksheet_is_told(old: str, new: str, wrong: str) -> None:
    """Whatever else differs is told as harm."""
    assert worksheets.changed(BEFORE.encode(), BEFORE.replace(old, new, 1).encode(), 0, 4) == ([], [wrong])


def test_harm_to_other_parts_is_told() -> None:
    """A part that an edit has no reason to touch is named, as are lost entries of the calculation chain."""
    chain = '<calcChain><c r="B1" i="1"/><c r="B2"/></calcChain>'
    given = parts(BEFORE, {"xl/calcChain.xml": chain, "xl/styles.xml": "<styleSheet/>"})
    held = Package.decode(document("", given).package)
    before = packages.members(package(given).getvalue())

    def difference(**changed: str) -> packages.Difference:
        names = {"styles": "xl/styles.xml", "chain": "xl/calcChain.xml"}
        more = {names[name]: content for name, content in changed.items()}
        after = packages.members(package({**given, **more}).getvalue())
        return packages.difference(_with_entries_of(before, after), after, held, 0, edit(0, 1))

    assert difference() == ([], [])
    assert difference(styles="<styleSheet> </styleSheet>") == ([], ["xl/styles.xml"])
    assert difference(chain=chain.replace('<c r="B1" i="1"/><c r="B2"', '<c r="B2" i="1"')) == (
        ["calcChain"],
        [],
    )
    assert difference(chain=chain.replace('<c r="B2"/>', "")) == ([], ["xl/calcChain.xml"])


def _with_entries_of(before: packages.Members, after: packages.Members) -> packages.Members:
    """Members with what the zip file says of others: they were written a moment apart."""
    return [(entry, content) for (_, content), (entry, _) in zip(before, after, strict=True)]


@pytest.mark.parametrize(
    ("after", "wrong"),
    [
        (b"a,9\r\nc,d\r\n", []),
        (b"a,9\r\nc,e\r\n", ["record 2 is another", "6 characters changed"]),
        (b'a,9\r\n"c","d"\r\n', ["6 characters changed"]),
        (b"a,8\r\nc,d\r\n", ["record 1 is another"]),
    ],
)
def test_harm_to_a_text_is_told(after: bytes, wrong: list[str]) -> None:
    """In a CSV file only the edited field may differ, in what it reads and in its quotation marks."""
    frame = encode_frame(Dialect(width=2))
    assert texts.changed(b"a,b\r\nc,d\r\n", after, frame, edit(0, 1)) == wrong


@pytest.mark.parametrize(
    ("application", "flags", "name"),
    [
        ("LibreOffice/7.4$Linux", 0, "LibreOffice"),
        ("Microsoft Excel", 6, "Microsoft Excel"),
        ("Microsoft Excel", 0, "Microsoft Excel, packed by another"),
        ("", 0, "not named"),
        (None, 0, "not named"),
    ],
)
def test_the_program_that_wrote_a_package(application: str | None, flags: int, name: str) -> None:
    """Its properties name it; libraries that claim to be Excel do not pack as Excel does."""
    more = (
        {}
        if application is None
        else {"docProps/app.xml": f"<P><Application>{application}</Application></P>"}
    )
    found = packages.members(package(parts(BEFORE, more)).getvalue())
    found[0][0].flag_bits = flags
    assert packages.producer(found) == name


def test_a_folder_of_files_is_told_in_a_table_and_an_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every file is counted; the ones that fail are named above; the last line is for programs."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.xlsx").write_bytes(package(parts(BEFORE)).getvalue())
    (tmp_path / "text.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "cut.xlsx").write_bytes(package(parts(BEFORE)).getvalue()[:-200])
    (tmp_path / "old.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + "Workbook".encode("utf-16-le"))
    (tmp_path / "ignored.txt").write_bytes(b"text")
    assert main([str(tmp_path), "--processes", "1"]) == 0
    *table, last = capsys.readouterr().out.splitlines()
    figures = json.loads(last)
    assert figures["edits"] == figures["edits_local"] > 4
    assert {name: value for name, value in figures.items() if not name.startswith("edits")} == {
        "files": 4,
        "readable": 2,
        "unedited_identical": 2,
        "containers_identical": 1,
        "containers": {"not named": [1, 1]},
        "errors": {"broken": 1, "truncated": 1},
        "crashes": 0,
        "timeouts": 0,
    }
    assert {line.partition(":")[0] for line in table if "refused," in line} == {"cut.xlsx", "old.xls"}


def test_a_file_that_takes_too_long_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is counted and named, and makes the command fail."""
    (tmp_path / "slow.csv").write_bytes(b"a,b\n1,2\n")
    assert main([str(tmp_path), "--processes", "1", "--seconds", "0"]) == 1
    *table, last = capsys.readouterr().out.splitlines()
    assert json.loads(last)["timeouts"] == 1
    assert table[0] == "slow.csv: TIMEOUT not done after 0 s"
