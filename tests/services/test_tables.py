"""A sheet as a table is what its cells show, whole or run by run."""

from io import BytesIO

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.formats import registry
from app.formats.guard import Limits
from app.services import tables
from app.services.tables import SheetTable
from app.services.windows import View
from app.sheet.cell import Cell, ErrorValue
from app.sheet.document import Document, SheetSource
from app.sheet.row import row_of
from app.store.memory import MemoryChunks
from app.store.state import State
from tests import strategies


def view_of(document):
    """The first sheet of a document, stored in memory."""
    importing = State.importing(MemoryChunks(), document, None)
    while True:
        try:
            next(importing)
        except StopIteration as done:
            return View(done.value[0], 1)


def view(*rows):
    """A sheet of rows of cells or values, None for none."""
    cells = [
        {
            at: value if isinstance(value, Cell) else Cell(value)
            for at, value in enumerate(row)
            if value is not None
        }
        for row in rows
    ]
    kept = [(at, row_of(row)) for at, row in enumerate(cells) if row]
    return view_of(Document("blank", [SheetSource("Sheet1", b"", lambda: kept)]))


def listed(table):
    """Names, types and values."""
    return {
        name: (None, values) if isinstance(values, list) else (values.type, values.to_pylist())
        for name, values in table.items()
    }


def joined(batches):
    """Batches as one table."""
    found = {}
    for batch in map(listed, batches):
        for name, (kind, values) in batch.items():
            assert found.setdefault(name, (kind, []))[0] == kind
            found[name][1].extend(values)
    return found


def test_the_first_row_names_the_columns():
    """Names come from the first row, as it shows; rows are ragged, and those in between may be empty."""
    sheet = view(["Item", 2026, None, "Note"], ["a", 1], [], ["b", 2.5, True], [None, None, None, None])
    assert listed(SheetTable(sheet).whole()) == {
        "Item": (pa.large_string(), ["a", None, "b"]),
        "2026": (pa.float64(), [1.0, None, 2.5]),
        "C": (pa.bool_(), [None, None, True]),
        "Note": (pa.null(), [None, None, None]),
    }


def test_letters_name_the_columns():
    """Without a header, the first row is a row like any other."""
    sheet = view(["Item", None, 2026], ["a", None, 1])
    assert listed(SheetTable(sheet, header=False).whole()) == {
        "A": (pa.large_string(), ["Item", "a"]),
        "C": (pa.int64(), [2026, 1]),
    }


def test_formulas_and_errors():
    """A formula is its computed value; an error is no value, but its row is there."""
    doubled, broken = Cell(formula="A2*2", computed=4), Cell(formula="1/0", computed=ErrorValue("#DIV/0!"))
    sheet = view(["one", "two"], [2, doubled], [3, broken])
    assert listed(SheetTable(sheet).whole()) == {"one": (pa.int64(), [2, 3]), "two": (pa.int64(), [4, None])}


def test_mixed_columns_are_values():
    """A column of several sorts comes value by value."""
    sheet = view(["mixed"], [1], ["x"], [None], [True])
    assert listed(SheetTable(sheet).whole()) == {"mixed": (None, [1, "x", None, True])}


@pytest.mark.parametrize(
    ("sheet", "header", "expected"),
    [
        (view(), True, {}),
        (view(), False, {}),
        (view(["Item"]), True, {"Item": (pa.null(), [])}),
        (view([Cell(None, style=3)], [Cell(None, style=3)]), True, {}),
    ],
    ids=["empty", "empty, letters", "header only", "looks only"],
)
def test_nothing_to_tell(sheet, header, expected):
    """Sheets without rows have none, and the columns their header names."""
    table = SheetTable(sheet, header=header)
    assert listed(table.whole()) == expected
    assert joined(SheetTable(sheet, header=header).batches()) == expected


def test_dates(tmp_path):
    """Columns that a workbook shows as days are dates, for the whole column or not at all."""
    book = openpyxl.Workbook()
    for row in (["day", "some", "none"], [45_000, 45_000, 1], [45_001.25, 7, 2], [None, None, 3]):
        book.active.append(row)
    for at, code in (("A2", "yyyy-mm-dd"), ("A3", "d/m/yy h:mm"), ("B2", "yyyy-mm-dd"), ("A4", "0.00")):
        book.active[at].number_format = code
    book.save(tmp_path / "dates.xlsx")
    with (tmp_path / "dates.xlsx").open("rb") as file:
        sheet = view_of(registry.read(file, "dates.xlsx", Limits()))
        expected = listed(SheetTable(sheet).whole())
        assert joined(SheetTable(sheet).batches()) == expected
    kinds = {name: kind for name, (kind, _) in expected.items()}
    assert kinds == {"day": pa.timestamp("ms"), "some": pa.int64(), "none": pa.int64()}
    assert [f"{day}" for day in expected["day"][1]] == ["2023-03-15 00:00:00", "2023-03-16 06:00:00", "None"]


@given(
    st.lists(st.dictionaries(strategies.columns, strategies.cells, max_size=4), max_size=12), st.booleans()
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_batches_are_the_whole(monkeypatch, rows, header):
    """Runs of rows, one after the other, have the types and the values of all rows at once."""
    monkeypatch.setattr(tables, "_BATCH_CELLS", 3)
    kept = [(at, row_of(cells)) for at, cells in enumerate(rows) if row_of(cells).columns]
    sheet = view_of(Document("blank", [SheetSource("Sheet1", b"", lambda: kept)]))
    assert joined(SheetTable(sheet, header=header).batches()) == listed(
        SheetTable(sheet, header=header).whole()
    )


def test_a_text_file():
    """The numbers of a text file are numbers, however they are written; codes stay texts."""
    sheet = view_of(registry.read(BytesIO(b"code,price\n007,1.50\n012,2.25\n"), "prices.csv", Limits()))
    assert listed(SheetTable(sheet).whole()) == {
        "code": (pa.large_string(), ["007", "012"]),
        "price": (pa.float64(), [1.5, 2.25]),
    }
