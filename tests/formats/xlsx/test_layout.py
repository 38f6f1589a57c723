"""The layout of a worksheet comes out of its frame in pixels and A1 notation."""

import warnings
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string

from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx.colors import OFFICE_THEME, Palette
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.layout import Layout, Link, column_pixels, layout, row_layout, tab_color
from app.formats.xlsx.reader import read
from app.sheet.address import Range
from tests import corpus
from tests.formats.xlsx.packages import DOC, PACKAGE, document, worksheet

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
SMALL = [path for path in corpus.files(".xlsx", ".xlsm") if path.stat().st_size < 200_000]
FILES = corpus.sample(SMALL, 8, "ExcelTables.xlsx")
"""openpyxl takes seconds for each of the larger ones."""


def layout_of(
    before: str = "", after: str = "", rows: str = '<row r="1"><c r="A1"><v>1</v></c></row>'
) -> Layout:
    return layout(document(worksheet(rows, before=before, after=after)).sheets[0].frame)


def columns(source: str) -> list[tuple[int, int, int, bool]]:
    """(first, last, pixels, hidden) of each run of a cols element's content."""
    widths = layout_of(f"<cols>{source}</cols>").widths
    return [(run.first, run.last, run.width, run.hidden) for run in widths]


def frozen(view: str, pane: str) -> tuple[int, int]:
    """(rows, columns) that are frozen, of the attributes of a sheet's view and pane."""
    found = layout_of(
        f'<sheetViews><sheetView {view} workbookViewId="0"><pane {pane}/></sheetView></sheetViews>'
    )
    return found.frozen_rows, found.frozen_columns


def test_a_sheet_that_says_nothing():
    """Without a word a sheet has Excel's default sizes, grid lines and nothing else."""
    assert layout_of() == Layout()


def test_a_sheet_that_is_no_worksheet():
    """A chart sheet has no frame, and the default layout."""
    assert layout(b"") == Layout()


@pytest.mark.parametrize("rows", ["", "<row r='1'/>"])
def test_a_sheet_without_cells(rows):
    """Head and tail make one document, whether or not rows stood between them."""
    assert layout_of("<cols><col min='2' max='2' width='10'/></cols>", rows=rows).widths[0].width == 75 - 5


@pytest.mark.parametrize(
    ("width", "pixels"),
    [(0, 0), (1, 7), (8.43, 59), (8.7109375, 61), (9.140625, 64), (10.7109375, 75), (255, 1785)],
)
def test_widths_in_pixels(width, pixels):
    """A width counts digits of 7 pixels, padding included."""
    assert column_pixels(width) == pixels


def test_columns():
    """Runs of columns come with their pixels; hidden ones keep the width they will have again."""
    source = '<col min="1" max="1" width="20.7109375"/><col min="3" max="5" width="9.140625" hidden="1"/>'
    assert columns(source) == [(0, 0, 145, False), (2, 4, 64, True)]


def test_columns_come_in_order_and_apart():
    """Whatever order a file has, and where runs overlap the earlier counts; none ends past the sheet."""
    source = (
        '<col min="8" max="99999" width="1"/><col min="2" max="4" width="2"/><col min="3" max="5" width="3"/>'
        '<col min="20000" max="20001" width="4"/><col min="7" max="6" width="5"/><col min="x" max="6"/>'
    )
    assert columns(source) == [(1, 3, 14, False), (4, 4, 21, False), (7, 16383, 7, False)]


@pytest.mark.parametrize(
    ("said", "width"),
    [
        ('defaultColWidth="12.7109375"', 89),
        ('baseColWidth="10"', 80),
        ('baseColWidth="8"', 64),
        ('defaultColWidth="wide"', 64),
        ('defaultColWidth="-3"', 64),
    ],
)
def test_the_default_width(said, width):
    """The sheet's default width, or that of so many digits, rounded up to eight pixels."""
    assert layout_of(f'<sheetFormatPr {said} defaultRowHeight="15"/>').default_width == width


@pytest.mark.parametrize(
    ("points", "pixels"), [("15", 20), ("12.75", 17), ("14.4", 19), ("NaN", 20), ("", 20)]
)
def test_the_default_height(points, pixels):
    """Heights are in points of 4/3 pixels."""
    assert layout_of(f'<sheetFormatPr defaultRowHeight="{points}"/>').default_height == pixels


