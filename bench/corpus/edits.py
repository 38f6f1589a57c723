"""One-cell edits of a workbook, one of each kind it has a cell for, chosen by a seed."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple, TypeAlias

from app.formats.xlsx.cells import decode_extra
from app.formats.xlsx.edits import ArrayPartEdit, check_edits
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.tables import header_of
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, Range, cell_name
from app.sheet.cell import EMPTY, Cell, plain_text
from app.sheet.operations import Entered, SetCells
from app.sheet.references import relative
from app.sheet.row import Row
from app.sheet.step import CellsChanged, cells_changed
from app.sheet.strip import CellChange
from app.store.state import State

Content: TypeAlias = str | int | float | None

_CLEARED: Content = None
_CONTENTS: dict[str, tuple[Content, ...]] = {
    "xlsx": ("entered anew: “a” & <b>", " of spaces \n and lines ", 1234.5, -7, True, "=SUM(1,2)*3"),
    "csv": ("entered anew", ' of "marks"\n, and lines ', 1234.5, -7, True),
}
"""What is entered, by the workbook's format: values, text that begins with = as a formula, None to clear."""


class Edit(NamedTuple):
    """An edit: its kind, the sheet's id, the cell's zero-based place, what is entered, what was there.

    filled: the range whose values the cell's formula gave: its own, or that of its array.
    """

    kind: str
    sheet: int
    row: int
    column: int
    content: Content
    before: Cell
    filled: Range

    @property
    def entered(self) -> Entered:
        """The content as an operation takes it."""
        if isinstance(self.content, str) and self.content.startswith("="):
            return Entered(None, relative(self.content[1:], self.row, self.column))
        return Entered(self.content)

    def place(self, state: State) -> str:
        """Where the cell stands, as a person reads it."""
        return f"{state.sheet(self.sheet).name}!{cell_name(self.row, self.column)}"

    def applied(self, state: State) -> State:
        """The state after the edit, by the same steps a revision takes."""
        operation = SetCells(self.sheet, {(self.row, self.column): self.entered})
        changes = tuple(operation.changes(state.tree(self.sheet)))
        return state.with_changes(CellsChanged(self.sheet, changes, len(changes)))


def edits(state: State, seed: str) -> list[Edit]:
    """An edit of each kind that the workbook has a cell for; the same for the same seed.

    Kinds: constant, formula, shared formula (the cell that holds its text), blank (styled), gap (beside
    others), new row, empty sheet, table header.
    """
    random = Random(seed)  # noqa: S311 — chosen for variety, not secrecy
    chosen: dict[str, tuple[int, int, int, Cell]] = {}
    met: dict[str, int] = {}
    for kind, place in _places(state, random):
        met[kind] = met.get(kind, 0) + 1
        if random.randrange(met[kind]) == 0 and _is_allowed(state, place):
            chosen[kind] = place
    found = []
    for kind, (sheet, row, column, before) in sorted(chosen.items()):
        contents = _CONTENTS[state.manifest.format]
        if kind in ("constant", "formula", "shared formula"):
            contents += (_CLEARED,)
        elif kind == "table header":
            contents = contents[:1]
        filled = _filled(state, sheet, row, column)
        found.append(Edit(kind, sheet, row, column, random.choice(contents), before, filled))
    return found


def _is_allowed(state: State, place: tuple[int, int, int, Cell]) -> bool:
    """Whether the cell is none that an array formula fills."""
    sheet, row, column, cell = place
    if state.manifest.format != "xlsx":
        return True
    tree = state.tree(sheet)
    step = cells_changed(sheet, [CellChange(row, column, cell, EMPTY)])
    try:
        check_edits(state.frame(sheet), step, lambda r, c: tree.cells([(r, c)])[r, c])
    except ArrayPartEdit:
        return False
    return True


def _filled(state: State, sheet: int, row: int, column: int) -> Range:
    """The range that the formula in a cell gives values to."""
    arrays = Frame.decode(state.frame(sheet)).arrays if state.manifest.format == "xlsx" else []
    for array in arrays:
        if (array.row, array.column) == (row, column):
            return Range(array.top, array.left, array.bottom, array.right)
    return Range(row, column, row, column)


def _places(state: State, random: Random) -> Iterator[tuple[str, tuple[int, int, int, Cell]]]:
    """(kind, (sheet, row, column, cell)) of every cell that an edit may go to."""
    for sheet in state.sheets:
        if sheet.kind != "worksheet":
            continue
        frame = state.frame(sheet.id)
        headers = set[tuple[int, int]]()
        if state.manifest.format == "xlsx":
            for part in Frame.decode(frame).tables:
                if header := header_of(state.parts[part]):
                    headers |= {(header.top, column) for column in range(header.left, header.right + 1)}
        expected, width, is_empty = 0, 1, True
        for index, row in state.tree(sheet.id).rows():
            if index > expected:
                yield "new row", (sheet.id, random.randrange(expected, index), random.randrange(width), EMPTY)
            expected, is_empty = index + 1, is_empty and not row.columns
            width = max(width, row.columns[-1] + 1 if row.columns else 1)
            for kind, column, cell in _of_row(index, row, random, headers):
                yield kind, (sheet.id, index, column, cell)
        if is_empty and not expected:
            yield "empty sheet", (sheet.id, random.randrange(9), random.randrange(9), EMPTY)
        elif expected < MAX_ROWS:
            yield "new row", (sheet.id, min(expected + random.randrange(3), MAX_ROWS - 1), 0, EMPTY)


def _of_row(
    index: int, row: Row, random: Random, headers: set[tuple[int, int]]
) -> Iterator[tuple[str, int, Cell]]:
    for column, cell in row.cells():
        if (index, column) in headers:
            if plain_text(cell.shown):
                yield "table header", column, cell
        elif cell.formula is None:
            yield ("blank" if cell.value is None else "constant"), column, cell
        else:
            extra = decode_extra(cell.extra)
            yield ("shared formula" if extra.group and not extra.child else "formula"), column, cell
    free = random.randrange(min(row.columns[-1] + 3, MAX_COLUMNS) if row.columns else 3)
    if free not in row.columns and (index, free) not in headers:
        yield "gap", free, EMPTY
