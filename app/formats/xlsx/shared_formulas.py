"""Groups of shared formulas while a sheet is written: a group whose master is gone gets a new one.

In a file, one cell of the group, its master, holds the formula and the range; the others point to it.
"""

import re
from collections.abc import Callable, Iterable

import msgspec

from app.formats.xlsx.cells import decode_extra, encode_extra
from app.sheet.address import cell_name
from app.sheet.cell import Cell
from app.sheet.references import relative
from app.sheet.row import Row

_CHILD = re.compile(r'\st="shared"')


class SharedFormulas:
    """Follows a sheet's rows in order and mends the shared formulas in them.

    rows: gives the sheet's rows anew; read once more only where a group has lost its master.
    """

    def __init__(self, rows: Callable[[], Iterable[tuple[int, Row]]]) -> None:
        self._rows = rows
        self._masters: dict[str, str] = {}
        self._succeeded: set[str] = set()
        self._later: dict[str, list[tuple[int, int, bool, str]]] | None = None

    def mended(self, index: int, row: Row) -> Row:
        """The row, with cells in it made masters, or given formulas of their own, where they must be."""
        if not row.formulas or not row.extras:
            return row
        changes: dict[int, Cell] = {}
        for column in row.extras:
            formula = row.formulas.get(column)
            extra = decode_extra(row.extras[column])
            if formula is None or (group := extra.group) is None:
                continue
            if not extra.child and not (group in self._succeeded and self._masters[group] == formula):
                self._masters[group] = formula
            elif (master := self._masters.get(group)) is None:
                changes[column] = self._successor(group, formula, index, column, row.cell(column))
                self._masters[group] = formula
                self._succeeded.add(group)
            elif not extra.child or master != formula:
                # Rows that came out of order have been sorted, and a master may stand behind its group.
                cell = row.cell(column)
                changes[column] = msgspec.structs.replace(
                    cell, extra=encode_extra(msgspec.structs.replace(extra, f="", child=False))
                )
        return row.with_cells(changes) if changes else row

    def _successor(self, group: str, formula: str, row: int, column: int, cell: Cell) -> Cell:
        """The cell as its group's new master."""
        members = [
            (at_row, at_column)
            for at_row, at_column, child, known in self._members()[group]
            if child and known == formula
        ]
        area = (
            f"{cell_name(min(r for r, _ in members), min(c for _, c in members))}:"
            f"{cell_name(max(r for r, _ in members), max(c for _, c in members))}"
        )
        extra = decode_extra(cell.extra)
        attributes = _CHILD.sub(
            lambda match: f'{match[0]} ref="{relative(area, row, column)}"', extra.f, count=1
        )
        return msgspec.structs.replace(
            cell, extra=encode_extra(msgspec.structs.replace(extra, f=attributes, child=False))
        )

    def _members(self) -> dict[str, list[tuple[int, int, bool, str]]]:
        """(row, column, child, formula) of every member of every group."""
        if self._later is None:
            self._later = {}
            for index, row in self._rows():
                for column, text in row.extras.items():
                    extra, formula = decode_extra(text), row.formulas.get(column)
                    if formula is not None and (group := extra.group) is not None:
                        self._later.setdefault(group, []).append((index, column, extra.child, formula))
        return self._later
