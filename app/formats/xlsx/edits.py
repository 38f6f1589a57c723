"""Which edits a worksheet cannot take: cells inside the range of an array formula or data table."""

from collections.abc import Callable, Iterable

from app.formats.xlsx.cells import decode_extra
from app.formats.xlsx.frame import Frame
from app.sheet.address import Range, cell_name
from app.sheet.cell import Cell


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


def check_edits(frame: bytes, positions: Iterable[tuple[int, int]], cell: Callable[[int, int], Cell]) -> None:
    """Raise ArrayPartEdit where one of the (row, column) positions may not be edited.

    frame: the sheet's; cell: gives the sheet's cell at (row, column) before the edit. The anchor of an
    array may be edited, and what it filled along with it or afterwards.
    """
    arrays = Frame.decode(frame).arrays if frame else []
    if not arrays:
        return
    edited = set(positions)
    for array in arrays:
        area = Range(array.top, array.left, array.bottom, array.right)
        anchor = (array.row, array.column)
        if area.size == 1 or anchor in edited:
            continue
        inside = min(
            (
                (row, column)
                for row, column in edited
                if area.top <= row <= area.bottom and area.left <= column <= area.right
            ),
            default=None,
        )
        if inside and f't="{array.kind}"' in decode_extra(cell(*anchor).extra).f:
            raise ArrayPartEdit(*inside, anchor, area, array.kind)
