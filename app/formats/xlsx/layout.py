"""What the grid shows of a worksheet's frame: sizes, merges, panes, links."""

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

import msgspec

from app.formats.xlsx.colors import Palette
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.markup import attribute, attributes_of, child, children, parse, whole
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, BadAddress, Range, cell_name, parse_cell, parse_range

DIGIT_WIDTH = 7
"""Pixels of the widest digit of Calibri 11, the font Excel measures columns by."""
DEFAULT_WIDTH = 64
DEFAULT_HEIGHT = 20
_LONGEST_TARGET, _LONGEST_TIP = 4_000, 500
"""Characters of an address, which is left out where it is longer, and of a tip. Excel takes 2,083 and 255."""
_PIXELS_PER_POINT = 96 / 72
_HEIGHT = re.compile(r'\sht="([0-9.eE+-]+)"')
_TAB_COLOR = re.compile(rb"<(?:[\w.-]+:)?tabColor(\s[^<>]*)>")
_HIDDEN = re.compile(r'\shidden="(?:1|true|on)"')


class ColumnWidth(msgspec.Struct, frozen=True, array_like=True):
    """Columns first to last, zero-based: their width in pixels, whether hidden, and their cells' style."""

    first: int
    last: int
    width: int
    hidden: bool = False
    style: int = 0


class Link(msgspec.Struct, frozen=True):
    """A hyperlink on the cells of an area: an address, or else a place in the workbook, and its tip."""

    area: Range
    target: str = ""
    location: str = ""
    tip: str = ""


class Layout(msgspec.Struct, frozen=True):
    """A worksheet's looks apart from its cells; sizes in pixels, merges in A1 notation.

    rows_hidden: whether the rows that the sheet does not list are hidden.
    """

    default_width: int = DEFAULT_WIDTH
    default_height: int = DEFAULT_HEIGHT
    rows_hidden: bool = False
    widths: list[ColumnWidth] = []
    merges: list[str] = []
    frozen_rows: int = 0
    frozen_columns: int = 0
    gridlines: bool = True
    right_to_left: bool = False
    links: list[Link] = []


def layout(frame: bytes) -> Layout:
    """The layout of a worksheet's frame; the default one where the sheet is no worksheet.

    Raises UnreadableFile where the frame's XML is damaged.
    """
    if not frame:
        return Layout()
    decoded = Frame.decode(frame)
    root = parse(decoded.head + (decoded.empty or b"") + decoded.tail, "worksheet")
    sizes = child(root, "sheetFormatPr")
    view = child(root, "sheetViews", "sheetView")
    pane = child(view, "pane") if view is not None else None
    rows, columns = _frozen(view, pane)
    return Layout(
        default_width=_default_width(sizes),
        default_height=_pixels(_float(sizes, "defaultRowHeight")) or DEFAULT_HEIGHT,
        rows_hidden=sizes is not None and _true(sizes.get("zeroHeight")),
        widths=_widths(child(root, "cols"), _default_width(sizes)),
        merges=_merges(child(root, "mergeCells")),
        frozen_rows=rows,
        frozen_columns=columns,
        gridlines=view is None or view.get("showGridLines", "1") not in ("0", "false", "off"),
        right_to_left=view is not None and _true(view.get("rightToLeft")),
        links=_links(child(root, "hyperlinks"), decoded.links),
    )


def tab_color(frame: bytes, palette: Palette) -> str | None:
    """The colour of a sheet's tab, which all tabs are shown with: found without parsing the frame."""
    tab = _TAB_COLOR.search(Frame.decode(frame).head) if frame else None
    if tab is None:
        return None
    said = attributes_of(tab[1].decode("utf-8", "replace"))
    return palette.color(said.get("rgb"), said.get("theme"), said.get("indexed"), said.get("tint"))


@lru_cache(maxsize=4096)
def row_layout(attributes: str) -> tuple[int | None, bool]:
    """(height in pixels where the row sets one, whether it is hidden) of a row's attributes."""
    height = _HEIGHT.search(attributes)
    points = _number(height[1]) if height else None
    return _pixels(points), points == 0 or _HIDDEN.search(attributes) is not None


