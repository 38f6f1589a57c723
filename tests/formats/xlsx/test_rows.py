"""Rows come out of a worksheet's source as cells, and go back as they were."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.formats.guard import UnreadableFile
from app.formats.xlsx.cells import CellWriter
from app.formats.xlsx.frame import Dialect, Frame
from app.formats.xlsx.render import untouched_rows
from app.formats.xlsx.rows import RowReader
from app.formats.xlsx.strings import Strings
from app.formats.xlsx.survey import dialect_of
from app.sheet.cell import Cell, ErrorValue, LexicalNumber, RichText, Value
from app.sheet.row import Row
from tests.formats.xlsx.packages import cells, strings, worksheet

TABLE = Strings(["one", "two ", "one", RichText("rich", "<r><t>rich</t></r>")])


def read(source: str, dialect: Dialect | None = None, gap: str = "") -> list[tuple[int, Row]]:
    return list(RowReader(dialect or Dialect(), gap, TABLE).rows([source.encode()]))


def back(source: str, dialect: Dialect | None = None, gap: str = "") -> str:
    dialect = dialect or Dialect()
    rows = read(source, dialect, gap)
    return b"".join(
        untouched_rows(rows, Frame(dialect=dialect, gap=gap), CellWriter(dialect, TABLE))
    ).decode()


def only(source: str) -> Cell:
    """The cell of a row that holds just one."""
    ((_, row),) = read(f'<row r="1">{source}</row>')
    ((_, cell),) = row.cells()
    return cell


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('<c r="A1"><v>12</v></c>', 12),
        ('<c r="A1"><v>0.1</v></c>', 0.1),
        ('<c r="A1"><v>1E-5</v></c>', 1e-05),
        ('<c r="A1"><v>1.0000000000000001E+20</v></c>', LexicalNumber("1.0000000000000001E+20")),
        ('<c r="A1"><v>1.50</v></c>', 1.5),
        ('<c r="A1" t="s"><v>0</v></c>', "one"),
        ('<c r="A1" t="s"><v>2</v></c>', "one"),
        ('<c r="A1" t="s"><v>3</v></c>', RichText("rich", "<r><t>rich</t></r>")),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="e"><v>#DIV/0!</v></c>', ErrorValue("#DIV/0!")),
        ('<c r="A1" t="str"><v>a &amp; b</v></c>', "a & b"),
        ('<c r="A1" t="inlineStr"><is><t>a_x000D_b</t></is></c>', "a\rb"),
        (
            '<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
            RichText("ab", "<r><t>a</t></r><r><t>b</t></r>"),
        ),
        ('<c r="A1" t="d"><v>2024-02-29</v></c>', "2024-02-29"),
        ('<c r="A1" t="str"><v><![CDATA[<x>]]></v></c>', "<x>"),
        ("<c t='s' r='A1'><v>0</v></c>", "one"),
    ],
)
def test_each_type_of_cell_has_its_value(source: str, value: Value) -> None:
    """A cell's value is what its type says of its source."""
    cell = only(source)
    assert (type(cell.value), cell.value) == (type(value) if value != 1.5 else LexicalNumber, value)


def test_a_formula_is_relative_and_its_value_computed() -> None:
    """A formula's references are relative to its cell, its value is a computed one."""
    assert only('<c r="A1"><f>B2&amp;"x"</f><v>3</v></c>') == Cell(None, '\x01R[1]C[1]&"x"', 3)


def test_a_formula_that_gives_empty_text_differs_from_one_without_a_value() -> None:
    """An empty text that was computed is a value."""
    with_text = only('<c r="A1" t="str"><f>""</f><v></v></c>')
    assert (with_text.computed, only('<c r="A1"><f>""</f></c>').computed) == ("", None)


def test_children_of_a_shared_formula_have_their_masters() -> None:
    """A cell that points to a shared formula holds it."""
    found = read(
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1+1</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>3</v></c></row>'
    )
    assert found[1][1].formulas == found[0][1].formulas


def test_rows_do_not_depend_on_where_they_stand() -> None:
    """The same row one further down is the same row, also where its source is kept."""
    source = '<row r="{0}"><c r="A{0}"><v>1</v></c> <c r="C{0}" cm="1"><v>2</v></c></row>'
    (_, first), (_, second) = read(source.format(5) + source.format(6))
    assert first == second


def test_a_row_as_we_write_it_keeps_no_source() -> None:
    """Rows in the common form cost nothing beside their cells."""
    ((_, row),) = read(
        '<row r="7" spans="1:3" ht="20"><c r="A7" s="1"/><c r="B7" s="2" t="s"><v>1</v></c>'
        '<c r="C7"><v>2</v></c></row>'
    )
    assert row == Row((0, 1, 2), (None, "two ", 2), (1, 2, 0), attributes=' spans="1:3" ht="20"')


def test_cells_without_references_stand_side_by_side() -> None:
    """A cell that does not say where it stands follows the one before; so does a row."""
    found = cells(
        worksheet('<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>')
    )
    assert {place: cell.value for place, cell in found.items()} == {
        (0, 0): 1,
        (0, 3): 2,
        (0, 4): 3,
        (1, 0): 4,
    }


