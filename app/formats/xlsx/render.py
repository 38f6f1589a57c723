"""Rows into the source of a worksheet part."""

from collections.abc import Iterable, Iterator

from app.formats.xlsx.cells import CellWriter
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.row_source import placed, row_source
from app.sheet.row import Row


def sheet_source(frame: Frame, rows: Iterable[bytes]) -> Iterator[bytes]:
    """A worksheet part: its frame around the sources of its rows."""
    yield frame.head
    if frame.empty is None:
        yield from rows
    else:
        prefix = frame.dialect.prefix
        sources = iter(rows)
        first = next(sources, None)
        if first is None:
            yield frame.empty
        else:
            yield f"<{prefix}sheetData>".encode()
            yield first
            yield from sources
            yield f"</{prefix}sheetData>".encode()
    yield frame.tail


def untouched_rows(rows: Iterable[tuple[int, Row]], frame: Frame, writer: CellWriter) -> Iterator[bytes]:
    """The sources of rows as their file had them."""
    for index, row in rows:
        if row.raw is not None:
            yield placed(row.raw, index)
        else:
            yield (row_source(index, row, writer) + frame.gap).encode()
