"""How a workbook's cells look: its styles part, by the numbers cells carry."""

from typing import Any
from xml.etree.ElementTree import Element

import msgspec
from openpyxl.styles.numbers import BUILTIN_FORMATS

from app.formats.xlsx.colors import OFFICE_THEME, Palette, indexed_colors, mixed, theme_colors
from app.formats.xlsx.markup import child, local, parse, whole
from app.sheet.number_format import GENERAL

_SHORT_DATE, _LONG_TIME = "m/d/yyyy", "h:mm:ss"
_CODES = {
    **BUILTIN_FORMATS,
    # Excel shows these two by the system's settings; as written they are those of the United States.
    14: _SHORT_DATE,
    22: "m/d/yyyy h:mm",
    47: "mm:ss.0",  # the standard leaves out the colon, Excel does not
    # East Asian versions put their own dates and times here (ECMA-376-1 §18.8.30).
    **dict.fromkeys([*range(27, 32), 36, *range(50, 59)], _SHORT_DATE),
    **dict.fromkeys(range(32, 36), _LONG_TIME),
}
_SIDES = ("top", "right", "bottom", "left")
_BLACK, _WHITE = "#000000", "#ffffff"
# How much of a cell the dots of a pattern cover (ECMA-376-1 §18.18.55); lines cover a half or a quarter.
_COVER = {"solid": 1.0, "darkGray": 0.75, "mediumGray": 0.5, "gray125": 0.125, "gray0625": 0.0625}


class Style(msgspec.Struct, frozen=True):
    """The look of a cell; a default of False, None or 0 is the workbook's normal look.

    code: the number format. underline: "single", "double", … . size: in points. Colours are ``#rrggbb``.
    rotation: in degrees counter-clockwise, -90 to 90, or 255 for letters one below the other. borders:
    (line style, colour) by side.
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
    shrink: bool = False
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


def read_styles(styles: bytes, theme: bytes | None = None) -> tuple[Style, ...]:
    """The styles of a styles part, by the number cells carry; theme: the theme part.

    Each entry's own number format, font, fill and border count, whatever its ``apply…`` flags say and
    whatever named style it stands on: Excel writes a named style's choices into every entry.
    Raises UnreadableFile where a part is damaged.
    """
    root = parse(styles, "styles.xml")
    palette = Palette(theme_colors(theme) if theme else OFFICE_THEME, indexed_colors(root))
    codes = _number_formats(root)
    fonts = [_font(element, palette) for element in _list(root, "fonts", "font")]
    formats = _list(root, "cellXfs", "xf")
    normal = _at(fonts, formats[0].get("fontId"), {}) if formats else {}
    fonts = [{name: value for name, value in font.items() if _differs(name, value, normal)} for font in fonts]
    fills = [_fill(element, palette) for element in _list(root, "fills", "fill")]
    borders = [_borders(element, palette) for element in _list(root, "borders", "border")]
    return tuple(
        _style(
            codes.get(whole(format.get("numFmtId")) or 0, GENERAL),
            _at(fonts, format.get("fontId"), {}),
            _at(fills, format.get("fillId"), None),
            _at(borders, format.get("borderId"), {}),
            _alignment(child(format, "alignment")),
        )
        for format in formats
    )


def date1904(workbook: bytes) -> bool:
    """Whether a workbook part counts its dates from 1904; UnreadableFile where it is damaged."""
    settings = child(parse(workbook, "workbook.xml"), "workbookPr")
    return settings is not None and _true(settings.get("date1904"))


def _style(
    code: str,
    font: dict[str, Any],
    fill: str | None,
    borders: dict[str, tuple[str, str | None]],
    alignment: dict[str, Any],
) -> Style:
    # Black on no fill is what text is anyway; unsaid, a dark page may show it light.
    if fill is None and font.get("color") == _BLACK:
        font = {**font, "color": None}
    return Style(code=code, fill=fill, borders=borders, **font, **alignment)


def _differs(name: str, value: Any, normal: dict[str, Any]) -> bool:
    """Whether a font's property is to be said: name and size where they are not the normal font's."""
    if name in ("font", "size"):
        return bool(value != normal.get(name))
    return bool(value)


def _number_formats(root: Element) -> dict[int, str]:
    own = {
        whole(entry.get("numFmtId")) or 0: entry.get("formatCode", "")
        for entry in _list(root, "numFmts", "numFmt")
    }
    return {**_CODES, **own}


def _font(element: Element, palette: Palette) -> dict[str, Any]:
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
        "color": palette.resolve(child(element, "color")),
    }


def _fill(element: Element, palette: Palette) -> str | None:
    pattern, gradient = child(element, "patternFill"), child(element, "gradientFill")
    if gradient is not None:
        stop = child(gradient, "stop")
        return palette.resolve(child(stop, "color")) if stop is not None else None
    kind = "none" if pattern is None else pattern.get("patternType", "none")
    if pattern is None or kind == "none":
        return None
    over = palette.resolve(child(pattern, "fgColor")) or _BLACK
    under = palette.resolve(child(pattern, "bgColor")) or _WHITE
    return mixed(over, under, _COVER.get(kind, 0.5 if kind.startswith("dark") else 0.25))


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
        "indent": whole(element.get("indent")) or 0,
        "rotation": _rotation(whole(element.get("textRotation")) or 0),
        "shrink": _true(element.get("shrinkToFit")),
    }


def _rotation(value: int) -> int:
    """Degrees counter-clockwise; a file writes clockwise ones as 90 and more."""
    return 90 - value if 90 < value <= 180 else value


def _list(root: Element, name: str, entry: str) -> list[Element]:
    """The entries of a list; of alternatives, the one that every program understands."""
    group = child(root, name)
    found = []
    for element in group if group is not None else ():
        known: Element | None = element
        if local(str(element.tag)) == "AlternateContent":
            known = child(element, "Fallback", entry)
            known = child(element, "Choice", entry) if known is None else known
        if known is not None and local(str(known.tag)) == entry:
            found.append(known)
    return found


def _at(found: list[Any], index: str | None, default: Any) -> Any:
    at = whole(index) or 0
    return found[at] if at < len(found) else default


def _value(element: Element, name: str) -> str | None:
    found = child(element, name)
    return None if found is None else found.get("val")


def _flag(element: Element, name: str) -> bool:
    found = child(element, name)
    return found is not None and _true(found.get("val", "1"))


def _true(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
