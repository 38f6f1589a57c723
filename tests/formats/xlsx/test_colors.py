"""Colours come out as #rrggbb, whichever way a workbook names them."""

import pytest
from defusedxml.ElementTree import fromstring

from app.formats.xlsx.colors import OFFICE_THEME, Palette, indexed_colors, mixed, theme_colors, tinted
from tests.formats.xlsx.packages import MAIN

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


@pytest.mark.parametrize(
    ("color", "tint", "expected"),
    [
        ("#4472c4", 0, "#4472c4"),
        ("#ffffff", -0.25, "#bfbfbf"),
        ("#000000", 0.5, "#808080"),
        ("#44546a", 0.7999, "#d6dce5"),
        ("#ed7d31", -1, "#000000"),
        ("#ed7d31", 1, "#ffffff"),
    ],
)
def test_tints_change_lightness_alone(color, tint, expected):
    """A tint takes a colour towards black or white by the given share of its way, its hue kept."""
    assert tinted(color, tint) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('rgb="FFAB12cd"', "#ab12cd"),
        ('rgb="AB12CD"', "#ab12cd"),
        ('theme="0"', "#ffffff"),
        ('theme="1"', "#000000"),
        ('theme="3"', "#44546a"),
        ('theme="4" tint="-0.5"', "#203864"),
        ('indexed="10"', "#ff0000"),
        ('indexed="22"', "#c0c0c0"),
        ('indexed="64"', None),
        ('indexed="65"', "#ffffff"),
        ('auto="1"', None),
        ('rgb="red"', None),
        ('theme="99"', None),
        ('theme="-1"', None),
        ('indexed="ten"', None),
        ('rgb="FF000000" tint="much"', "#000000"),
    ],
)
def test_every_way_to_name_a_colour(attributes, expected):
    """Direct, by theme, by index, automatic; what cannot be told is no colour."""
    assert Palette().resolve(fromstring(f"<color {attributes}/>")) == expected


def test_a_palette_of_its_own():
    """A workbook's indexed colours stand before the usual ones."""
    colors = '<rgbColor rgb="00112233"/><rgbColor rgb="00445566"/>'
    listed = f"<colors><indexedColors>{colors}</indexedColors></colors>"
    own = indexed_colors(fromstring(f'<styleSheet xmlns="{MAIN}">{listed}</styleSheet>'))
    palette = Palette(indexed=own)
    assert [palette.color(None, indexed=str(index)) for index in (0, 1, 2)] == [
        "#112233",
        "#445566",
        "#ff0000",
    ]


def test_a_theme_numbers_light_before_dark():
    """A theme lists dark 1 first; cells count light 1 first. What it leaves out is Office's."""
    slots = (
        '<a:dk1><a:sysClr val="windowText" lastClr="101010"/></a:dk1>'
        '<a:lt1><a:sysClr val="window" lastClr="F0F0F0"/></a:lt1>'
        '<a:accent1><a:srgbClr val="00FF00"/></a:accent1>'
    )
    scheme = f'<a:clrScheme name="x">{slots}</a:clrScheme>'
    theme = f'<a:theme xmlns:a="{DRAWING}"><a:themeElements>{scheme}</a:themeElements></a:theme>'
    colors = theme_colors(theme.encode())
    assert colors[:2] == ["#f0f0f0", "#101010"]
    assert colors[4] == "#00ff00"
    assert colors[5] == OFFICE_THEME[5]


def test_a_pattern_is_the_mix_of_its_colours():
    """Half of black dots on white is grey."""
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