def column_pixels(width: float) -> int:
    """Pixels of a column's width in digits: ``trunc(((256·w + trunc(128/d)) / 256)·d)``.

    As ECMA-376-1 §18.3.1.13 has it, d being the width of a digit.
    """
    return int((256 * width + int(128 / DIGIT_WIDTH)) / 256 * DIGIT_WIDTH)


def _frozen(view: Element | None, pane: Element | None) -> tuple[int, int]:
    """How many (rows, columns) stay while the others scroll."""
    if view is None or pane is None or pane.get("state") not in ("frozen", "frozenSplit"):
        return 0, 0
    # The split is counted from where the view was scrolled to; what lies before stays reachable with it.
    try:
        top, left = parse_cell(view.get("topLeftCell", "A1"))
    except BadAddress:
        top = left = 0
    rows, columns = int(_float(pane, "ySplit") or 0), int(_float(pane, "xSplit") or 0)
    return (
        min(top + rows, MAX_ROWS) if rows > 0 else 0,
        min(left + columns, MAX_COLUMNS) if columns > 0 else 0,
    )


def _default_width(sizes: Element | None) -> int:
    width = _float(sizes, "defaultColWidth")
    if width is not None and 0 < width <= 255:
        return column_pixels(width)
    base = _float(sizes, "baseColWidth")
    if base is None or not 0 < base <= 255:
        return DEFAULT_WIDTH
    # Excel rounds the width of its default columns up to a multiple of eight pixels.
    return -(-(int(base) * DIGIT_WIDTH + 5) // 8) * 8


def _widths(columns: Element | None, default: int) -> list[ColumnWidth]:
    """The columns the sheet lists, ascending and apart from each other."""
    listed = sorted(
        (first, last, at, column)
        for at, column in enumerate(children(columns, "col") if columns is not None else ())
        if (first := _float(column, "min")) is not None and (last := _float(column, "max")) is not None
    )
    found: list[ColumnWidth] = []
    for said, last, _, column in listed:
        first = max(int(said) - 1, found[-1].last + 1 if found else 0)
        if not first < min(last, MAX_COLUMNS):
            continue
        width = _float(column, "width")
        found.append(
            ColumnWidth(
                first=first,
                last=min(int(last), MAX_COLUMNS) - 1,
                width=default if width is None or not 0 <= width <= 255 else column_pixels(width),
                hidden=_true(column.get("hidden")) or width == 0,
                style=whole(column.get("style")) or 0,
            )
        )
    return found


def _merges(merged: Element | None) -> list[str]:
    found = []
    for merge in children(merged, "mergeCell") if merged is not None else ():
        try:
            area = parse_range(merge.get("ref", ""))
        except BadAddress:
            continue
        if area.size > 1:
            found.append(f"{cell_name(area.top, area.left)}:{cell_name(area.bottom, area.right)}")
    return found


def _links(links: Element | None, targets: dict[str, str]) -> list[Link]:
    found = []
    for link in children(links, "hyperlink") if links is not None else ():
        try:
            area = parse_range(link.get("ref", ""))
        except BadAddress:
            continue
        target, location = targets.get(attribute(link, "id") or "", ""), link.get("location", "")
        if len(target) > _LONGEST_TARGET or not (target or location):
            continue
        if target and location:
            target, location = f"{target}#{location}", ""
        tip = link.get("tooltip", "")[:_LONGEST_TIP]
        found.append(Link(area, target, location[:_LONGEST_TARGET], tip))
    return found


def _pixels(points: float | None) -> int | None:
    return None if points is None or not 0 <= points <= 4096 else round(points * _PIXELS_PER_POINT)


def _float(element: Element | None, name: str) -> float | None:
    return None if element is None else _number(element.get(name))


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is None or abs(number) < 1e9 else None


def _true(text: str | None) -> bool:
    return text in ("1", "true", "on")
