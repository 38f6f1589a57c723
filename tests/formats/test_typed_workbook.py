"""A package made for data is a workbook that other programs open."""

from datetime import datetime
from io import BytesIO

import openpyxl

from app.formats.guard import Limits
from app.formats.typed_workbook import Style, workbook
from app.formats.xlsx import reader, writer
from app.sheet.row import Row

ROWS = [(0, Row((0, 1), ("day", "<&>"))), (1, Row((0, 1), (45_000.5, "ä"), (Style.MOMENT, Style.PLAIN)))]


def saved(document):
    out = BytesIO()
    writer.write(document, out)
    return out


def test_other_programs_read_it():
    """openpyxl finds the sheet by its name, its texts, and dates as dates."""
    sheet = openpyxl.load_workbook(saved(workbook('A "B" & C', lambda: ROWS, {}))).active
    assert sheet.title == 'A "B" & C'
    assert [list(row) for row in sheet.values] == [["day", "<&>"], [datetime(2023, 3, 15, 12), "ä"]]


def test_it_comes_back():
    """The file is read as the same rows."""
    read = reader.read(saved(workbook("Sheet", lambda: ROWS, {})), Limits())
    assert [(at, row.values, tuple(row.styles)) for at, row in read.sheets[0].rows()] == [
        (at, row.values, tuple(row.styles)) for at, row in ROWS
    ]


def test_the_same_bytes_every_time():
    """Nothing in the package hangs on when it was made."""
    assert (
        saved(workbook("S", lambda: ROWS, {})).getvalue() == saved(workbook("S", lambda: ROWS, {})).getvalue()
    )
