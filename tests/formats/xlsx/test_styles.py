"""Cell styles come out of the styles part as cells show them."""

import warnings
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from openpyxl.styles import Alignment
from openpyxl.styles.numbers import builtin_format_code
from openpyxl.styles.stylesheet import Stylesheet

from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx.container import Archive
from app.formats.xlsx.package import open_package
from app.formats.xlsx.styles import Style, date1904, read_styles
from tests import corpus
from tests.formats.xlsx.packages import MAIN

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
FILES = corpus.sample(corpus.files(".xlsx", ".xlsm"), 6)
AS_SHOWN = {14: "m/d/yyyy", 22: "m/d/yyyy h:mm", 47: "mm:ss.0"}
"""What Excel shows where openpyxl, as the standard, names another code."""


def styles_part(xf: str = "", *, fonts="<font/>", fills="<fill/>", borders="<border/>", more="", xmlns=MAIN):
    """A styles part whose style 1 is `xf`."""
    return (
        f'<styleSheet xmlns="{xmlns}">{more}<fonts>{fonts}</fonts><fills>{fills}</fills>'
        f"<borders>{borders}</borders><cellXfs><xf/>{xf}</cellXfs></styleSheet>"
    ).encode()


def style(xf: str, **more: str) -> Style:
    return read_styles(styles_part(xf, **more))[1]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (0, "General"),
        (2, "0.00"),
        (9, "0%"),
        (11, "0.00E+00"),
        (13, "# ??/??"),
        (14, "m/d/yyyy"),
        (17, "mmm-yy"),
        (22, "m/d/yyyy h:mm"),
        (30, "m/d/yyyy"),
        (32, "h:mm:ss"),
        (38, "#,##0_);[Red](#,##0)"),
        (40, "#,##0.00_);[Red](#,##0.00)"),
        (46, "[h]:mm:ss"),
        (47, "mm:ss.0"),
        (49, "@"),
        (163, "General"),
        (200, "General"),
    ],
)
def test_codes_that_go_without_saying(number, code):
    """A workbook need not list the usual number formats; an id it should have listed is General."""
    assert style(f'<xf numFmtId="{number}"/>').code == code


def test_codes_of_its_own():
    """The workbook's own codes count, for usual ids too."""
    more = (
        '<numFmts><numFmt numFmtId="164" formatCode="0.0&quot; kg&quot;"/>'
        '<numFmt numFmtId="14" formatCode="yyyy"/></numFmts>'
    )
    found = read_styles(styles_part('<xf numFmtId="164"/><xf numFmtId="14"/>', more=more))
    assert [style.code for style in found] == ["General", '0.0" kg"', "yyyy"]


def test_fonts():
    """Weight, slant, lines and colour come through; name and size where they are not the usual ones."""
    fonts = (
        '<font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><i val="1"/><strike val="true"/><u val="double"/><sz val="14.5"/><color rgb="FFFF0000"/>'
        '<name val="Arial"/></font>'
        '<font><b val="0"/><u/><sz val="11"/><name val="Calibri"/></font>'
    )
    found = read_styles(styles_part('<xf fontId="1"/><xf fontId="2"/>', fonts=fonts))
    assert [style.shown() for style in found] == [
        {},
        {
            "bold": True,
            "italic": True,
            "underline": "double",
            "strike": True,
            "size": 14.5,
            "font": "Arial",
            "color": "#ff0000",
        },
        {"underline": "single"},
    ]


def test_the_usual_font_is_that_of_style_0():
    """Where style 0 names another font than the first, that one goes without saying."""
    fonts = '<font><name val="Arial"/></font><font><name val="Verdana"/></font>'
    part = styles_part('<xf fontId="0"/>', fonts=fonts).replace(b"<xf/>", b'<xf fontId="1"/>')
    assert [style.shown() for style in read_styles(part)] == [{}, {"font": "Arial"}]


def test_black_text_is_said_on_a_fill_only():
    """Without a fill a page may show it light on dark; on a fill it is black."""
    fonts = '<font/><font><color theme="1"/></font>'
    fills = '<fill/><fill><patternFill patternType="solid"><fgColor rgb="FF0000FF"/></patternFill></fill>'
    found = read_styles(styles_part('<xf fontId="1"/><xf fontId="1" fillId="1"/>', fonts=fonts, fills=fills))
    assert [style.shown() for style in found] == [{}, {}, {"color": "#000000", "fill": "#0000ff"}]


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        ('<patternFill patternType="none"><fgColor rgb="FFFF0000"/></patternFill>', None),
        ("<patternFill/>", None),
        (
            '<patternFill patternType="solid"><fgColor theme="4"/><bgColor indexed="64"/></patternFill>',
            "#4472c4",
        ),
        ('<patternFill patternType="gray125"/>', "#dfdfdf"),
        (
            '<patternFill patternType="darkGray"><fgColor rgb="FFFF0000"/><bgColor rgb="FF0000FF"/>'
            "</patternFill>",
            "#bf0040",
        ),
        ('<patternFill patternType="lightUp"/>', "#bfbfbf"),
        (
            '<gradientFill><stop position="0"><color rgb="FF00FF00"/></stop>'
            '<stop position="1"><color rgb="FF000000"/></stop></gradientFill>',
            "#00ff00",
        ),
    ],
)
def test_fills(fill, expected):
    """A solid fill is its foreground, a pattern the mix of its colours, a gradient its first one."""
    assert style('<xf fillId="1"/>', fills=f"<fill/><fill>{fill}</fill>").fill == expected


