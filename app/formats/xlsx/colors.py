"""Colours of a workbook, resolved to ``#rrggbb``: direct, by theme and tint, or from the indexed palette."""

import colorsys
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from openpyxl.styles.colors import COLOR_INDEX

from app.formats.xlsx.markup import child, children, local, parse, whole

# A theme lists dark before light; cells number light before dark.
_THEME_ORDER = "lt1 dk1 lt2 dk2 accent1 accent2 accent3 accent4 accent5 accent6 hlink folHlink".split()
OFFICE_THEME = tuple(
    "#ffffff #000000 #e7e6e6 #44546a #4472c4 #ed7d31 #a5a5a5 #ffc000 #5b9bd5 #70ad47 #0563c1 #954f72".split()
)
"""The theme of Office 2013 to 2022, for workbooks without one of their own."""


_SYSTEM_BACKGROUND = "65"


class Palette:
    """Resolves the colour elements of one workbook. theme: twelve colours in the order cells number them."""

    def __init__(self, theme: Sequence[str | None] = OFFICE_THEME, indexed: Sequence[str] = ()) -> None:
        self._theme = theme
        usual = tuple("#" + argb[2:].lower() for argb in COLOR_INDEX)
        self._indexed = (*indexed, *usual[len(indexed) :])

    def resolve(self, element: Element | None) -> str | None:
        """The colour an element such as ``color`` or ``fgColor`` means; None where that is automatic."""
        if element is None:
            return None
        return self.color(
            element.get("rgb"), element.get("theme"), element.get("indexed"), element.get("tint")
        )

    def color(
        self, rgb: str | None, theme: str | None = None, indexed: str | None = None, tint: str | None = None
    ) -> str | None:
        """The colour of a colour's attributes; None where they name none."""
        base = None
        if rgb and len(rgb) in (6, 8) and all(digit in "0123456789abcdefABCDEF" for digit in rgb):
            base = "#" + rgb[-6:].lower()
        elif (slot := whole(theme)) is not None and slot < len(self._theme):
            base = self._theme[slot]
        elif indexed == _SYSTEM_BACKGROUND:
            base = "#ffffff"
        elif (slot := whole(indexed)) is not None and slot < len(self._indexed):
            base = self._indexed[slot]
        return tinted(base, _number(tint)) if base and tint else base


def tinted(color: str, tint: float) -> str:
    """A colour made darker (tint below 0) or lighter, by its lightness (ECMA-376-1 §18.8.19)."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    channels = colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def mixed(over: str, under: str, cover: float) -> str:
    """What a pattern of two colours looks like from afar; cover: the share of the upper one, 0 to 1."""
    channels = zip(bytes.fromhex(over[1:]), bytes.fromhex(under[1:]), strict=True)
    return "#" + "".join(f"{round(cover * upper + (1 - cover) * lower):02x}" for upper, lower in channels)


def theme_colors(theme: bytes) -> list[str | None]:
    """The colours of a theme part, in the order cells number them; UnreadableFile where it is damaged."""
    scheme = child(parse(theme, "theme1.xml"), "themeElements", "clrScheme")
    found: dict[str, str | None] = {}
    for entry in scheme if scheme is not None else ():
        for color in entry:
            value = color.get("lastClr") or color.get("val") or ""
            found[local(str(entry.tag))] = "#" + value.lower() if len(value) == 6 else None
    return [found.get(name) or fallback for name, fallback in zip(_THEME_ORDER, OFFICE_THEME, strict=True)]


def indexed_colors(styles: Element) -> list[str]:
    """The palette a styles part defines; empty where it keeps the standard one."""
    defined = child(styles, "colors", "indexedColors")
    if defined is None:
        return []
    return ["#" + entry.get("rgb", "00000000")[-6:].lower() for entry in children(defined, "rgbColor")]


def _number(text: str | None) -> float:
    try:
        return min(max(float(text or 0), -1.0), 1.0)
    except ValueError:
        return 0.0
