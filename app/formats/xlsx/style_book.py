"""The styles part of a workbook, to which styles are added: its entries are never changed or renumbered."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import UNSET
from openpyxl.styles.numbers import BUILTIN_FORMATS_REVERSE

from app.formats.xlsx.markup import local
from app.formats.xlsx.part_source import Element, PartSource
from app.formats.xlsx.style_content import (
    Content,
    StyleContent,
    border_content,
    entries,
    fill_content,
    font_content,
    number_formats,
    style_content,
)
from app.sheet.number_format import GENERAL
from app.sheet.style_change import BadStyle, Border, StyleChange

MAX_STYLES = 65_430
"""Styles that Excel takes in a workbook."""

_FIRST_FORMAT = 164
"""The first number format that is a workbook's own."""
# The order of ECMA-376-1's schema; Excel refuses a part whose groups stand otherwise.
_GROUPS = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles",
    "colors", "extLst",
)  # fmt: skip
_FONT_ORDER = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name",
    "family", "charset", "scheme",
)  # fmt: skip
_BORDER_ORDER = ("start", "left", "end", "right", "top", "bottom", "diagonal", "vertical", "horizontal")
_LEADING = {"left": "start", "right": "end"}


class StyleBook:
    """A styles part with what has been added to it."""

    def __init__(self, part: bytes) -> None:
        """Raises UnreadableFile where the part is damaged."""
        self._source = PartSource(part, "styles.xml")
        root = self._source.root
        self._prefix = root.prefix
        self._codes = number_formats(root)
        # What a list begins with if this is its first: cells refer to it, Excel takes it for granted.
        patterns = [self._pattern(kind) for kind in ("none", "gray125")]
        self._fonts = _Group(root, "fonts", "font", _strict(font_content), [self._element("font")])
        self._fills = _Group(root, "fills", "fill", fill_content, patterns)
        self._borders = _Group(root, "borders", "border", border_content, [self._element("border")])
        self._formats = _Group(root, "numFmts", "numFmt", lambda entry: entry.get("formatCode"))
        default = self._element("xf", numFmtId="0", fontId="0", fillId="0", borderId="0")
        self._styles = _Group(root, "cellXfs", "xf", self._identity, [default])

    def changed(self, style: int, change: StyleChange) -> int:
        """The number of the style that has a change over another; added where there is none yet.

        A number that the workbook has no style for is taken for the default one. Raises BadStyle where
        the workbook has as many styles as fit.
        """
        base = self._styles.at(style) or self._styles.first()
        attributes = dict(base.attributes)
        if change.format is not UNSET:
            self._refer(attributes, "numFmtId", "applyNumberFormat", self._format(change.format))
        font = self._fonts.at(base.number("fontId")) or self._element("font")
        changed = self._font(font, change)
        if changed != font:
            self._refer(attributes, "fontId", "applyFont", self._fonts.place(changed))
        if change.fill is not UNSET:
            self._refer(attributes, "fillId", "applyFill", self._fills.place(self._fill(change.fill)))
        if change.borders is not UNSET:
            border = self._borders.at(base.number("borderId")) or self._element("border")
            bordered = self._border(border, change.borders)
            self._refer(attributes, "borderId", "applyBorder", self._borders.place(bordered))
        children = self._aligned(base, change)
        if children is not base.children:
            attributes["applyAlignment"] = "1"
        made = self._styles.place(Element(base.name, attributes, children))
        if made >= MAX_STYLES:
            raise BadStyle(f"This workbook has {MAX_STYLES:,} styles, and Excel takes no more.")
        return made

    def part(self) -> bytes:
        """The part with what was added; the very same where nothing was. To be asked for once."""
        for group in (self._formats, self._fonts, self._fills, self._borders, self._styles):
            if group.added:
                self._append(group)
        return self._source.part()

    def _append(self, group: "_Group") -> None:
        source = "".join(entry.source() for entry in group.added)
        root, element = self._source.root, group.element
        if element is None:
            later = _GROUPS[_GROUPS.index(group.name) + 1 :]
            before = next((child for child in root.children if local(child.name) in later), None)
            name = self._prefix + group.name
            source = f'<{name} count="{len(group.added)}">{source}</{name}>'
            self._source.insert(root, before, source)
            return
        if "count" in element.attributes:
            count = element.number("count", len(group.entries) - len(group.added))
            self._source.set(element, "count", str(count + len(group.added)))
        self._source.append(element, source)

    def _identity(self, xf: Element) -> tuple[StyleContent, str]:
        """What makes an entry fit to be used again: its content, and the named style it stands on."""
        contents = (self._fonts.contents, self._fills.contents, self._borders.contents)
        return style_content(xf, self._codes, *contents), xf.get("xfId")

    def _element(self, name: str, /, **attributes: str) -> Element:
        return Element(self._prefix + name, attributes)

    def _refer(self, attributes: dict[str, str], name: str, flag: str, number: int) -> None:
        attributes[name] = str(number)
        attributes[flag] = "1"

    def _format(self, code: str) -> int:
        """The number of a number format; the workbook's own where it has it."""
        if code.casefold() == GENERAL.casefold():
            return 0
        for number, known in self._codes.items():
            if known == code:
                return number
        if code in BUILTIN_FORMATS_REVERSE:
            return int(BUILTIN_FORMATS_REVERSE[code])
        number = max([_FIRST_FORMAT - 1, *self._codes]) + 1
        self._codes[number] = code
        self._formats.place(self._element("numFmt", numFmtId=str(number), formatCode=code))
        return number

    def _font(self, font: Element, change: StyleChange) -> Element:
        """The font with what a change says of it; the very same where it says nothing."""
        new: dict[str, Element | None] = {}
        for name, flag in (("b", change.bold), ("i", change.italic), ("strike", change.strike)):
            if flag is not UNSET:
                new[name] = self._element(name) if flag else None
        if change.underline is not UNSET:
            double = {} if change.underline in (True, "single") else {"val": str(change.underline)}
            new["u"] = self._element("u", **double) if change.underline else None
        if change.size is not UNSET:
            new["sz"] = self._element("sz", val=f"{change.size:g}")
        if change.color is not UNSET:
            new["color"] = None if change.color is None else self._color("color", change.color)
        if change.font is not UNSET:
            # Of which family, for which script, by which theme: that was said of the font before.
            new |= dict.fromkeys(("family", "charset", "scheme"))
            new["name"] = self._element("name", val=change.font.strip())
        return _with(font, new, _FONT_ORDER) if new else font

    def _fill(self, color: str | None) -> Element:
        if color is None:
            return self._pattern("none")
        return self._pattern("solid", self._color("fgColor", color), self._element("bgColor", indexed="64"))

    def _pattern(self, kind: str, *colors: Element) -> Element:
        pattern = Element(self._prefix + "patternFill", {"patternType": kind}, list(colors))
        return Element(self._prefix + "fill", {}, [pattern])

    def _border(self, border: Element, sides: dict[Any, Border | None]) -> Element:
        strict = border.first("start") is not None or border.first("end") is not None
        new: dict[str, Element | None] = {}
        for side, line in sides.items():
            name = _LEADING.get(side, side) if strict else side
            new[name] = made = self._element(name)
            if line is not None:
                color = self._element("color", auto="1")
                made.attributes = {"style": line.style}
                made.children = [self._color("color", line.color) if line.color else color]
        return _with(border, new, _BORDER_ORDER)

    def _color(self, name: str, color: str) -> Element:
        return self._element(name, rgb="FF" + color[1:].upper())

    def _aligned(self, xf: Element, change: StyleChange) -> list[Element]:
        """What an entry holds, with what a change says of alignment; the very same where it says nothing."""
        new: dict[str, str | None] = {}
        for name, value in (("horizontal", change.align), ("vertical", change.valign)):
            if value is not UNSET:
                new[name] = value
        for name, number in (("wrapText", change.wrap), ("indent", change.indent)):
            if number is not UNSET:
                new[name] = str(int(number)) if number else None
        if change.rotation is not UNSET:
            # A file writes clockwise degrees as 91 to 180.
            degrees = change.rotation
            new["textRotation"] = str(90 - degrees if degrees < 0 else degrees) if degrees else None
        if not new:
            return xf.children
        known = xf.first("alignment") or self._element("alignment")
        attributes = {name: value for name, value in (known.attributes | new).items() if value is not None}
        others = [child for child in xf.children if local(child.name) != "alignment"]
        return [Element(known.name, attributes), *others] if attributes else others