def test_rows_that_hide_unless_listed():
    """A sheet may hide all rows that it does not list."""
    assert layout_of('<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>').rows_hidden


def test_merges():
    """Merged ranges in plain A1 notation; single cells and what is no range are none."""
    refs = ("A1:B2", "$C$4:$C$3", "D1", "E1:E1", "nowhere", "A1:XFE9")
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in refs)
    assert layout_of(after=f"<mergeCells>{merged}</mergeCells>").merges == ["A1:B2", "C3:C4"]


@pytest.mark.parametrize(
    ("view", "pane", "expected"),
    [
        ("", 'ySplit="1" topLeftCell="A2" state="frozen"', (1, 0)),
        ("", 'xSplit="2" ySplit="3" topLeftCell="J50" state="frozenSplit"', (3, 2)),
        ("", 'xSplit="2000" ySplit="900" state="split"', (0, 0)),
        ("", 'ySplit="1"', (0, 0)),
        ('topLeftCell="B4"', 'ySplit="2" state="frozen"', (5, 0)),
        ('topLeftCell="B4"', 'xSplit="1" ySplit="2" state="frozen"', (5, 2)),
        ('topLeftCell="?"', 'ySplit="2" state="frozen"', (2, 0)),
        ("", 'ySplit="-2" xSplit="many" state="frozen"', (0, 0)),
    ],
)
def test_frozen_panes(view, pane, expected):
    """Frozen rows and columns count from the first, also where the view was scrolled before it was frozen."""
    assert frozen(view, pane) == expected


def test_the_view():
    """Whether grid lines are drawn, and which way columns run."""
    views = '<sheetViews><sheetView showGridLines="0" rightToLeft="1" workbookViewId="0"/></sheetViews>'
    found = layout_of(views)
    assert (found.gridlines, found.right_to_left) == (False, True)


def test_links():
    """A link has an address, with what follows its # sign, or a place in the workbook; others are none."""
    refs = """<hyperlink ref="A1" r:id="r1" tooltip="tip"/><hyperlink ref="B2:C3" location="One!A1"/>
        <hyperlink ref="D4" r:id="r1" location="part"/><hyperlink ref="?" r:id="r1"/><hyperlink ref="E5"/>
        <hyperlink ref="F6" r:id="r2"/>"""
    links = "".join(
        f'<Relationship Id="{rid}" Type="{DOC}/hyperlink" Target="{target}" TargetMode="External"/>'
        for rid, target in {"r1": "https://example.org/?a=1&amp;b", "r2": "x" * 5_000}.items()
    )
    rels = f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
    source = worksheet("", after=f"<hyperlinks>{refs}</hyperlinks>")
    found = layout(document(source, {"xl/worksheets/_rels/sheet1.xml.rels": rels}).sheets[0].frame).links
    assert found == [
        Link(Range(0, 0, 0, 0), "https://example.org/?a=1&b", tip="tip"),
        Link(Range(1, 1, 2, 2), location="One!A1"),
        Link(Range(3, 3, 3, 3), "https://example.org/?a=1&b#part"),
    ]


@pytest.mark.parametrize(
    ("said", "color"),
    [
        ('<sheetPr><tabColor rgb="FF00AA00"/></sheetPr>', "#00aa00"),
        ('<sheetPr><tabColor theme="4"/></sheetPr>', "#123456"),
        ('<sheetPr><tabColor indexed="10"/></sheetPr>', "#ff0000"),
        ('<sheetPr><tabColor rgb="red"/></sheetPr>', None),
        ("<sheetPr/>", None),
        ("", None),
    ],
)
def test_the_color_of_a_tab(said, color):
    """A tab has a colour of its own or of the workbook's theme, or none."""
    frame = document(worksheet("", before=said)).sheets[0].frame
    assert tab_color(frame, Palette([*OFFICE_THEME[:4], "#123456"])) == color
    assert tab_color(b"", Palette()) is None


def test_prefixed_and_strict_parts():
    """Elements count by their local names, in either namespace."""
    sheet = (
        f'<x:worksheet xmlns:x="{STRICT}"><x:cols><x:col min="1" max="1" width="20"/></x:cols>'
        '<x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData>'
        '<x:mergeCells><x:mergeCell ref="A1:B1"/></x:mergeCells></x:worksheet>'
    )
    found = layout(document(sheet).sheets[0].frame)
    assert ([run.width for run in found.widths], found.merges) == ([140], ["A1:B1"])


