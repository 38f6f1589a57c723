"""Windows of cells of any revision, as pages and programs read them.

A cell goes out as ``[column, text, style, type, input, flags, colour]``, cut after the last that says
anything: the text as its number format shows it; the style's number; the value's type ("n" number, "s"
text, "b" boolean, "e" error, "" none); what an editor should hold, where that is not the text; flags
("f" formula, "x" computed before an edit it may depend on, "r" rich text); the format's own colour.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from types import NoneType
from typing import Any, NamedTuple

from app.formats.annotations import Annotations
from app.formats.look import (
    PLAIN_LAYOUT,
    Look,
    annotations_of,
    look_of,
    row_look,
    sheet_look,
    tab_look,
)
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, Range
from app.sheet.cell import Cell, ErrorValue, LexicalNumber, RichText, Value, plain_text
from app.sheet.entry import entry_text
from app.sheet.number_format import Display, display
from app.sheet.references import absolute
from app.sheet.row import Row
from app.store.manifest import StoredSheet
from app.store.state import State

MAX_WINDOW_ROWS = 2_000
MAX_WINDOW_CELLS = 100_000

_TYPES: Mapping[type, str] = {
    NoneType: "",
    bool: "b",
    int: "n",
    float: "n",
    LexicalNumber: "n",
    str: "s",
    RichText: "s",
    ErrorValue: "e",
}
_FITTED_ROWS = 200
_CHARACTER, _PADDING, _WIDEST = 7, 12, 320
"""Pixels of a character in the grid's font, beside the text, and of the widest column fitted to its text."""


class WindowTooLarge(ValueError):
    """More rows or cells were asked for at once than one answer carries."""

    def __init__(self) -> None:
        super().__init__(f"Ask for at most {MAX_WINDOW_ROWS:,} rows and {MAX_WINDOW_CELLS:,} cells at once.")


class Window(NamedTuple):
    """The cells of some rows and columns of a sheet: JSON-ready rows, and the styles they refer to.

    annotations: links and notes, see `app.formats.annotations`; only where whole windows are read.
    """

    area: Range
    rows: list[dict[str, Any]]
    styles: dict[str, dict[str, Any]]
    annotations: Mapping[str, Any] = {}


