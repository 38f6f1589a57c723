"""New styles are put behind those there are; the rest of the part stays byte for byte."""

import re

import pytest

from app.formats.xlsx.style_book import StyleBook
from app.formats.xlsx.style_content import style_contents
from app.formats.xlsx.styles import read_styles
from app.sheet.style_change import Border, StyleChange
from tests import corpus
from tests.formats.xlsx.packages import MAIN

PART = (
    f'<?xml version="1.0"?><styleSheet xmlns="{MAIN}">\n'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/><scheme val="minor"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/><scheme val="minor"/></font></fonts>\n'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1">'
    '<extLst><ext uri="u"/></extLst></xf>'
    "</cellXfs><dxfs count=\"0\"/>\n<extLst><ext uri='{x}'/></extLst></styleSheet>"
).encode()
COUNT = re.compile(rb' count="[0-9]+"')
CHANGES = {
    "format": (StyleChange(format="0.0##"), {"code": "0.0##"}),
    "built-in format": (StyleChange(format="0.00%"), {"code": "0.00%"}),
    "bold": (StyleChange(bold=True), {"bold": True}),
    "italic": (StyleChange(italic=True), {"italic": True}),
    "underline": (StyleChange(underline=True), {"underline": "single"}),
    "double underline": (StyleChange(underline="double"), {"underline": "double"}),
    "strike": (StyleChange(strike=True), {"strike": True}),
    "font": (StyleChange(font="Fira <Sans>", size=7.5), {"font": "Fira <Sans>", "size": 7.5}),
    "colour": (StyleChange(color="#12aB9f"), {"color": "#12ab9f"}),
    "fill": (StyleChange(fill="#ffff00"), {"fill": "#ffff00"}),
    "borders": (
        StyleChange(borders={"top": Border("thin"), "left": Border("double", "#0000ff")}),
        {"borders": {"top": ("thin", None), "left": ("double", "#0000ff")}},
    ),
    "alignment": (
        StyleChange(align="center", valign="top", wrap=True, indent=2, rotation=-45),
        {"align": "center", "valign": "top", "wrap": True, "indent": 2, "rotation": -45},
    ),
}


def told(style):
    return {name: getattr(style, name) for name in style.__struct_fields__}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_makes_a_style_that_has_it_and_all_else(name):
    """The new style is the old one but for the change; every byte of the part is still there, in order."""
    change, expected = CHANGES[name]
    for style in (0, 1):
        book = StyleBook(PART)
        made = book.changed(style, change)
        part = book.part()
        found = read_styles(part)
        assert told(found[made]) == told(found[style]) | expected
        assert style_contents(part)[:2] == style_contents(PART)
        kept = re.split(rb"(?=</(?:fonts|fills|borders|cellXfs)>)|(?=<fonts)", COUNT.sub(b"", PART))
        assert re.fullmatch(rb".*".join(map(re.escape, kept)), COUNT.sub(b"", part), re.DOTALL)


def test_a_style_that_is_there_is_used():
    """Bold of the plain one is the bold one, and back; the part stays the very same."""
    book = StyleBook(PART.replace(b'<extLst><ext uri="u"/></extLst>', b""))
    assert (book.changed(0, StyleChange(bold=True)), book.changed(1, StyleChange(bold=False))) == (1, 0)
    assert book.part() == PART.replace(b'<extLst><ext uri="u"/></extLst>', b"")


def test_nothing_is_added_twice():
    """Two ways to the same look end at one style, one font and one fill."""
    book = StyleBook(PART)
    bold, red = StyleChange(italic=True), StyleChange(fill="#ff0000")
    one = book.changed(book.changed(0, bold), red)
    other = book.changed(book.changed(0, red), bold)
    assert one == other == 3
    part = book.part()
    assert (part.count(b"<i/>"), part.count(b"FFFF0000")) == (1, 1)
    counts = (b'<cellXfs count="5">', b'<fonts count="3">', b'<fills count="3">')
    assert all(count in part for count in counts)


def test_taking_a_property_back_is_the_default_again():
    """No line, no fill, the automatic colour and alignment by value make the first style again."""
    book = StyleBook(PART)
    made = book.changed(0, StyleChange(fill="#ff0000", color="#ff0000", align="left", underline=True,
                                       borders={"top": Border("thin")}, format="0.0000"))  # fmt: skip
    back = StyleChange(
        fill=None, color=None, align=None, underline=None, borders={"top": None}, format="General"
    )
    assert (made, book.changed(made, back)) == (2, 0)


@pytest.mark.parametrize(
    "part",
    [
        f'<styleSheet xmlns="{MAIN}"/>',
        f'<styleSheet xmlns="{MAIN}"><cellXfs><xf/></cellXfs></styleSheet>',
        f'<x:styleSheet xmlns:x="{MAIN}"><x:cellXfs count="1"><x:xf/></x:cellXfs><x:dxfs/></x:styleSheet>',
    ],
)
def test_what_a_part_has_no_list_of_is_made(part):
    """Lists come in the order of the schema, with what cells without a style stand on as their first."""
    book = StyleBook(part.encode())
    change = StyleChange(format="0.000", bold=True, fill="#00ff00", borders={"left": Border("thin")})
    made = book.changed(0, change)
    found = read_styles(book.part())
    assert (made, found[0].fill) == (1, None)
    assert (found[1].code, found[1].bold, found[1].fill, list(found[1].borders)) == (
        "0.000",
        True,
        "#00ff00",
        ["left"],
    )


def test_styles_of_real_files_take_a_new_one():
    """In every kind of part that programs write, the new style is what was asked for and no other changes."""
    change = StyleChange(bold=True, fill="#ff0011", format='0.0000"x"', rotation=-30)
    for path in corpus.sample(
        corpus.files(".xlsx", ".xlsm"), 9, "style-alternate-content.xlsx", "47889.xlsx"
    ):
        part = corpus.part(path, "xl/styles.xml")
        if part is None:
            continue
        before = style_contents(part)
        book = StyleBook(part)
        made = book.changed(len(before) // 2, change)
        part = book.part()
        style = read_styles(part)[made]
        assert (style.bold, style.fill, style.code, style.rotation) == (True, "#ff0011", '0.0000"x"', -30), (
            path
        )
        assert list(style_contents(part)[: len(before)]) == list(before), path