class _Group:
    """A list of a styles part: its entries with those added, by what they say."""

    def __init__(
        self,
        root: Element,
        name: str,
        entry: str,
        identity: Callable[[Element], Any],
        beginning: Sequence[Element] = (),
    ) -> None:
        self.name = name
        self.element = root.first(name)
        self.entries = entries(root, name, entry)
        self.added: list[Element] = []
        self._identity = identity
        self._beginning = beginning
        self.contents = [identity(entry) for entry in self.entries]
        self._places: dict[Any, int] = {
            content: at for at, content in reversed(list(enumerate(self.contents)))
        }

    def at(self, index: int) -> Element | None:
        """The entry of a number."""
        return self.entries[index] if index < len(self.entries) else None

    def first(self) -> Element:
        """The entry that all others differ from; the one to begin with is added where there is none."""
        if not self.entries:
            self.place(self._beginning[0])
        return self.entries[0]

    def place(self, entry: Element) -> int:
        """The number of an entry that says the same; this one is added where there is none."""
        if not self.entries:
            for one in self._beginning:
                self._add(self._identity(one), one)
        content = self._identity(entry)
        if content not in self._places:
            self._add(content, entry)
        return self._places[content]

    def _add(self, content: Any, entry: Element) -> None:
        self._places[content] = len(self.entries)
        self.entries.append(entry)
        self.contents.append(content)
        self.added.append(entry)


def _with(element: Element, new: dict[str, Element | None], order: tuple[str, ...]) -> Element:
    """An element with other children of some local names, None for none, in the order of its schema."""
    kept = [child for child in element.children if local(child.name) not in new]
    children = [*kept, *(child for child in new.values() if child is not None)]
    ranks = {name: rank for rank, name in enumerate(order)}
    children.sort(key=lambda child: ranks.get(local(child.name), len(order)))
    return Element(element.name, dict(element.attributes), children)


def _strict(content: Callable[[Element], Content]) -> Callable[[Element], Content]:
    """The content of a font with what is written if it is missing, which a copy of it must keep."""

    def identity(font: Element) -> Content:
        fallbacks = (font.first(name) for name in ("family", "charset"))
        return (content(font), *(found and found.get("val") for found in fallbacks))

    return identity