class View:
    """One sheet of a state, as a reader sees it."""

    def __init__(self, state: State, sheet: int) -> None:
        """Raises SheetNotFound."""
        self.state = state
        self.sheet: StoredSheet = state.sheet(sheet)
        self.tree = state.tree(sheet)
        self.look = look_at(state)
        # A text file has no formats: its text is what it shows.
        self._as_written = state.manifest.format == "csv"
        self._known: dict[tuple[type, Value, int], Sequence[Any]] = {}

    def layout(self) -> dict[str, Any]:
        """Sizes, merges and panes of the sheet, and how far it is filled: JSON-ready."""
        format, frame, rows = self.state.manifest.format, self.sheet.frame, self.tree.count
        look = sheet_look(format, frame, rows, lambda: self.state.store.get(frame))
        if format == "csv":
            look = {**look, "widths": self._fitting_widths()}
        return {"rows": rows, "columns": self.sheet.columns, **look}

    def _fitting_widths(self) -> list[list[Any]]:
        """Widths for a text file, which has none of its own: what its first rows need, within reason."""
        longest: dict[int, int] = {}
        for _, row in self.tree.rows(0, _FITTED_ROWS):
            for column, cell in row.cells():
                longest[column] = max(longest.get(column, 0), len(plain_text(cell.shown)))
        wide = {column: min(_CHARACTER * length + _PADDING, _WIDEST) for column, length in longest.items()}
        narrowest = PLAIN_LAYOUT["default_width"]
        return [[column, column, px, False] for column, px in sorted(wide.items()) if px > narrowest]

    def window(self, start: int, count: int, first_column: int, columns: int) -> Window:
        """The cells of `count` rows from `start` on and `columns` columns from `first_column` on, zero-based.

        Raises WindowTooLarge.
        """
        if count > MAX_WINDOW_ROWS or count * min(columns, self.sheet.columns or 1) > MAX_WINDOW_CELLS:
            raise WindowTooLarge
        area = Range(start, first_column, start + count - 1, first_column + columns - 1)
        used: set[int] = set()
        rows = []
        for index, row in self.tree.rows(start, start + count):
            shown = self._row(index, row, area, used)
            if shown:
                rows.append(shown)
        return Window(area, rows, self._styles(used - {0}), self._annotations().within(area))

    def _annotations(self) -> Annotations:
        state, store = self.state, self.state.store
        manifest, frame = state.manifest, self.sheet.frame
        return annotations_of(
            manifest.format,
            (frame, manifest.package, manifest.parts),
            lambda: store.get(frame),
            lambda: (store.get(manifest.package), state.parts),
        )

    def cells(self, positions: Iterable[tuple[int, int]]) -> Window:
        """The cells at (row, column) pairs, empty ones too, so that a reader can update what it shows."""
        found = self.tree.cells(positions)
        rows: dict[int, list[list[Any]]] = {}
        for (row, column), cell in sorted(found.items()):
            rows.setdefault(row, []).append(self._cell(row, column, cell))
        used = {cell.style for cell in found.values() if cell.style}
        listed = [{"i": row, "cells": cells} for row, cells in rows.items()]
        return Window(Range(0, 0, MAX_ROWS - 1, MAX_COLUMNS - 1), listed, self._styles(used))

    def entry(self, row: int, column: int, cell: Cell) -> str:
        """What an editor holds for a cell: typing it again gives the same value or formula."""
        return entry_at(self.look, row, column, cell)

    def shown(self, cell: Cell) -> Display:
        """What a cell of the sheet shows."""
        return self._display(cell.shown, self.look.code(cell.style))

    def _row(self, index: int, row: Row, area: Range, used: set[int]) -> dict[str, Any] | None:
        inside = slice(bisect_left(row.columns, area.left), bisect_right(row.columns, area.right))
        styles = row.styles[inside] if row.styles else ()
        used.update(styles)
        cells = [
            self._cell(index, column, row.cell(column))
            if column in row.formulas
            else [column, *self._constant(value, style)]
            for column, value, style in zip(
                row.columns[inside], row.values[inside], styles or repeat(0), strict=False
            )
        ]
        shown: dict[str, Any] = {"i": index, **row_look(self.state.manifest.format, row.attributes)}
        if cells:
            shown["cells"] = cells
        elif len(shown) == 1:
            return None
        return shown

    def _cell(self, row: int, column: int, cell: Cell) -> list[Any]:
        if cell.formula is None:
            return [column, *self._constant(cell.value, cell.style)]
        shown = self.shown(cell)
        entered = self.entry(row, column, cell)
        if cell.computed is None:
            # Nothing has computed it yet: the formula itself says more than an empty cell.
            shown = shown._replace(text=entered)
        flags = "fx" if self.state.manifest.stale else "f"
        return [column, *_told(shown, cell.style, cell.computed, entered, flags)]

    def _constant(self, value: Value, style: int) -> Sequence[Any]:
        """What goes out of a constant, but for its column; texts and whole numbers, which repeat, once."""
        kind = type(value)
        if kind is not str and kind is not int:
            return self._made(value, style)
        told = self._known.get((kind, value, style))
        if told is None:
            told = self._known[kind, value, style] = self._made(value, style)
        return told

    def _made(self, value: Value, style: int) -> Sequence[Any]:
        code, date1904 = self.look.code(style), self.look.date1904
        entered = entry_text(value, None, code, date1904=date1904)
        return _told(self._display(value, code), style, value, entered, "")

    def _display(self, value: Value, code: str) -> Display:
        if self._as_written:
            return Display(plain_text(value))
        return display(value, code, date1904=self.look.date1904)

    def _styles(self, used: Iterable[int]) -> dict[str, dict[str, Any]]:
        # Style 0 goes without saying where it is plain, which it is but for files that say otherwise.
        shown = {0, *used} if self.look.style(0) else used
        return {str(style): self.look.style(style) for style in sorted(shown)}


def look_at(state: State) -> Look:
    """The styles of a state's cells."""
    manifest, store = state.manifest, state.store
    key = manifest.package, manifest.parts
    return look_of(manifest.format, key, lambda: (store.get(manifest.package), state.parts))


def tab_colors(state: State) -> dict[int, str]:
    """The colours of the sheets' tabs by sheet id, of those that have one."""
    manifest, look = state.manifest, look_at(state)
    found = {}
    for sheet in state.sheets:
        key = (sheet.frame, manifest.package, manifest.parts)
        color = tab_look(manifest.format, key, look, partial(state.store.get, sheet.frame))
        if color:
            found[sheet.id] = color
    return found


def entry_at(look: Look, row: int, column: int, cell: Cell) -> str:
    """What was entered into a cell, as it would be typed there again."""
    formula = None if cell.formula is None else absolute(cell.formula, row, column)
    return entry_text(cell.value, formula, look.code(cell.style), date1904=look.date1904)


def _told(shown: Display, style: int, value: Value, entered: str, flags: str) -> Sequence[Any]:
    """What goes out of a cell, but for its column."""
    text, colour = shown
    if isinstance(value, RichText):
        flags += "r"
    told = [text, style, _TYPES[type(value)]]
    if entered != text or flags or colour:
        told += [entered if entered != text else None, flags or None, colour]
        while told[-1] is None:
            told.pop()
    return told
