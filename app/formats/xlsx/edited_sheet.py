"""An edited worksheet's source, written row by row, with what its other parts need to know of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

import msgspec

from app.formats import guard
from app.formats.xlsx.cells import CellWriter, decode_extra
from app.formats.xlsx.container import PIECE
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.markup import attributes_of
from app.formats.xlsx.render import ROWS_AT_ONCE, RowWriter, sheet_source
from app.formats.xlsx.row_source import splice
from app.formats.xlsx.shared_formulas import SharedFormulas
from app.sheet.address import MAX_COLUMNS, BadAddress, Range, cell_name, parse_range
from app.sheet.cell import plain_text
from app.sheet.row import Row

_DIMENSION = re.compile(rb"<(?:[\w.-]+:)?dimension\s[^<>]*>")
_REF = re.compile(rb"""(\sref\s*=\s*["'])([^"']*)""")
_SPOOLED = 16 * guard.MIB

Rows = Callable[[], Iterable[tuple[int, Row]]]


class EditedSheet(msgspec.Struct):
    """A worksheet after edits.

    formulas: places of all formulas (see `place`). headers: texts of the cells that head a table's
    columns, by place. extent: the range its cells take up; None where there are none.
    """

    frame: Frame
    rows: IO[bytes]
    formulas: set[int]
    headers: dict[int, str]
    extent: Range | None = None

    def is_formula(self, row: int, column: int) -> bool:
        """Whether a cell holds a formula or lies in the range of an array formula or data table."""
        if place(row, column) in self.formulas:
            return True
        return any(
            array.top <= row <= array.bottom
            and array.left <= column <= array.right
            and place(array.row, array.column) in self.formulas
            for array in self.frame.arrays
        )

    def header_at(self, row: int, column: int) -> str | None:
        """The text of a cell that heads a table's column."""
        return self.headers.get(place(row, column))

    def source(self) -> Iterator[bytes]:
        """The worksheet part."""
        return sheet_source(msgspec.structs.replace(self.frame, head=self._head()), self._row_pieces())

    def _row_pieces(self) -> Iterator[bytes]:
        self.rows.seek(0)
        while piece := self.rows.read(PIECE):
            yield piece

    def _head(self) -> bytes:
        """The head with a dimension that holds every cell."""
        found = _DIMENSION.search(self.frame.head)
        if self.extent is None or found is None:
            return self.frame.head
        said = attributes_of(found[0].decode("utf-8", "replace")).get("ref", "")
        try:
            known = parse_range(said)
        except BadAddress:
            return self.frame.head
        top, left, bottom, right = self.extent
        held = Range(
            min(top, known.top), min(left, known.left), max(bottom, known.bottom), max(right, known.right)
        )
        if held == known:
            return self.frame.head
        ref = cell_name(held.top, held.left)
        if held.size > 1:
            ref += ":" + cell_name(held.bottom, held.right)
        tag = _REF.sub(lambda match: match[1] + ref.encode(), found[0])
        return self.frame.head[: found.start()] + tag + self.frame.head[found.end() :]


@contextmanager
def edited_sheet(
    frame: Frame, rows: Rows, writer: CellWriter, headers: Sequence[Range] = ()
) -> Iterator[EditedSheet]:
    """Write the rows of an edited sheet aside (to disk where they are many) and learn what is in them.

    headers: where the columns of its tables are named.
    """
    with SpooledTemporaryFile(_SPOOLED) as spool:
        sheet = EditedSheet(frame, spool, set(), {})
        shared = SharedFormulas(rows)
        extent = _Extent()
        render = RowWriter(writer, frame.gap).rows
        rendered: list[tuple[int, Row]] = []
        previous = -1
        for index, row in rows():
            row = shared.mended(index, row)
            if row.raw is None:
                rendered.append((index, row))
            if row.raw is not None or len(rendered) == ROWS_AT_ONCE:
                spool.write(render(rendered))
                rendered.clear()
            if row.raw is not None:
                spool.write(splice(row.raw, index, row, previous, writer))
            previous = index
            if row.columns:
                extent.add(index, row.columns[0], row.columns[-1])
                _learn(sheet, index, row, headers)
        spool.write(render(rendered))
        sheet.extent = extent.range()
        yield sheet


def place(row: int, column: int) -> int:
    """A cell's row and column as one number."""
    return row * MAX_COLUMNS + column


class _Extent:
    """The smallest range around rows' cells."""

    def __init__(self) -> None:
        self._top = self._bottom = -1
        self._left, self._right = MAX_COLUMNS, -1

    def add(self, row: int, first: int, last: int) -> None:
        if self._top < 0:
            self._top = row
        self._bottom = row
        self._left, self._right = min(self._left, first), max(self._right, last)

    def range(self) -> Range | None:
        return None if self._top < 0 else Range(self._top, self._left, self._bottom, self._right)


def _learn(sheet: EditedSheet, index: int, row: Row, headers: Sequence[Range]) -> None:
    for column in row.formulas:
        sheet.formulas.add(place(index, column))
    for column, extra in row.extras.items():
        if decode_extra(extra).f:
            sheet.formulas.add(place(index, column))
    for header in headers:
        if header.top == index:
            for column in range(header.left, header.right + 1):
                shown = row.cell(column).shown
                if shown is not None:
                    sheet.headers[place(index, column)] = plain_text(shown)
