"""Sheets as HTML pages that stand alone."""

from collections.abc import Iterator
from typing import BinaryIO

from app.formats import html
from app.formats.html import Frame, ShownRow
from app.formats.look import row_look
from app.services.windows import View
from app.sheet.address import parse_range
from app.sheet.cell import ErrorValue, RichText


def write(title: str, view: View, out: BinaryIO) -> None:
    """Write what the cells of a sheet show as a page; hidden rows and columns are left out."""
    layout, format = view.layout(), view.state.manifest.format
    hidden_rows = [
        index
        for index, row in (view.tree.rows() if format == "xlsx" else ())
        if row_look(format, row.attributes).get("hidden")
    ]
    frame = Frame(
        [
            column
            for first, last, _, hidden in layout["widths"]
            if hidden
            for column in range(first, min(last, view.sheet.columns) + 1)
        ],
        hidden_rows,
        [parse_range(merge) for merge in layout["merges"]],
        layout["rtl"],
    )
    html.write(f"{title} – {view.sheet.name}", _rows(view, set(hidden_rows)), frame, out)


def _rows(view: View, hidden: set[int]) -> Iterator[ShownRow]:
    """The rows that show and hold anything."""
    for index, row in view.tree.rows():
        if index in hidden:
            continue
        cells = []
        for column, cell in row.cells():
            text = view.shown(cell).text
            if text:
                number = not isinstance(cell.shown, str | RichText | ErrorValue | bool)
                cells.append((column, text, number))
        if cells:
            yield ShownRow(index, cells)
