"""What is written is the file that was read, but for the edits."""

import msgspec
import pytest

from app.sheet.address import parse_cell
from app.sheet.cell import EMPTY, Cell, ErrorValue, Value
from app.sheet.references import relative
from tests.formats.xlsx.packages import (
    DOC,
    MAIN,
    PACKAGE,
    SHEET,
    cells,
    document,
    edited,
    edited_sheet,
    parts,
    strings,
    worksheet,
    written,
)

CHAIN = f'<calcChain xmlns="{MAIN}"><c r="A1" i="1"/><c r="A2"/></calcChain>'
FORMULAS = (
    '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row><row r="2"><c r="A2"><f>2+2</f><v>4</v></c></row>'
)


@pytest.mark.parametrize(
    "sheet",
    [
        worksheet(""),
        worksheet("").replace("<sheetData></sheetData>", "<sheetData/>"),
        worksheet("").replace("<sheetData></sheetData>", ""),
        worksheet("\n  "),
        worksheet('\n <row r="1"><c r="A1"><v>1</v></c></row>\n <row r="3"/>\n'),
        worksheet('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'),
        worksheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>'),
        worksheet('<!-- <row r="1"/> --><row r="1"><c r="A1"><v>1</v></c></row>'),
        worksheet('<row r="1"><c r="A1"><v><![CDATA[1]]></v></c><!-- </row> --></row>'),
        worksheet("", before="<!-- <sheetData> -->"),
        worksheet('<row r="1"/>', before="<!-- made by hand -->"),
        (
            '<?xml version="1.0" encoding="UTF-16"?>' + worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')
        ).encode("utf-16"),
        b"\xef\xbb\xbf" + worksheet('<row r="1"><c r="A1"><v>1</v></c></row>').encode(),
        worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')
        .replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("xmlns=", "xmlns:x="),
    ],
)
def test_every_form_of_a_worksheet_comes_back(sheet: str | bytes) -> None:
    """A worksheet that nobody touched is written byte for byte, in whatever form it came."""
    assert written(document(sheet))[SHEET] == (sheet if isinstance(sheet, bytes) else sheet.encode())


def test_parts_come_back_in_order() -> None:
    """Parts nobody knows are carried, and all stand where they stood."""
    given = parts(worksheet(""), {"zz/unknown.bin": b"\x00\x01", "a.txt": "x", "folder/": ""})
    assert list(written(document(worksheet(""), given)).items()) == [
        (name, content if isinstance(content, bytes) else content.encode()) for name, content in given.items()
    ]


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (1.5, '<c r="A1" s="3"><v>1.5</v></c>'),
        (5.0, '<c r="A1" s="3"><v>5</v></c>'),
        (1e-7, '<c r="A1" s="3"><v>1E-7</v></c>'),
        (True, '<c r="A1" s="3" t="b"><v>1</v></c>'),
        (ErrorValue("#N/A"), '<c r="A1" s="3" t="e"><v>#N/A</v></c>'),
        ("known", '<c r="A1" s="3" t="s"><v>0</v></c>'),
        ("new & <b>", '<c r="A1" s="3" t="inlineStr"><is><t>new &amp; &lt;b&gt;</t></is></c>'),
        (" a\n", '<c r="A1" s="3" t="inlineStr"><is><t xml:space="preserve"> a\n</t></is></c>'),
        ("\x07_x0041_", '<c r="A1" s="3" t="inlineStr"><is><t>_x0007__x005F_x0041_</t></is></c>'),
        (None, '<c r="A1" s="3"/>'),
    ],
)
def test_each_value_has_its_source(value: Value, source: str) -> None:
    """An edited cell is written by its value's type; text by its index in the table, or inline."""
    sheet = worksheet('<row r="1"><c r="A1" s="3" cm="1"><v>9</v></c></row>')
    table = {"xl/sharedStrings.xml": strings("<t>known</t>")}
    found = edited_sheet(sheet, {(0, 0): Cell(value, style=3)}, table)
    assert found == worksheet(f'<row r="1">{source}</row>')
    assert cells(found, table)[0, 0] == Cell(value, style=3)


def test_a_formula_is_written_as_it_reads_at_its_cell() -> None:
    """An entered formula is written with plain references, without a value it does not have."""
    found = edited_sheet(worksheet(""), {(4, 1): Cell(None, relative("A1&$B$2", 4, 1))})
    assert found == worksheet('<row r="5"><c r="B5"><f>A1&amp;$B$2</f></c></row>')


