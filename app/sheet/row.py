"""One row of a sheet, as parallel sequences: rows are made by the million, cells only when asked for."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from app.sheet.cell import EMPTY, Cell, Value, identical

_NOTHING: Mapping[int, str] = {}
_NO_VALUES: Mapping[int, Value] = {}


class Row(msgspec.Struct, frozen=True, gc=False):
    """The cells of one row; what a row holds does not depend on where it stands.

    columns: zero-based columns of the cells that hold anything, ascending.
    values: entered constants, parallel to `columns`; None for formulas and styled blanks.
    styles: style ids, parallel to `columns`; empty where all are 0.
    formulas, computed, extras: by column, only where a cell has one (see `Cell`).
    attributes: the row's own properties as its file writes them, carried uninterpreted.
    raw: the row's source where rendering its cells would not give it back byte for byte.
    """

    columns: Sequence[int] = ()
    values: Sequence[Value] = ()
    styles: Sequence[int] = ()
    formulas: Mapping[int, str] = _NOTHING
    computed: Mapping[int, Value] = _NO_VALUES
    extras: Mapping[int, str] = _NOTHING
    attributes: str = ""
    raw: bytes | None = None

    def cell(self, column: int) -> Cell:
        """The cell at a zero-based column; `EMPTY` where there is none."""
        at = bisect_left(self.columns, column)
        if at == len(self.columns) or self.columns[at] != column:
            return EMPTY
        return self._cell_at(at, column)

    def cells(self) -> Iterator[tuple[int, Cell]]:
        """(column, cell) of every cell the row holds, ascending."""
        for at, column in enumerate(self.columns):
            yield column, self._cell_at(at, column)

    def _cell_at(self, at: int, column: int) -> Cell:
        return Cell(
            self.values[at],
            self.formulas.get(column),
            self.computed.get(column),
            self.styles[at] if self.styles else 0,
            self.extras.get(column),
        )

    def with_cells(self, changes: Mapping[int, Cell]) -> "Row":
        """The row with the cells at the given columns replaced; `EMPTY` removes one.

        The row's attributes and raw source stay: who renders it compares them with the cells.
        """
        return row_of({**dict(self.cells()), **changes}, self.attributes, self.raw)


EMPTY_ROW = Row()


def same_row(one: Row, other: Row) -> bool:
    """Whether two rows hold the very same: 1 is not 1.0, and not true."""
    return (
        one == other
        and all(map(identical, one.values, other.values))
        and all(identical(value, other.computed[column]) for column, value in one.computed.items())
    )


def row_of(cells: Mapping[int, Cell], attributes: str = "", raw: bytes | None = None) -> Row:
    """A row of cells given by zero-based column, in any order; `EMPTY` ones are left out."""
    kept = sorted((column, cell) for column, cell in cells.items() if cell != EMPTY)
    styles = tuple(cell.style for _, cell in kept)
    return Row(
        columns=tuple(column for column, _ in kept),
        values=tuple(cell.value for _, cell in kept),
        styles=styles if any(styles) else (),
        formulas={column: cell.formula for column, cell in kept if cell.formula is not None},
        computed={column: cell.computed for column, cell in kept if cell.computed is not None},
        extras={column: cell.extra for column, cell in kept if cell.extra is not None},
        attributes=attributes,
        raw=raw,
    )
