"""What a style is, whatever number its workbook gives it: the identity of looks across files.

Two styles are the same where Excel would show and treat their cells alike: ways of writing (defaults
spelled out, the order of elements, alpha bytes, numbers of fonts and formats) do not count. Colours stay
as the file means them (by theme, by index, direct), for a theme may be changed under them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from openpyxl.styles.numbers import BUILTIN_FORMATS

from app.formats.xlsx.markup import local
from app.formats.xlsx.part_source import Element, PartSource
from app.sheet.number_format import GENERAL

Content: TypeAlias = tuple[Any, ...]
"""A canonical form: nested tuples of texts, equal where the content is."""

_ON = ("1", "true", "on")
_AUTOMATIC = "64"
"""The index of the automatic colour: the system's foreground."""
_FONT_FLAGS = ("b", "i", "strike", "outline", "shadow", "condense", "extend")
# What a font falls back to where it is missing says nothing of how it looks; Excel writes it anew.
_FONT_FALLBACKS = ("family", "charset")
_FONT_DEFAULTS = {"u": "none", "vertAlign": "baseline", "scheme": "none"}
_ALIGNMENT = {
    "horizontal": "general", "vertical": "bottom", "textRotation": "0", "wrapText": "0", "indent": "0",
    "relativeIndent": "0", "justifyLastLine": "0", "shrinkToFit": "0", "readingOrder": "0",
}  # fmt: skip
_PROTECTION = {"locked": "1", "hidden": "0"}
_FLAGS = {"quotePrefix": "0", "pivotButton": "0"}
_BOOLEANS = {"true": "1", "on": "1", "false": "0", "off": "0"}
_SIDES = {"start": "left", "end": "right"}
_DIAGONALS = ("diagonalUp", "diagonalDown")


class StyleContent(msgspec.Struct, frozen=True):
    """A style's content. format: the number format's code. flags: what else an entry says of its cells."""

    format: str = GENERAL
    font: Content = ()
    fill: Content = ()
    border: Content = ()
    alignment: Content = ()
    protection: Content = ()
    flags: Content = ()


def style_contents(styles: bytes) -> Sequence[StyleContent]:
    """The content of each style of a styles part, by the number cells carry. Raises UnreadableFile."""
    return contents_of(PartSource(styles, "styles.xml").root)


def contents_of(root: Element) -> list[StyleContent]:
    """The content of each style that the root of a styles part lists."""
    codes = number_formats(root)
    fonts = [font_content(font) for font in entries(root, "fonts", "font")]
    fills = [fill_content(fill) for fill in entries(root, "fills", "fill")]
    borders = [border_content(border) for border in entries(root, "borders", "border")]
    return [style_content(xf, codes, fonts, fills, borders) for xf in entries(root, "cellXfs", "xf")]


def style_content(
    xf: Element,
    codes: Mapping[int, str],
    fonts: Sequence[Content],
    fills: Sequence[Content],
    borders: Sequence[Content],
) -> StyleContent:
    """The content of an entry of ``cellXfs`` that stands on these formats, fonts, fills and borders."""
    number = xf.number("numFmtId")
    return StyleContent(
        codes.get(number) or BUILTIN_FORMATS.get(number) or f"builtin {number}",
        _at(fonts, xf.number("fontId")),
        _at(fills, xf.number("fillId")),
        _at(borders, xf.number("borderId")),
        _attributes(xf.first("alignment"), _ALIGNMENT),
        _attributes(xf.first("protection"), _PROTECTION),
        _attributes(xf, _FLAGS),
    )


def entries(root: Element, group: str, entry: str) -> list[Element]:
    """The entries of a list in a styles part; of alternatives, the one that every program understands."""
    listed = root.first(group)
    found = [] if listed is None else map(_understood, listed.children)
    return [element for element in found if element is not None and local(element.name) == entry]


def number_formats(root: Element) -> dict[int, str]:
    """The number format codes that a styles part defines, by their numbers."""
    group = root.first("numFmts")
    found = [] if group is None else group.within("numFmt")
    return {entry.number("numFmtId"): entry.get("formatCode") for entry in found}


def font_content(font: Element) -> Content:
    """The canonical form of a font."""
    found = set()
    for element in font.children:
        name, value = local(element.name), element.get("val")
        if name == "color":
            found.add((name, *color_content(element)))
        elif name in _FONT_FLAGS:
            if value in ("", *_ON):
                found.add((name,))
        elif name in _FONT_FALLBACKS or value == _FONT_DEFAULTS.get(name):
            continue
        else:
            found.add((name, "single" if name == "u" and not value else _number(value)))
    return tuple(sorted(found - {("color",)}))


def fill_content(fill: Element) -> Content:
    """The canonical form of a fill; empty for none."""
    pattern, gradient = fill.first("patternFill"), fill.first("gradientFill")
    if gradient is not None:
        return ("gradient", _exact(gradient))
    kind = "none" if pattern is None else pattern.get("patternType", "none")
    if pattern is None or kind == "none":
        return ()
    over, under = (color_content(pattern.first(name)) for name in ("fgColor", "bgColor"))
    return (kind, over) if kind == "solid" else (kind, over, under)


def border_content(border: Element) -> Content:
    """The canonical form of a border: its lines by side, without those that are none."""
    lines: list[Content] = []
    for line in border.children:
        side, style = local(line.name), line.get("style", "none")
        if style != "none" and side not in ("vertical", "horizontal"):
            lines.append((_SIDES.get(side, side), style, color_content(line.first("color"))))
    if any(side == "diagonal" for side, *_ in lines):
        lines += [(name,) for name in _DIAGONALS if border.get(name) in _ON]
    return tuple(sorted(lines))


def color_content(color: Element | None) -> Content:
    """The canonical form of a colour: what names it, and its tint; empty for the automatic one."""
    if color is None or color.get("auto") in _ON or color.get("indexed") == _AUTOMATIC:
        return ()
    tint = _number(color.get("tint", "0"))
    tints = () if tint == "0" else (tint,)
    if color.get("rgb"):
        return ("rgb", color.get("rgb")[-6:].lower(), *tints)
    for kind in ("theme", "indexed"):
        if color.get(kind):
            return (kind, color.get(kind), *tints)
    return ()


def _understood(element: Element) -> Element | None:
    """An element, or what it gives to programs that know no extension (ECMA-376-3 §10.2.1)."""
    if local(element.name) != "AlternateContent":
        return element
    branch = element.first("Fallback") or element.first("Choice")
    return next(iter(branch.children), None) if branch else None


def _at(found: Sequence[Content], index: int) -> Content:
    return found[index] if index < len(found) else ()


def _attributes(element: Element | None, defaults: Mapping[str, str]) -> Content:
    """The attributes of an element that are known by name and differ from their defaults."""
    if element is None:
        return ()
    said = ((name, element.get(name, default)) for name, default in defaults.items())
    values = ((name, _BOOLEANS.get(value, value)) for name, value in said)
    return tuple((name, value) for name, value in values if value != defaults[name])


def _exact(element: Element) -> Content:
    """An element with all that is in it."""
    if local(element.name) == "color":
        return ("color", color_content(element))
    said: Iterable[tuple[str, str]] = sorted(
        (local(key), _number(value)) for key, value in element.attributes.items()
    )
    return (local(element.name), tuple(said), tuple(map(_exact, element.children)))


def _number(text: str) -> str:
    """A number in its shortest form ("11.0" is "11"); any other text as it is."""
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return text