@pytest.mark.parametrize(
    ("rows", "place", "cell", "expected"),
    [
        # Nothing but the cell changes in a row of another form.
        (
            "<row r='1'> <c r='A1'><v>1</v></c> <c r='C1'><v>3</v></c> </row>",
            "A1",
            Cell(9),
            "<row r='1'> <c r=\"A1\"><v>9</v></c> <c r='C1'><v>3</v></c> </row>",
        ),
        (
            "<row r='1'> <c r='A1'><v>1</v></c> <c r='C1'><v>3</v></c> </row>",
            "B1",
            Cell(9),
            "<row r='1'> <c r='A1'><v>1</v></c><c r=\"B1\"><v>9</v></c> <c r='C1'><v>3</v></c> </row>",
        ),
        (
            "<row r='1'> <c r='A1'><v>1</v></c> <c r='C1'><v>3</v></c> </row>",
            "D1",
            Cell(9),
            "<row r='1'> <c r='A1'><v>1</v></c> <c r='C1'><v>3</v></c><c r=\"D1\"><v>9</v></c> </row>",
        ),
        (
            "<row r='1'> <c r='A1'><v>1</v></c> <c r='C1'/> </row>",
            "A1",
            EMPTY,
            "<row r='1'>  <c r='C1'/> </row>",
        ),
        ("<row r='1' />", "B1", Cell(9), "<row r='1'><c r=\"B1\"><v>9</v></c></row>"),
        # Cells that do not say where they stand have to, once one of them changes.
        (
            "<row><c><v>1</v></c><c><v>2</v></c></row>",
            "D1",
            Cell(4),
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="D1"><v>4</v></c></row>',
        ),
        # A row promises where its cells stand.
        (
            '<row r="1" spans="2:3"><c r="B1"><v>1</v></c></row>',
            "E1",
            Cell(9),
            '<row r="1" spans="2:5"><c r="B1"><v>1</v></c><c r="E1"><v>9</v></c></row>',
        ),
        # Rows stand in order.
        (
            '<row r="1"> </row>\n<row r="3"/>\n',
            "A2",
            Cell(9),
            '<row r="1"> </row>\n<row r="2"><c r="A2"><v>9</v></c></row>\n<row r="3"/>\n',
        ),
        # A cell that stands twice is not touched before it is edited.
        (
            '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c><c r="B1"/></row><row r="2"/>',
            "A2",
            Cell(9),
            '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c><c r="B1"/></row>'
            '<row r="2"><c r="A2"><v>9</v></c></row>',
        ),
    ],
)
def test_an_edit_is_a_splice(rows: str, place: str, cell: Cell, expected: str) -> None:
    """Around an edited cell, its row's source stays as it was."""
    assert edited_sheet(worksheet(rows), {parse_cell(place): cell}) == worksheet(expected)


def test_rows_without_numbers_get_them_where_they_would_slip() -> None:
    """A row put in before rows that only follow one another leaves them where they were."""
    rows = '<row><c r="A1"><v>1</v></c></row><row r="3"/><row><c r="A4"><v>4</v></c></row>'
    found = cells(edited_sheet(worksheet(rows), {(1, 0): Cell(2)}))
    assert {place: cell.value for place, cell in found.items()} == {(0, 0): 1, (1, 0): 2, (3, 0): 4}


def test_the_dimension_grows_with_the_cells() -> None:
    """The dimension is changed only where it no longer holds every cell."""
    sheet = worksheet('<row r="2"><c r="B2"><v>1</v></c></row>', before='<dimension ref="B2"/>')
    assert '<dimension ref="B2"/>' in edited_sheet(sheet, {(1, 1): Cell(2)})
    assert '<dimension ref="A2:B3"/>' in edited_sheet(sheet, {(2, 0): Cell(2)})


def test_comments_are_no_rows() -> None:
    """What stands in a comment is no cell, wherever the comment stands."""
    rows = '<!-- <row r="1"><c r="A1"><v>1</v></c></row> --><row r="2"><c r="A2"><v>2</v></c></row>'
    assert cells(worksheet(rows)) == {(1, 0): Cell(2)}


def test_a_comment_before_the_rows_outlives_an_edit() -> None:
    """A comment that hides no row stays where it is."""
    sheet = worksheet('<row r="1"><c r="A1"><v>1</v></c></row>', before="<!-- made by hand -->")
    assert edited_sheet(sheet, {(0, 0): Cell(2)}) == sheet.replace("<v>1<", "<v>2<")


@pytest.mark.parametrize(
    "sheet",
    [
        worksheet("").replace("<sheetData></sheetData>", "<sheetData/>"),
        worksheet("").replace("<sheetData></sheetData>", ""),
    ],
)
def test_a_sheet_without_rows_takes_one(sheet: str) -> None:
    """A cell can be entered where the file has no place for rows yet."""
    assert edited_sheet(sheet, {(0, 0): Cell(1)}) == worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')


def test_a_sheet_in_another_encoding_can_be_edited() -> None:
    """A UTF-16 worksheet is written in UTF-8 once it is edited, saying so."""
    source = '<?xml version="1.0" encoding="UTF-16"?>' + worksheet('<row r="1"><c r="A1"><v>1</v></c></row>')
    found = written(edited(document(source.encode("utf-16")), {(0, 0): Cell("é")}))[SHEET].decode()
    assert found.startswith('<?xml version="1.0" encoding="UTF-8"?><worksheet')
    assert cells(found)[0, 0].value == "é"