def test_borders():
    """Each side has its line and, where it is not the usual one, its colour."""
    borders = (
        '<border/><border><left style="thin"><color auto="1"/></left><right/>'
        '<top style="double"><color rgb="FF00FF00"/></top><bottom style="none"/>'
        '<diagonal style="thin"/></border>'
    )
    assert style('<xf borderId="1"/>', borders=borders).shown() == {
        "borders": {"left": {"style": "thin"}, "top": {"style": "double", "color": "#00ff00"}}
    }


def test_alignment():
    """How content stands is told where it is not the usual way."""
    said = 'horizontal="center" vertical="top" wrapText="1" indent="2" textRotation="45" shrinkToFit="1"'
    assert style(f"<xf><alignment {said}/></xf>").shown() == {
        "align": "center",
        "valign": "top",
        "wrap": True,
        "indent": 2,
        "rotation": 45,
        "shrink": True,
    }


@pytest.mark.parametrize(("said", "degrees"), [(90, 90), (91, -1), (180, -90), (255, 255)])
def test_rotation_is_counter_clockwise(said, degrees):
    """A file counts clockwise turns from 91; 255 is letters below each other."""
    assert style(f'<xf><alignment textRotation="{said}"/></xf>').rotation == degrees


@pytest.mark.parametrize("apply", ["0", "1"])
def test_what_a_style_names_counts_whatever_it_applies(apply):
    """The apply flags tell the named style's share apart; they change no look."""
    xf = f'<xf numFmtId="9" fontId="1" applyNumberFormat="{apply}" applyFont="{apply}"/>'
    found = style(xf, fonts="<font/><font><b/></font>")
    assert (found.code, found.bold) == ("0%", True)


@pytest.mark.parametrize("prefixed", [False, True])
def test_strict_and_prefixed_parts(prefixed):
    """Elements count by their local names, in either namespace."""
    part = styles_part('<xf fontId="1"/>', fonts="<font/><font><b/></font>", xmlns=STRICT).decode()
    if prefixed:
        part = (
            part.replace("xmlns=", "xmlns:x=").replace("</", "</x:").replace("<", "<x:").replace("<x:/", "</")
        )
    assert read_styles(part.encode())[1].bold


def test_ids_that_lead_nowhere():
    """A style that names a font, fill or border the part does not have is plain."""
    assert style('<xf numFmtId="x" fontId="9" fillId="-1" borderId="99"/>').shown() == {}


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (b"", "broken"),
        (b"<styleSheet>", "broken"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><styleSheet>&b;</styleSheet>', "unsafe-xml"),
    ],
)
def test_damaged_parts_are_refused(part, reason):
    """Bytes that are no XML, or define entities, raise UnreadableFile."""
    with pytest.raises(UnreadableFile) as refused:
        read_styles(part)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("", False),
        ("<workbookPr/>", False),
        ('<workbookPr date1904="1"/>', True),
        ('<workbookPr date1904="false"/>', False),
    ],
)
def test_the_date_system(properties, expected):
    """Dates count from 1904 where the workbook says so."""
    assert date1904(f'<workbook xmlns="{MAIN}">{properties}</workbook>'.encode()) is expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_styles_of_real_files(path: Path):
    """Number formats, fonts, solid fills, borders and alignments agree with openpyxl's reading."""
    source = _styles_of(path)
    with warnings.catch_warnings(action="ignore"):
        try:
            theirs = Stylesheet.from_tree(fromstring(source))
        except (TypeError, ValueError) as error:
            pytest.skip(f"openpyxl cannot read it: {error}")
    found = read_styles(source)
    formats = theirs.cellXfs.xf
    assert len(found) == len(formats)
    normal = theirs.fonts[formats[0].fontId or 0]
    for ours, xf in zip(found, formats, strict=True):
        number = xf.numFmtId or 0
        code = theirs.custom_formats.get(number) or AS_SHOWN.get(number) or builtin_format_code(number)
        assert ours.code == code
        font, align = theirs.fonts[xf.fontId or 0], xf.alignment or Alignment()
        assert (ours.bold, ours.italic, ours.strike) == (bool(font.b), bool(font.i), bool(font.strike))
        assert (ours.size or normal.sz, ours.font or normal.name) == (
            font.sz or normal.sz,
            font.name or normal.name,
        )
        assert (ours.align or "general", ours.wrap) == (align.horizontal or "general", bool(align.wrap_text))
        fill = theirs.fills[xf.fillId or 0]
        if fill.fill_type == "solid" and fill.fgColor.type == "rgb":
            assert ours.fill == "#" + fill.fgColor.rgb[-6:].lower()
        border = theirs.borders[xf.borderId or 0]
        for side in ("top", "right", "bottom", "left"):
            line = getattr(border, side)
            assert ours.borders.get(side, (None, None))[0] == (line.style if line else None)


def _styles_of(path: Path) -> bytes:
    """The styles part of a file; the test is skipped where it has none that can be read."""
    with path.open("rb") as file:
        try:
            archive = Archive(file, Limits())
            return archive.bytes_of(open_package(archive)[3]["styles"])
        except (UnreadableFile, KeyError):
            pytest.skip("it has no styles that can be read")
