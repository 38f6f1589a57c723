"""A style is what it says, not the number it has."""

import pytest

from app.formats.xlsx.style_content import style_contents
from tests.formats.xlsx.packages import MAIN

FONTS = (
    '<fonts><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><u/><sz val="11"/><color rgb="FFAA0000"/><name val="Calibri"/></font></fonts>'
)
FILLS = (
    '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid">'
    '<fgColor theme="4" tint="0.5"/><bgColor indexed="64"/></patternFill></fill></fills>'
)
BORDERS = (
    "<borders><border><left/><right/></border>"
    '<border><left style="thin"><color auto="1"/></left><top style="none"/></border></borders>'
)


def styles(xfs, fonts=FONTS, fills=FILLS, borders=BORDERS, formats=""):
    lists = f"{formats}{fonts}{fills}{borders}<cellXfs>{xfs}</cellXfs>"
    return f'<styleSheet xmlns="{MAIN}">{lists}</styleSheet>'.encode()


def one(xf, **more):
    return style_contents(styles(xf, **more))[0]


SAVED_AGAIN = styles(
    '<xf fontId="0" fillId="0" borderId="0"/>'
    '<xf numFmtId="170" fontId="1" fillId="1" borderId="1"><protection locked="1"/>'
    '<alignment wrapText="true" vertical="bottom"/></xf>',
    fonts=(
        '<fonts count="2"><font><u val="single"/><i val="0"/><b val="true"/><name val="Calibri"/>'
        '<family val="2"/><charset val="0"/><color rgb="00aa0000"/><sz val="11.0"/></font>'
        '<font><name val="Calibri"/><sz val="11"/><color indexed="64"/></font></fonts>'
    ),
    fills=(
        '<fills><fill><patternFill patternType="solid"><fgColor theme="4" tint="0.50"/></patternFill></fill>'
        "<fill/></fills>"
    ),
    borders='<borders><border/><border><start style="thin"/><diagonal/></border></borders>',
    formats='<numFmts><numFmt numFmtId="170" formatCode="0.00"/></numFmts>',
)


def test_a_file_saved_again_with_other_numbers_has_the_same_styles():
    """Numbers of fonts, fills, borders and formats, defaults and ways of writing make no other style."""
    first = style_contents(
        styles(
            '<xf fontId="1" fillId="1" borderId="0"/>'
            '<xf numFmtId="2" fontId="0" borderId="1"><alignment wrapText="1" indent="0"/></xf>'
        )
    )
    again = style_contents(SAVED_AGAIN)
    assert list(first) == list(again)
    assert len({*first, *again}) == 2


@pytest.mark.parametrize(
    "xf",
    [
        '<xf fontId="1"/>',
        '<xf fillId="1"/>',
        '<xf borderId="1"/>',
        '<xf numFmtId="14"/>',
        '<xf numFmtId="30"/>',
        '<xf quotePrefix="1"/>',
        '<xf><alignment horizontal="left"/></xf>',
        '<xf><alignment textRotation="45"/></xf>',
        '<xf><protection locked="0"/></xf>',
    ],
)
def test_what_differs_makes_another_style(xf):
    """Each of a style's parts counts."""
    assert one(xf) != one("<xf/>")


def test_colours_are_what_the_file_means():
    """A theme's colour is not the direct one that it may happen to be, nor is it without its tint."""
    colors = ['theme="1"', 'theme="1" tint="-0.1"', 'rgb="FF000000"', 'indexed="8"', 'auto="1"']
    found = {
        one('<xf fontId="0"/>', fonts=f"<fonts><font><color {color}/></font></fonts>").font
        for color in colors
    }
    assert len(found) == len(colors)


def test_alternatives_are_one_entry():
    """What a program writes for itself and for others alike is one font, the others'."""
    fonts = (
        '<fonts><mc:AlternateContent xmlns:mc="m"><mc:Choice Requires="z"><font><i/></font></mc:Choice>'
        "<mc:Fallback><font><b/></font></mc:Fallback></mc:AlternateContent><font><u/></font></fonts>"
    )
    found = style_contents(styles('<xf fontId="0"/><xf fontId="1"/>', fonts=fonts))
    assert [style.font for style in found] == [(("b",),), (("u", "single"),)]