def test_formulas_that_went_leave_the_calculation_chain() -> None:
    """An entry of a cell that holds no formula any more goes; one after it keeps its sheet."""
    more = {"xl/calcChain.xml": CHAIN}
    found = written(edited(document(worksheet(FORMULAS), more), {(0, 0): Cell(1)}))
    assert found["xl/calcChain.xml"].decode() == f'<calcChain xmlns="{MAIN}"><c i="1" r="A2"/></calcChain>'


def test_a_calculation_chain_that_cannot_be_read_stays() -> None:
    """Damage in a part that is carried is no obstacle to an edit, and stays where it is."""
    more = {"xl/calcChain.xml": b"\xff" + CHAIN.encode()}
    assert (
        written(edited(document(worksheet(FORMULAS), more), {(0, 0): Cell(1)}))["xl/calcChain.xml"]
        == more["xl/calcChain.xml"]
    )


def test_an_empty_calculation_chain_goes_altogether() -> None:
    """Without entries the part goes, and nothing mentions it."""
    more = {"xl/calcChain.xml": CHAIN}
    found = written(edited(document(worksheet(FORMULAS), more), {(0, 0): Cell(1), (1, 0): EMPTY}))
    assert "xl/calcChain.xml" not in found
    assert b"calcChain" not in found["[Content_Types].xml"] + found["xl/_rels/workbook.xml.rels"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("</sheets>", '</sheets><calcPr calcId="0" fullCalcOnLoad="1"/>'),
        ("</sheets><definedNames/>", '</sheets><definedNames/><calcPr calcId="0" fullCalcOnLoad="1"/>'),
        ('</sheets><calcPr calcId="1"/>', '</sheets><calcPr calcId="1" fullCalcOnLoad="1"/>'),
        ('</sheets><calcPr fullCalcOnLoad="0" />', '</sheets><calcPr fullCalcOnLoad="1" />'),
    ],
)
def test_stale_values_are_computed_on_load(before: str, after: str) -> None:
    """A workbook whose values may not fit tells its reader to recalculate, where the schema has it."""
    book = parts("")["xl/workbook.xml"]
    assert isinstance(book, str)
    book = book.replace("</sheets>", before)
    stale = msgspec.structs.replace(document(worksheet(FORMULAS), {"xl/workbook.xml": book}), stale=True)
    assert written(stale)["xl/workbook.xml"].decode() == book.replace(before, after)


def test_the_next_cell_becomes_master_of_a_shared_formula() -> None:
    """Where a shared formula's master is edited, the next cell holds its text and range."""
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*2</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>2</v></c></row>'
    )
    assert edited_sheet(worksheet(rows), {(0, 0): Cell(7)}) == worksheet(
        '<row r="1"><c r="A1"><v>7</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">B2*2</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>2</v></c></row>'
    )


def test_a_group_sorted_before_its_master_gets_another() -> None:
    """Where rows came out of order, they are sorted by an edit: the group's first cell is its master then."""
    rows = (
        '<row r="3"><c r="A3"><f t="shared" ref="A1:A3" si="0">B3*2</f></c></row>'
        '<row r="1"><c r="A1"><f t="shared" si="0"/></c></row>'
    )
    assert edited_sheet(worksheet(rows), {(4, 0): Cell(7)}) == worksheet(
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A1" si="0">B1*2</f></c></row>'
        '<row r="3"><c r="A3"><f>B3*2</f></c></row><row r="5"><c r="A5"><v>7</v></c></row>'
    )


def test_a_tables_column_is_named_as_its_header() -> None:
    """Editing the cell that heads a table's column renames the column, and no other."""
    table = (
        f'<table xmlns="{MAIN}" id="1" name="T" displayName="T" ref="A1:B2"><tableColumns count="2">'
        '<tableColumn id="1" name="a"/><tableColumn id="2" name="b &amp; c"/></tableColumns></table>'
    )
    more = {
        "xl/tables/table1.xml": table,
        "xl/worksheets/_rels/sheet1.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{DOC}/table" Target="../tables/table1.xml"/></Relationships>'
        ),
    }
    rows = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b &amp; c</v></c></row>'
    found = written(edited(document(worksheet(rows), more), {(0, 0): Cell('new "one"')}))
    assert found["xl/tables/table1.xml"].decode() == table.replace('name="a"', 'name="new &quot;one&quot;"')


def test_only_what_must_change_changes() -> None:
    """An edit changes its sheet; every other part stays byte for byte."""
    given = parts(worksheet(FORMULAS), {"xl/calcChain.xml": CHAIN, "xl/theme.xml": "<t/>"})
    before, after = written(document("", given)), written(edited(document("", given), {(5, 5): Cell("x")}))
    assert {name for name in before if before[name] != after[name]} == {SHEET}
