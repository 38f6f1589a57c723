"""How a workbook's cells look: its styles part, by the numbers cells carry."""

from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import msgspec
from openpyxl.styles.numbers import BUILTIN_FORMATS

from app.formats.xlsx.colors import OFFICE_THEME, Palette, indexed_colors, theme_colors
from app.formats.xlsx.markup import child, children, local, parse

GENERAL = "General"
_SHORT_DATE, _LONG_TIME = "m/d/yyyy", "h:mm:ss"
_CODES = {
    **BUILTIN_FORMATS,
    # Excel shows these two by the system's settings; as written they are those of the United States.
    14: _SHORT_DATE,
    22: "m/d/yyyy h:mm",
    # East Asian versions put their own dates and times here (ECMA-376-1 §18.8.30).
    **dict.fromkeys([*range(27, 32), 34, 35, 36, *range(50, 59)], _SHORT_DATE),
    **dict.fromkeys([32, 33], _LONG_TIME),
}
_SIDES = ("top", "right", "bottom", "left")
_BLACK = "#000000"


class Style(msgspec.Struct, frozen=True):
    """The look of a cell; a default of False, None or 0 is the workbook's normal look.

    code: the number format. underline: "single", "double", … . size: in points. Colours are ``#rrggbb``.
    rotation: in degrees, or 255 for letters one below the other. borders: (line style, colour) by side.
    """

    code: str = GENERAL
    bold: bool = False
    italic: bool = False
    underline: str | None = None
    strike: bool = False
    size: float | None = None
    font: str | None = None
    color: str | None = None
    fill: str | None = None
    align: str | None = None
    valign: str | None = None
    wrap: bool = False
    indent: int = 0
    rotation: int = 0
    borders: dict[str, tuple[str, str | None]] = {}

    def shown(self) -> dict[str, Any]:
        """The look as JSON-ready values: only what differs from the normal one, without the code."""
        found = {
            name: getattr(self, name)
            for name in self.__struct_fields__
            if name not in ("code", "borders") and getattr(self, name)
        }
        if self.borders:
            found["borders"] = {
                side: {"style": line, "color": color} if color else {"style": line}
                for side, (line, color) in self.borders.items()
            }
        return found


@lru_cache(maxsize=64)
def read_styles(styles: bytes, theme: bytes | None = None) -> tuple[Style, ...]:
    """The styles of a styles part, by the number cells carry; theme: the theme part.

    Raises UnreadableFile where a part is damaged.
    """
    root = parse(styles, "styles.xml")
    palette = Palette(theme_colors(theme) if theme else OFFICE_THEME, indexed_colors(root))
    codes = _number_formats(root)
    fonts = [_font(element, palette) for element in _list(root, "fonts", "font")]
    normal = fonts[0] if fonts else {}
    fonts = [{name: value for name, value in font.items() if _differs(name, value, normal)} for font in fonts]
    fills = [_fill(element, palette) for element in _list(root, "fills", "fill")]
    borders = [_borders(element, palette) for element in _list(root, "borders", "border")]
    return tuple(
        Style(
            code=codes.get(_integer(format.get("numFmtId")), GENERAL),
            fill=_at(fills, format.get("fillId"), None),
            borders=_at(borders, format.get("borderId"), {}),
            **_at(fonts, format.get("fontId"), {}),
            **_alignment(child(format, "alignment")),
        )
        for format in _list(root, "cellXfs", "xf")
    )


def date1904(workbook: bytes) -> bool:
    """Whether a workbook part counts its dates from 1904; UnreadableFile where it is damaged."""
    settings = child(parse(workbook, "workbook.xml"), "workbookPr")
    return settings is not None and _true(settings.get("date1904"))


def _differs(name: str, value: Any, normal: dict[str, Any]) -> bool:
    """Whether a font's property is to be said: name and size where they are not the normal font's."""
    if name in ("font", "size"):
        return bool(value != normal.get(name))
    return bool(value)


def _number_formats(root: Element) -> dict[int, str]:
    own = {
        _integer(entry.get("numFmtId")): entry.get("formatCode", "")
        for entry in _list(root, "numFmts", "numFmt")
    }
    return {**_CODES, **own}


def _font(element: Element, palette: Palette) -> dict[str, Any]:
    color = palette.resolve(child(element, "color"))
    size, underline = _value(element, "sz"), child(element, "u")
    return {
        "bold": _flag(element, "b"),
        "italic": _flag(element, "i"),
        "strike": _flag(element, "strike"),
        "underline": None
        if underline is None or underline.get("val") == "none"
        else underline.get("val", "single"),
        "size": _float(size),
        "font": _value(element, "name"),
        "color": None if color == _BLACK else color,
    }


def _fill(element: Element, palette: Palette) -> str | None:
    pattern, gradient = child(element, "patternFill"), child(element, "gradientFill")
    if gradient is not None:
        stop = child(gradient, "stop")
        return palette.resolve(child(stop, "color")) if stop is not None else None
    if pattern is None or pattern.get("patternType", "none") in ("none", "gray125"):
        return None
    color = palette.resolve(child(pattern, "fgColor"))
    return (
        color
        if pattern.get("patternType") == "solid"
        else palette.resolve(child(pattern, "bgColor")) or color
    )


def _borders(element: Element, palette: Palette) -> dict[str, tuple[str, str | None]]:
    found = {}
    for line in element:
        side, style = local(str(line.tag)), line.get("style", "none")
        side = {"start": "left", "end": "right"}.get(side, side)
        if side in _SIDES and style != "none":
            color = palette.resolve(child(line, "color"))
            found[side] = (style, None if color == _BLACK else color)
    return found


def _alignment(element: Element | None) -> dict[str, Any]:
    if element is None:
        return {}
    horizontal = element.get("horizontal")
    return {
        "align": None if horizontal == "general" else horizontal,
        "valign": element.get("vertical"),
        "wrap": _true(element.get("wrapText")),
        "indent": _integer(element.get("indent")),
        "rotation": _rotation(_integer(element.get("textRotation"))),
    }


def _rotation(value: int) -> int:
    """Degrees counter-clockwise; a file writes clockwise ones as 90 and more."""
    return 90 - value if 90 < value <= 180 else value


def _list(root: Element, name: str, entry: str) -> list[Element]:
    group = child(root, name)
    return [] if group is None else children(group, entry)


def _at(found: list[Any], index: str | None, default: Any) -> Any:
    at = _integer(index)
    return found[at] if at < len(found) else default


def _value(element: Element, name: str) -> str | None:
    found = child(element, name)
    return None if found is None else found.get("val")


def _flag(element: Element, name: str) -> bool:
    found = child(element, name)
    return found is not None and _true(found.get("val", "1"))


def _true(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
