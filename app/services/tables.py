"""Sheets of any revision as tables, whole or a run of rows after the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.formats.tables import Table, Values, are_dates, column_names, dates
from app.services.windows import View
from app.store.arrays import NOTHING, Holds
from app.store.columns import Column, each_block, load

_BATCH_CELLS = 1_000_000
"""How many cells, empty ones too, a run of rows has that is in memory at a time."""
_MOST_CELLS = 500_000_000
"""How many cells, empty ones too, a table has that is read run by run: its empty cells cost time as well."""


class TooSparse(ValueError):
    """As a table, with all its empty cells, the sheet would be too large."""

    def __init__(self) -> None:
        super().__init__(
            f"With its empty cells, this sheet has more than {_MOST_CELLS:,} cells. Download it as "
            "xlsx or csv, or delete what lies far from the rest."
        )


@dataclass(slots=True)
class _Kind:
    """What a whole column holds, and whether all its numbers are dates (None: so far it has none)."""

    holds: Holds = NOTHING
    dates: bool | None = None


class SheetTable:
    """The rows of a sheet, down to the last that holds a value, as columns of what its cells show.

    header: the first row names the columns; else their letters do. Columns that have neither a name nor a
    value are left out.
    """

    def __init__(self, view: View, *, header: bool = True) -> None:
        self._tree = view.tree
        self._look = view.look
        self._start = int(header)
        heads = view.tree.row(0).cells() if header else ()
        self._heads = {column: text for column, cell in heads if (text := view.shown(cell).text.strip())}
        self._kinds = {column: _Kind() for column in self._heads}
        self._stop = self._start  # one past the last row that holds a value

    def whole(self) -> Table:
        """All rows at once."""
        loaded = load(self._tree, self._start)
        self._survey(self._start, loaded)
        return self._table(loaded, self._stop - self._start)

    def batches(self) -> Iterator[Table]:
        """Runs of rows one after the other, at least one, each column of the type that `whole` gives it.

        Reads the sheet twice: what a column holds is known at its end only. Raises TooSparse.
        """
        for first, columns in each_block(self._tree, self._start):
            self._survey(first, columns)
        if (self._stop - self._start) * len(self._kinds) > _MOST_CELLS:
            raise TooSparse
        step = max(1, _BATCH_CELLS // max(1, len(self._kinds)))
        for start in range(self._start, max(self._stop, self._start + 1), step):
            stop = min(start + step, self._stop)
            yield self._table(load(self._tree, start, stop), stop - start)

    def _survey(self, start: int, loaded: Mapping[int, Column]) -> None:
        """Take note of what the columns of the rows from `start` on hold."""
        for index, column in loaded.items():
            if not column.height:
                continue
            self._stop = max(self._stop, start + column.height)
            kind = self._kinds.setdefault(index, _Kind())
            kind.holds |= column.holds
            if column.holds and kind.dates is not False:
                styles = column.styles()
                kind.dates = styles is not None and are_dates(column.values(), styles, self._look)

    def _table(self, loaded: Mapping[int, Column], height: int) -> Table:
        """The first rows of loaded columns, of the types that were found in all rows."""
        columns = sorted(self._kinds)
        return {
            name: self._values(loaded.get(column) or Column(height), self._kinds[column], height)
            for name, column in zip(column_names(self._heads, columns), columns, strict=True)
        }

    def _values(self, column: Column, kind: _Kind, height: int) -> Values:
        values = column.values(kind.holds)[:height]
        return dates(values, self._look) if kind.dates else values
