"""Documents without a package become plain workbooks that say the same."""

import itertools
from collections.abc import Mapping
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats import plain_xlsx
from app.formats.guard import Limits
from app.formats.xlsx.reader import read
from app.sheet.cell import Cell, ErrorValue, LexicalNumber, Value
from app.sheet.document import Document, SheetSource
from app.sheet.references import relative
from app.sheet.row import Row, row_of


def written(
    cells: Mapping[tuple[int, int], Cell], stale: bool = False, names: tuple[str, ...] = ("One",)
) -> BytesIO:
    """The file of a document whose sheets all hold the given cells."""
    rows = {
        index: row_of({column: cell for (_, column), cell in group}, attributes="theirs", raw=b"theirs")
        for index, group in itertools.groupby(sorted(cells.items()), key=lambda item: item[0][0])
    }

    def give() -> list[tuple[int, Row]]:
        return list(rows.items())

    out = BytesIO()
    plain_xlsx.write(Document("csv", [SheetSource(name, b"", give) for name in names], stale=stale), out)
    return out


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("007", "007"),
        ("=1+1", "=1+1"),
        ("12", "12"),
        (12, 12),
        (0.1, 0.1),
        (True, True),
        (ErrorValue("#N/A"), "#N/A"),
        (LexicalNumber("1.50"), 1.5),
        (LexicalNumber("12345678901234567890"), "12345678901234567890"),
        (" a\n", " a\n"),
    ],
)
def test_a_value_keeps_its_kind(value: Value, expected: object) -> None:
    """Text stays text, also where it looks like something else; so do numbers too long to be kept."""
    cell = openpyxl.load_workbook(written({(2, 1): Cell(value)})).worksheets[0]["B3"]
    assert (cell.value, cell.data_type == "f") == (expected, False)


def test_a_formula_stays_one() -> None:
    """A formula is written with references that read as they do at its cell."""
    file = written({(4, 1): Cell(None, relative("A1*$B$2", 4, 1), 3)})
    assert openpyxl.load_workbook(file).worksheets[0]["B5"].value == "=A1*$B$2"


def test_sheets_get_names_that_are_allowed() -> None:
    """A sheet's name is cut and changed as far as Excel demands, and stays unlike the others."""
    names = openpyxl.load_workbook(written({}, names=("a/b", "A_b", "x" * 40, ""))).sheetnames
    assert names == ["a_b", "A_b (2)", "x" * 31, "Sheet"]


def test_stale_values_are_computed_on_load() -> None:
    """A document whose values may not fit has them calculated when it is opened."""
    assert openpyxl.load_workbook(written({}, stale=True)).calculation.fullCalcOnLoad


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 1_048_575), st.integers(0, 16_383)),
        st.one_of(
            st.text(max_size=8),
            st.integers(-(2**53), 2**53),
            st.floats(allow_nan=False, allow_infinity=False),
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_again(values: dict[tuple[int, int], Value]) -> None:
    """Whatever values a document holds, its plain workbook holds the same."""
    values = {place: _encodable(value) for place, value in values.items()}
    document = read(written({place: Cell(value) for place, value in values.items()}), Limits())
    found = {
        (index, column): cell.value
        for index, row in document.sheets[0].rows()
        for column, cell in row.cells()
    }
    assert found == values


def _encodable(value: Value) -> Value:
    """Text without lone surrogates, which no file can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
