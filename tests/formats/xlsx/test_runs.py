"""Rows that a pattern reads are the rows that are read cell by cell."""

from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.formats.guard import UnreadableFile
from app.formats.xlsx import runs
from app.formats.xlsx.cells import CellWriter
from app.formats.xlsx.frame import Dialect, Frame
from app.formats.xlsx.render import untouched_rows
from app.formats.xlsx.rows import RowReader
from app.formats.xlsx.strings import Strings
from app.sheet.cell import RichText, Value
from app.sheet.row import Row

DISTINCT = Strings(["one", "two ", RichText("rich", "<r><t>rich</t></r>")])
REPEATED = Strings(["one", "two ", "one"])
CELLS = st.sampled_from(
    [
        '<c r="{at}"><v>{text}</v></c>',
        '<c r="{at}" s="2"><v>{text}</v></c>',
        '<c r="{at}" t="s"><v>{text}</v></c>',
        '<c r="{at}" s="1" t="b"><v>{text}</v></c>',
        '<c r="{at}" t="e"><v>{text}</v></c>',
        '<c r="{at}" t="str"><v>{text}</v></c>',
        '<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>',
        '<c r="{at}" s="3"/>',
        '<c r="{at}"/>',
        '<c r="{at}" cm="1"><v>{text}</v></c>',
        '<c r="{at}"><f>A{row}+$B$1</f><v>{text}</v></c>',
        '<c r="{at}" t="str"><f>"{text}"&amp;A{row}</f><v>{text}</v></c>',
        '<c r="{at}"><f>A1 &gt; 2</f><v>{text}</v></c>',
        '<c r="{at}"><f t="shared" si="0"/><v>{text}</v></c>',
        '<c r="{at}" t="e"><f t="shared" si="1"/><v>{text}</v></c>',
        '<c r="{at}" t="b"><f t="shared" ref="{at}:{at}" si="1">A{row}*2</f><v>{text}</v></c>',
        '<c r="{at}"><f t="array" ref="{at}:{at}">A{row}*2</f><v>{text}</v></c>',
        '<c r="{at}"><f>A{row}</f></c>',
    ]
)
TEXTS = st.sampled_from(
    "0 1 2 7 -5 12 1.5 1.50 -0 -0.0 0.1 5.0 1E-5 1e-05 1.0000000000000001 99999999999999999 007 x #N/A "
    "a&amp;b a&#98; _x0041_ &gt; > é \n 1\n2".split(" ")
)
ATTRIBUTES = st.sampled_from(["", ' spans="1:9"', ' spans="1:1"', ' ht="15" customHeight="1"', " a='<'"])


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """Rows of a few shapes, one below the other, now and then with a gap."""
    shapes = draw(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=3))
    source, row = "", 0
    for shape in draw(st.lists(st.sampled_from(shapes), min_size=2, max_size=12)):
        row += draw(st.sampled_from([1, 1, 1, 8]))
        found = "".join(
            cell.format(at=f"{'ABCD'[column]}{row}", row=row, text=draw(TEXTS))
            for column, cell in enumerate(shape)
        )
        source += f'<row r="{row}"{draw(ATTRIBUTES)}>{found}</row>'
    return source


def read(source: str, strings: Strings, enough: int) -> Sequence[object]:
    """What rows hold to the last detail, or why not, with patterns of shapes that were seen so often."""
    with patch.object(runs, "_ENOUGH", enough):
        try:
            rows = list(RowReader(Dialect(), "", strings).rows([source.encode()]))
        except UnreadableFile as error:
            return [str(error)]
    written = b"".join(untouched_rows(rows, Frame(), CellWriter(Dialect(), strings))).decode()
    assert written == source
    return [exact(row) for row in rows]


def exact(found: tuple[int, Row]) -> object:
    index, row = found
    computed = {column: value_of(value) for column, value in row.computed.items()}
    return index, [*map(value_of, row.values)], computed, row.formulas, row


def value_of(value: Value) -> tuple[object, ...]:
    return type(value), repr(value), getattr(value, "text", None)


@given(sheets(), st.sampled_from([DISTINCT, REPEATED]))
@example('<row r="1"><c r="A1"><v>1</v></c></row>' * 2, DISTINCT)
@example(
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048577"><c r="A1048577"><v>1</v></c></row>', DISTINCT
)
def test_rows_read_by_patterns_are_those_read_one_by_one(source: str, strings: Strings) -> None:
    """Whatever rows hold, a pattern from the first row of a shape on changes nothing."""
    assert read(source, strings, 1) == read(source, strings, 0)


def test_rows_of_a_table_are_read_by_patterns() -> None:
    """Rows of shapes that are known are not taken apart cell by cell, also where two shapes alternate."""
    one = '<row r="{0}"><c r="A{0}"><v>{0}</v></c><c r="B{0}"><f>A{0}*2</f><v>4</v></c></row>'
    other = '<row r="{0}" spans="1:1"><c r="A{0}" t="s"><v>0</v></c></row>'
    source = "".join((one, other)[row % 2].format(row) for row in range(1, 1_001))
    reader = RowReader(Dialect(), "", DISTINCT)
    with patch.object(reader, "_read", wraps=reader._read) as slowly:
        rows = list(reader.rows([source.encode()]))
    assert len(rows) == 1_000
    assert slowly.call_count < 100


@pytest.mark.parametrize("odd", ["x", "1e5"])
def test_an_odd_text_in_a_long_run_is_carried(odd: str) -> None:
    """One text that is no number as we write it makes its row one that is kept as its file has it."""
    texts = [odd if row == 300 else str(row) for row in range(1, 601)]
    source = "".join(f'<row r="{n}"><c r="A{n}"><v>{text}</v></c></row>' for n, text in enumerate(texts, 1))
    assert read(source, DISTINCT, 8) == read(source, DISTINCT, 0)
