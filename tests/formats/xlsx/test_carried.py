"""What docs/formats.md says is carried comes through an edit of a cell, byte for byte."""

import re
from pathlib import Path

from app.sheet.cell import Cell
from tests.formats.xlsx.packages import SHEET, document, edited, parts, worksheet, written

DOC = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()
TABLE = DOC.partition("## What is kept, shown and carried")[2].partition("| changed by |")[0]
PLACES = [
    place for row in re.findall(r"(?m)^\|[^|]+\|([^|]+)\|", TABLE) for place in re.findall("`(.+?)`", row)
]
PARTS = [place for place in PLACES if "/" in place]
BEFORE = ("sheetPr", "sheetViews", "sheetFormatPr", "cols")
ELEMENTS = [place.strip("<>") for place in PLACES if place.startswith("<") and place != "<sheetData>"]


def source(name: str) -> str:
    """An element of a worksheet with something in it."""
    return f"<{name} said='x'><!-- {name} --><any  odd='1' /></{name}>"


def test_the_table_names_places() -> None:
    """What the other tests go by is read from the table."""
    assert {"xl/vbaProject.bin", "xl/charts/chart1.xml"} < set(PARTS)
    assert {"conditionalFormatting", "extLst", *BEFORE} < set(ELEMENTS)


def test_parts() -> None:
    """Every part the table names comes back as it was, whatever is in it."""
    own = parts(worksheet(""))
    contents = {name: f"{name}\0\xff".encode("latin-1") for name in PARTS if name not in own}
    # The first two are read: they must be what they say.
    contents |= {"xl/sharedStrings.xml": b"<sst/>"}
    made = written(edited(document(worksheet(""), contents), {(1, 1): Cell(5)}))
    assert {name: made[name] for name in contents} == contents


def test_elements() -> None:
    """Every element of a worksheet that the table names comes back as it was."""
    before = "".join(source(name) for name in BEFORE)
    after = "".join(source(name) for name in ELEMENTS if name not in BEFORE)
    made = document(worksheet('<row r="1"><c r="A1"><v>1</v></c></row>', before=before, after=after))
    sheet = written(edited(made, {(0, 0): Cell(5)}))[SHEET].decode()
    assert sheet == worksheet('<row r="1"><c r="A1"><v>5</v></c></row>', before=before, after=after)