def test_a_damaged_frame_is_refused():
    """A frame whose source is no XML raises UnreadableFile."""
    with pytest.raises(UnreadableFile):
        layout(Frame(head=b"<worksheet><sheetData>", tail=b"</sheetData>").encode())


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("", (None, False)),
        (' spans="1:3"', (None, False)),
        (' ht="15.75" customHeight="1"', (21, False)),
        (' spans="1:3" hidden="1" ht="30"', (40, True)),
        (' hidden="0"', (None, False)),
        (' ht="0"', (0, True)),
        (' ht="tall"', (None, False)),
        (' x14ac:ht="30" customht="9"', (None, False)),
    ],
)
def test_rows(attributes, expected):
    """A row's height in pixels where it has one of its own, and whether it is hidden."""
    assert row_layout(attributes) == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_layouts_of_real_files(path: Path):
    """Widths, merges, frozen panes and row heights agree with openpyxl's reading."""
    with warnings.catch_warnings(action="ignore"), path.open("rb") as file:
        try:
            theirs = openpyxl.load_workbook(path, rich_text=True)
            ours = read(file, Limits())
        except Exception as error:
            pytest.skip(f"it cannot be read by both: {error}")
        for sheet in ours.sheets:
            if sheet.kind == "worksheet" and sheet.name in theirs.sheetnames:
                _agrees(layout(sheet.frame), theirs[sheet.name])
                heights = {index: row_layout(row.attributes) for index, row in sheet.rows()}
                _heights_agree(heights, theirs[sheet.name])


def _agrees(ours: Layout, theirs: openpyxl.worksheet.worksheet.Worksheet) -> None:
    _links_agree(ours, theirs)
    assert (ours.gridlines, ours.right_to_left) == (
        theirs.sheet_view.showGridLines is not False,
        bool(theirs.sheet_view.rightToLeft),
    )
    assert set(ours.merges) == {str(area) for area in theirs.merged_cells.ranges if area.size != (1, 1)}
    pane, view = theirs.sheet_view.pane, theirs.sheet_view
    if pane is None or pane.state not in ("frozen", "frozenSplit"):
        assert (ours.frozen_rows, ours.frozen_columns) == (0, 0)
    elif view.topLeftCell in (None, "A1"):
        assert (ours.frozen_rows, ours.frozen_columns) == (int(pane.ySplit or 0), int(pane.xSplit or 0))
    runs = {run.first: run for run in ours.widths}
    for letters, column in theirs.column_dimensions.items():
        run = runs.get(column_index_from_string(letters) - 1)
        if run is not None and column.min == run.first + 1 and column.customWidth:
            assert (run.width, run.hidden) == (column_pixels(column.width), column.hidden)
            assert run.last == min(column.max, 16_384) - 1


def _links_agree(ours: Layout, theirs: openpyxl.worksheet.worksheet.Worksheet) -> None:
    # openpyxl keeps one link a cell, and of one on a range that on its first cell.
    links = {(link.area.top + 1, link.area.left + 1): link for link in ours.links}
    expected = {
        (cell.row, cell.column): cell.hyperlink
        for row in theirs.iter_rows()
        for cell in row
        if cell.hyperlink and (cell.hyperlink.target or cell.hyperlink.location)
    }
    for at, link in expected.items():
        if theirs.cell(*at).coordinate == link.ref.partition(":")[0]:
            assert links[at].target.partition("#")[0] == (link.target or "").partition("#")[0]
            assert links[at].tip == (link.tooltip or "")
            assert links[at].target or links[at].location == link.location
    assert {at for at in links if at in expected} == set(links)


def _heights_agree(
    ours: dict[int, tuple[int | None, bool]], theirs: openpyxl.worksheet.worksheet.Worksheet
) -> None:
    for number, row in theirs.row_dimensions.items():
        height, hidden = ours.get(number - 1, (None, False))
        assert height == (None if row.ht is None else round(row.ht * 96 / 72))
        assert hidden == (row.hidden or row.ht == 0)