@pytest.mark.parametrize("reference", ["XFE1", "A0", "1A"])
def test_cells_outside_a_sheet_are_refused(reference: str) -> None:
    """A damaged reference is an error, not a cell somewhere."""
    with pytest.raises(UnreadableFile):
        read(f'<row r="1"><c r="{reference}"><v>1</v></c> </row>')


def test_a_broken_row_is_refused() -> None:
    """A row that is no XML is an error."""
    with pytest.raises(UnreadableFile) as caught:
        read('<row r="1"><c r="A1"><v>1</c></row>')
    assert caught.value.reason == "broken"


def test_shared_strings_come_from_the_strings_part() -> None:
    """An index stands for the text of the strings part, rich or plain."""
    found = cells(
        worksheet('<row r="1"><c r="A1" t="s"><v>1</v></c></row>'),
        {"xl/sharedStrings.xml": strings("<t>a</t>", '<t xml:space="preserve"> b</t>')},
    )
    assert found[0, 0].value == " b"


_space = st.sampled_from(["", "", "", " ", "\n  "])
_text = st.text(
    st.characters(codec="utf-8", exclude_characters="<>&\r", exclude_categories=["Cc", "Cs", "Cn"]),
    max_size=6,
)
_number = st.one_of(
    st.integers(-(10**17), 10**17).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        ["1.50", "007", "-0", "1E5", "1.5E-10", "+3", ".5", "5.", "abc", "", " 12 ", "1_0", "NaN", "1e999"]
    ),
)
_content = st.one_of(
    st.builds("<v>{}</v>".format, _number),
    st.builds(
        "<f>{}</f><v>{}</v>".format,
        st.sampled_from(["A1", "$B$2+C3", "SUM(A:A)", "RC", "&quot;a&quot;"]),
        _number,
    ),
    st.builds('<f t="shared" si="{}"/><v>1</v>'.format, st.integers(0, 1)),
    st.builds('<f t="shared" ref="A1:B2" si="{}">A1+{}</f>'.format, st.integers(0, 1), st.integers(0, 9)),
    st.builds('<f t="array" ref="A1:B2">{}</f><v>1</v>'.format, _text),
    st.builds("<is><t>{}</t></is>".format, _text),
    st.builds('<is><t xml:space="preserve">{}</t></is>'.format, _text),
    st.sampled_from(
        [
            "",
            "<v/>",
            "<v></v>",
            "<v> </v>",
            "<f/>",
            "<!-- c -->",
            "<extLst><ext/></extLst>",
            "<v><![CDATA[1]]></v>",
        ]
    ),
)
_attributes = st.lists(
    st.sampled_from(
        [
            ' s="1"',
            ' s="0"',
            ' t="s"',
            ' t="n"',
            ' t="str"',
            ' t="b"',
            ' t="e"',
            ' t="inlineStr"',
            ' cm="1"',
            " ",
        ]
    ),
    unique_by=lambda said: said[:3],
    max_size=4,
).map("".join)


@st.composite
def _rows(draw: st.DrawFn) -> str:
    source = ""
    for number in sorted(draw(st.sets(st.integers(1, 1_048_576), max_size=4))):
        source += f'<row r="{number}"' + draw(st.sampled_from(["", ' spans="1:3"', ' ht="3.5"', " "]))
        if draw(st.booleans()) and draw(st.booleans()):
            source += "/>" + draw(_space)
            continue
        source += ">" + draw(_space)
        for column in sorted(draw(st.sets(st.sampled_from("ABCDEF"), max_size=4))):
            named = draw(st.sampled_from([f' r="{column}{number}"'] * 4 + [""]))
            tag = "<c" + named + draw(_attributes)
            content = draw(_content)
            source += (
                f"{tag}>{content}</c>" if content else tag + draw(st.sampled_from(["/>", " />", "></c>"]))
            )
            source += draw(_space)
        source += "</row>" + draw(_space)
    return source


@given(_rows())
@example('<row r="1"><c r="A1"/><c r="B1" s="1"/></row>')
@example('<row r="1"></row>')
def test_every_source_of_rows_comes_back(source: str) -> None:
    """Whatever well-formed rows a file holds, written again untouched they are the same letters."""
    assert back(source, dialect_of(source.encode(), "")) == source


@given(_rows())
def test_a_prefix_changes_nothing(source: str) -> None:
    """Rows whose elements have a prefix come back as well as rows without."""
    prefixed = source
    for name in ("row", "c", "v", "f", "is", "t"):
        prefixed = prefixed.replace(f"<{name}>", f"<x:{name}>").replace(f"<{name} ", f"<x:{name} ")
        prefixed = prefixed.replace(f"</{name}>", f"</x:{name}>").replace(f"<{name}/", f"<x:{name}/")
    assert back(prefixed, dialect_of(prefixed.encode(), "x:")) == prefixed


@given(_rows())
def test_what_follows_rows_comes_back(source: str) -> None:
    """White space that most rows end with is kept once for all of them."""
    source = source.replace("</row>", "</row>\n")
    assert back(source, gap="\n") == source


def test_formulas_without_styles_need_no_source() -> None:
    """A row of numbers and formulas is known by its cells alone; a blank that says nothing is no cell."""
    row = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>A1</f><v>1</v></c>{}</row>'
    assert read(row.format(""))[0][1].raw is None
    assert read(row.format('<c r="C1"/>'))[0][1].raw is not None
