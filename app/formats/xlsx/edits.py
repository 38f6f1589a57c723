"""Which edits a worksheet cannot take: cells inside the range of an array formula or data table."""

from collections.abc import Callable

from app.formats.xlsx.cells import decode_extra
from app.formats.xlsx.frame import Frame
from app.sheet.address import Range, cell_name
from app.sheet.cell import Cell
from app.sheet.step import CellStep


class ArrayPartEdit(ValueError):
    """Part of an array formula or data table cannot be changed on its own.

    row, column: the refused cell. anchor: the cell that holds the formula. area: what it fills.
    """

    def __init__(self, row: int, column: int, anchor: tuple[int, int], area: Range, kind: str) -> None:
        what = "a data table" if kind == "dataTable" else "an array formula"
        super().__init__(
            f"{cell_name(row, column)} is filled by {what} in "
            f"{cell_name(area.top, area.left)}:{cell_name(area.bottom, area.right)}. "
            f"Change {cell_name(*anchor)} instead, or clear it first."
        )
        self.row, self.column, self.anchor, self.area = row, column, anchor, area


def check_edits(frame: bytes, step: CellStep, cell: Callable[[int, int], Cell]) -> None:
    """Raise ArrayPartEdit where one of the cells that a step changes may not be edited.

    frame: the sheet's; cell: gives the sheet's cell at (row, column) before the edit. The anchor of an
    array may be edited, and what it filled along with it or afterwards.
    """
    for array in Frame.decode(frame).arrays if frame else []:
        area = Range(array.top, array.left, array.bottom, array.right)
        anchor = (array.row, array.column)
        inside = step.first_within(area) if area.size > 1 else None
        if inside is None or step.first_within(Range(*anchor, *anchor)):
            continue
        if f't="{array.kind}"' in decode_extra(cell(*anchor).extra).f:
            raise ArrayPartEdit(*inside, anchor, area, array.kind)
