"""How a workbook's cells and sheets look, whatever its format: what pages show beside the values.

Reading styles costs a parse of the part that holds them, so looks are kept by a key of the caller's that
stands for the bytes they are read from, such as their content address.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

import msgspec

from app.formats.annotations import Annotations
from app.formats.guard import UnreadableFile
from app.formats.xlsx.colors import Palette, theme_colors
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.layout import DEFAULT_HEIGHT, DEFAULT_WIDTH, Layout, layout, row_layout, tab_color
from app.formats.xlsx.notes import NotesReader
from app.formats.xlsx.package import Package
from app.formats.xlsx.styles import Style, date1904, read_styles
from app.sheet.address import MAX_ROWS
from app.sheet.number_format import GENERAL

_Kept = TypeVar("_Kept")
_WORDS = {"color": "colour", "align": "alignment", "valign": "vertical alignment", "strike": "strikethrough"}
"""Properties of styles as people call them, where their own name is not it."""


_OFFICE = Palette()


class Look(msgspec.Struct, frozen=True):
    """The styles of a workbook, by the numbers its cells carry, and the date system its numbers are in.

    codes: number format codes. styles: JSON-ready, what differs from the default. palette: its colours.
    """

    codes: Sequence[str] = (GENERAL,)
    styles: Sequence[dict[str, Any]] = ({},)
    date1904: bool = False
    palette: Palette = _OFFICE

    def code(self, style: int) -> str:
        """The number format code of a style; General for a number the workbook has no style for."""
        return self.codes[style] if style < len(self.codes) else GENERAL

    def style(self, style: int) -> dict[str, Any]:
        """The style of a number; the default's for a number the workbook has no style for."""
        return self.styles[style] if style < len(self.styles) else {}


PLAIN = Look()
PLAIN_LAYOUT: dict[str, Any] = {
    "default_width": DEFAULT_WIDTH,
    "default_height": DEFAULT_HEIGHT,
    "widths": [],
    "merges": [],
    "freeze": {"rows": 0, "columns": 0},
    "gridlines": True,
    "rtl": False,
}
"""What a sheet looks like that says nothing of it: Excel's default sizes, in pixels."""


class _Cache(Generic[_Kept]):
    """The last things that were made, by key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], _Kept]) -> _Kept:
        """What is kept under the key, made where there is nothing."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made


_looks: _Cache[Look] = _Cache(64)
_layouts: _Cache[Layout] = _Cache(256)
_tabs: _Cache[str | None] = _Cache(8192)
_annotations: _Cache[Annotations] = _Cache(64)
_NO_ANNOTATIONS = Annotations()


def look_of(format: str, key: Hashable, load: Callable[[], tuple[bytes, Sequence[bytes]]]) -> Look:
    """The look of a document of the given format; what cannot be read of it looks plain.

    key: stands for the bytes of package and parts. load: gives both, and is called where the key is new.
    """
    if format != "xlsx":
        return PLAIN
    return _looks.get(key, lambda: _xlsx_look(*load()))


def sheet_look(format: str, key: Hashable, rows: int, load: Callable[[], bytes]) -> dict[str, Any]:
    """The layout of a sheet of so many `rows`, with the members of `PLAIN_LAYOUT`; plain where it is damaged.

    Where all rows that follow are hidden, "heights" says so in the way of "widths".
    key: stands for the bytes of the frame. load: gives them, and is called where the key is new.
    """
    if format != "xlsx":
        return PLAIN_LAYOUT
    found = _layouts.get(key, lambda: _xlsx_layout(load()))
    told = {
        "default_width": found.default_width,
        "default_height": found.default_height,
        "widths": [[run.first, run.last, run.width, run.hidden] for run in found.widths],
        "merges": found.merges,
        "freeze": {"rows": found.frozen_rows, "columns": found.frozen_columns},
        "gridlines": found.gridlines,
        "rtl": found.right_to_left,
    }
    if found.rows_hidden and 0 < rows < MAX_ROWS:
        told["heights"] = [[rows, MAX_ROWS - 1, found.default_height, True]]
    return told


def tab_look(format: str, key: tuple[bytes, ...], look: Look, load: Callable[[], bytes]) -> str | None:
    """The colour of a sheet's tab as ``#rrggbb``; None where it has none.

    key: stands for the bytes of frame, package and parts. load: gives the frame.
    """
    if format != "xlsx":
        return None
    return _tabs.get(key, lambda: tab_color(load(), look.palette))


def annotations_of(
    format: str,
    key: tuple[bytes, ...],
    load_frame: Callable[[], bytes],
    load: Callable[[], tuple[bytes, Sequence[bytes]]],
) -> Annotations:
    """The links and notes of a sheet, without notes where they are damaged.

    key: as for `tab_look`, the frame's first. load: gives package and parts.
    """
    if format != "xlsx":
        return _NO_ANNOTATIONS
    return _annotations.get(key, lambda: _xlsx_annotations(key[0], load_frame(), *load()))


def row_look(format: str, attributes: str) -> dict[str, Any]:
    """What a row's attributes say of its look: {"h": pixels}, {"hidden": true}, both or neither."""
    if format != "xlsx" or not attributes:
        return {}
    height, hidden = row_layout(attributes)
    look: dict[str, Any] = {} if height is None else {"h": height}
    return look | {"hidden": True} if hidden else look


def difference(looks: tuple[Look, Look], before: int, after: int) -> str:
    """What the look of a cell has after a change that it had not before, in words: "bold, fill #ffff00".

    looks: those of the workbook before and after. A property that was taken back has a "no" before it.
    """
    (code, new_code), (old, new) = (
        [getattr(look, of)(style) for look, style in zip(looks, (before, after), strict=True)]
        for of in ("code", "style")
    )
    words = [f"format {new_code}"] if code != new_code else []
    for name in sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)):
        value, word = new.get(name), _WORDS.get(name, name)
        said = "" if value is True or isinstance(value, dict) else f" {value}"
        words.append(f"{word}{said}" if value else f"no {word}")
    return ", ".join(words)


def _xlsx_look(package: bytes, parts: Sequence[bytes]) -> Look:
    roles = Package.decode(package).roles
    workbook, listed, theme = (
        parts[roles[role]] if role in roles else b"" for role in ("workbook", "styles", "theme")
    )
    try:
        from_1904 = date1904(workbook)
    except UnreadableFile:
        from_1904 = False
    styles, palette = _styles(listed, theme), _palette(theme)
    if not styles:
        return Look(date1904=from_1904, palette=palette)
    return Look([style.code for style in styles], [style.shown() for style in styles], from_1904, palette)


def _palette(theme: bytes) -> Palette:
    try:
        return Palette(theme_colors(theme)) if theme else _OFFICE
    except UnreadableFile:
        return _OFFICE


def _styles(listed: bytes, theme: bytes) -> Sequence[Style]:
    """The styles of a part, with a damaged theme left aside; none where the part is missing or damaged."""
    for colours in (theme, None) if theme else (None,):
        try:
            return read_styles(listed, colours)
        except UnreadableFile:
            continue
    return ()


def _xlsx_annotations(key: bytes, frame: bytes, package: bytes, parts: Sequence[bytes]) -> Annotations:
    if not frame:
        return _NO_ANNOTATIONS
    links = _layouts.get(key, lambda: _xlsx_layout(frame)).links
    try:
        notes = NotesReader(Package.decode(package), parts).notes(Frame.decode(frame).sheet_id)
    except UnreadableFile:
        notes = []
    return Annotations(links, notes)


def _xlsx_layout(frame: bytes) -> Layout:
    try:
        return layout(frame)
    except UnreadableFile:
        return Layout()
