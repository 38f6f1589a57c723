"""A document's looks are read once, whatever its format, and never keep it from being read."""

import pytest

from app.formats.look import PLAIN, PLAIN_LAYOUT, Look, look_of, row_look, sheet_look
from app.sheet.address import MAX_ROWS
from app.sheet.document import Document
from tests.formats.xlsx.packages import DOC, MAIN, document, worksheet

STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts><font/><font><b/><color theme="4"/></font></fonts>'
    '<cellXfs><xf/><xf fontId="1" numFmtId="9"/></cellXfs></styleSheet>'
)
THEME = (
    '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements><a:clrScheme>'
    '<a:accent1><a:srgbClr val="123456"/></a:accent1></a:clrScheme></a:themeElements></a:theme>'
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{DOC}"><workbookPr date1904="1"/>'
    '<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def workbook(**parts: str) -> Document:
    """A workbook with the given parts of the folder xl, by their names without ending."""
    return document(worksheet(""), {f"xl/{name.replace('_', '/')}.xml": part for name, part in parts.items()})


def look(made: Document) -> Look:
    return look_of("xlsx", object(), lambda: (made.package, made.parts))


def unread():
    """What stands for bytes that need not be loaded."""
    pytest.fail("it was read again")


@pytest.mark.parametrize("format", ["csv", "blank"])
def test_formats_without_looks_are_plain(format):
    """A format that keeps no looks is not even loaded."""
    assert look_of(format, "key", unread) == PLAIN
    assert sheet_look(format, "key", 3, unread) == PLAIN_LAYOUT
    assert row_look(format, "a,b") == {}


def test_styles_by_number():
    """Codes and styles come by the numbers cells carry, colours through the workbook's theme."""
    found = look(workbook(styles=STYLES, theme_theme1=THEME))
    assert (found.code(1), found.style(1)) == ("0%", {"bold": True, "color": "#123456"})


def test_a_number_without_a_style():
    """A number past the workbook's styles looks plain."""
    found = look(workbook(styles=STYLES))
    assert (found.code(99), found.style(99)) == ("General", {})


def test_the_date_system():
    """A workbook tells from which year its dates count."""
    assert look(workbook(workbook=WORKBOOK)).date1904


@pytest.mark.parametrize(
    "styles", ["", "no XML", "<styleSheet/>", f'<styleSheet xmlns="{MAIN}"><cellXfs/></styleSheet>']
)
def test_a_workbook_whose_styles_are_damaged(styles):
    """Without styles that can be read cells look plain, and dates count as they did."""
    assert look(workbook(styles=styles, workbook=WORKBOOK)) == Look(date1904=True)


def test_a_workbook_without_styles():
    """A workbook need not have a styles part."""
    assert look(workbook()) == PLAIN


def test_a_workbook_whose_theme_is_damaged():
    """A theme that cannot be read leaves Office's colours, and all else of the styles."""
    assert look(workbook(styles=STYLES, theme_theme1="<a:theme>")).style(1) == {
        "bold": True,
        "color": "#4472c4",
    }


def test_looks_are_read_once():
    """What stands under a key is not loaded again."""
    made, key = workbook(styles=STYLES), object()
    first = look_of("xlsx", key, lambda: (made.package, made.parts))
    assert look_of("xlsx", key, unread) is first


def test_a_failed_load_is_not_kept():
    """An error of whoever loads comes through, and the next call tries again."""
    made, key = workbook(styles=STYLES), object()

    def fail():
        raise OSError("the store is away")

    with pytest.raises(OSError, match="away"):
        look_of("xlsx", key, fail)
    assert look_of("xlsx", key, lambda: (made.package, made.parts)).code(1) == "0%"


def test_the_layout_of_a_sheet():
    """A layout is JSON-ready and has the members of the plain one."""
    source = worksheet(
        '<row r="1"/>',
        before='<cols><col min="2" max="3" width="20" hidden="1"/></cols>',
        after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>',
    )
    frame = document(source).sheets[0].frame
    assert sheet_look("xlsx", object(), 1, lambda: frame) == {
        **PLAIN_LAYOUT,
        "widths": [[1, 2, 140, True]],
        "merges": ["A1:B2"],
    }


def test_the_hidden_rest_of_a_sheet():
    """Where a sheet hides the rows it does not list, those after its last one are told."""
    source = worksheet("", before='<sheetFormatPr defaultRowHeight="30" zeroHeight="1"/>')
    frame = document(source).sheets[0].frame
    assert sheet_look("xlsx", object(), 7, lambda: frame)["heights"] == [[7, MAX_ROWS - 1, 40, True]]


def test_layouts_are_read_once():
    """What stands under a key is not loaded again."""
    key, frame = object(), document(worksheet("")).sheets[0].frame
    sheet_look("xlsx", key, 1, lambda: frame)
    assert sheet_look("xlsx", key, 1, unread) == PLAIN_LAYOUT


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("", {}),
        (' spans="1:2"', {}),
        (' ht="30"', {"h": 40}),
        (' hidden="1"', {"hidden": True}),
        (' ht="30" hidden="1"', {"h": 40, "hidden": True}),
    ],
)
def test_rows(attributes, expected):
    """A row tells its height and whether it is hidden, where its file does."""
    assert row_look("xlsx", attributes) == expected
