"""A sheet as an HTML page that stands alone: a table of what its cells show."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import BinaryIO, NamedTuple

from app.sheet.address import Range

_STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;color:#1b1f1d;background:#fff}"
    "h1{font-size:1.25rem}table{border-collapse:collapse}"
    "td{border:1px solid #d5dad7;padding:.2rem .5rem;vertical-align:top;white-space:pre-wrap;height:1.4em}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
)


class ShownRow(NamedTuple):
    """A row that shows: where it is, zero-based, and (zero-based column, text, whether it is a number)."""

    at: int
    cells: Sequence[tuple[int, str, bool]]


class Frame(NamedTuple):
    """What a table leaves out and joins: zero-based columns and rows that are hidden, ascending; merges."""

    hidden_columns: Sequence[int] = ()
    hidden_rows: Sequence[int] = ()
    merges: Sequence[Range] = ()
    right_to_left: bool = False


def write(title: str, rows: Iterable[ShownRow], frame: Frame, out: BinaryIO) -> None:
    """Write rows, ascending, those that are hidden left out already, as a page in UTF-8.

    Hidden columns are left out, and what is merged is one cell where its first one shows.
    """
    direction = ' dir="rtl"' if frame.right_to_left else ""
    head = (
        f'<!doctype html>\n<html{direction}>\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n<table>\n"
    )
    out.write(head.encode())
    table = _Table(frame)
    after = 0
    for row in rows:
        for index in range(after, row.at):
            if not table.is_hidden(index):
                out.write(table.row(ShownRow(index, ())).encode())
        out.write(table.row(row).encode("utf-8", "replace"))
        after = row.at + 1
    for index in range(after, max((area.bottom + 1 for area in frame.merges), default=0)):
        if not table.is_hidden(index):
            out.write(table.row(ShownRow(index, ())).encode())
    out.write(b"</table>\n</body>\n</html>\n")


class _Table:
    """Rows of a table, given in order."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._rows_gone = set(frame.hidden_rows)
        self._columns_gone = set(frame.hidden_columns)
        # Next one last; what begins out of sight is not joined.
        self._ahead = sorted(
            (
                area
                for area in frame.merges
                if area.top not in self._rows_gone and area.left not in self._columns_gone
            ),
            reverse=True,
        )
        self._open: list[Range] = []

    def is_hidden(self, index: int) -> bool:
        """Whether a row is left out."""
        return index in self._rows_gone

    def row(self, row: ShownRow) -> str:
        """A row, with empty cells up to its last, or to where something merged reaches down."""
        while self._ahead and self._ahead[-1].top <= row.at:
            self._open.append(self._ahead.pop())
        self._open = [area for area in self._open if area.bottom >= row.at]
        texts = {column: (text, number) for column, text, number in row.cells}
        spans = {area.left: area for area in self._open if area.top == row.at}
        covered = sorted((area.left + (area.top == row.at), area.right + 1) for area in self._open)
        wanted = sorted(texts.keys() | spans.keys())
        cells = "".join(self._cells(wanted, texts, spans, covered))
        return f"<tr>{cells}</tr>\n"

    def _cells(
        self,
        wanted: Sequence[int],
        texts: dict[int, tuple[str, bool]],
        spans: dict[int, Range],
        covered: Sequence[tuple[int, int]],
    ) -> Iterator[str]:
        at = 0
        for column in wanted:
            inside = any(start <= column < stop for start, stop in covered)
            if inside or column in self._columns_gone:
                continue
            yield from self._blank(at, column, covered)
            text, number = texts.get(column, ("", False))
            kind = ' class="n"' if number else ""
            yield f"<td{kind}{self._span(spans.get(column))}>{escape(text, quote=False)}</td>"
            at = column + 1

    def _blank(self, start: int, stop: int, covered: Sequence[tuple[int, int]]) -> Iterator[str]:
        """Empty cells from one column up to another, between what is covered from above or from the left."""
        for left, right in [*covered, (stop, stop)]:
            count = self._visible(start, min(left, stop))
            if count > 0:
                yield f'<td colspan="{count}"></td>' if count > 1 else "<td></td>"
            start = max(start, right)

    def _span(self, area: Range | None) -> str:
        if area is None:
            return ""
        columns = self._visible(area.left, area.right + 1)
        rows = area.bottom + 1 - area.top - _between(self._frame.hidden_rows, area.top, area.bottom + 1)
        return (f' colspan="{columns}"' if columns > 1 else "") + (f' rowspan="{rows}"' if rows > 1 else "")

    def _visible(self, start: int, stop: int) -> int:
        return max(0, stop - start) - _between(self._frame.hidden_columns, start, max(start, stop))


def _between(places: Sequence[int], start: int, stop: int) -> int:
    """How many of ascending places lie in [start, stop)."""
    return bisect_right(places, stop - 1) - bisect_right(places, start - 1)
