"""Cells that an array formula or a data table fills are not edited on their own."""

from collections.abc import Callable

import pytest

from app.formats.xlsx.edits import ArrayPartEdit, check_edits
from app.sheet.address import parse_cell
from app.sheet.cell import EMPTY, Cell
from app.sheet.step import cells_changed
from app.sheet.strip import CellChange
from tests.formats.xlsx.packages import cells, document, worksheet

ARRAY = (
    '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2*2</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><v>4</v></c><c r="C2"><f t="array" ref="C2">SUM(A1:A2)</f></c></row>'
    '<row r="3"><c r="E3"><f t="dataTable" ref="E3:E4" dt2D="0" r1="A1"/><v>1</v></c></row>'
)
SHEET = worksheet(ARRAY)


def cell_of(found: dict[tuple[int, int], Cell]) -> Callable[[int, int], Cell]:
    return lambda row, column: found.get((row, column), EMPTY)


def check(*places: str, found: dict[tuple[int, int], Cell] | None = None) -> None:
    frame = document(SHEET).sheets[0].frame
    changes = [CellChange(*parse_cell(place), EMPTY, Cell("x")) for place in places]
    check_edits(frame, cells_changed(1, changes), cell_of(cells(SHEET) if found is None else found))


@pytest.mark.parametrize("places", [["A2"], ["B9", "A2"], ["E4"]])
def test_a_part_of_an_array_is_refused(places: list[str]) -> None:
    """A cell that another's formula fills cannot be changed alone."""
    with pytest.raises(ArrayPartEdit) as caught:
        check(*places)
    assert caught.value.anchor == (parse_cell("A1") if "A2" in places else parse_cell("E3"))


@pytest.mark.parametrize("places", [["A1"], ["A1", "A2"], ["C2"], ["B1"], []])
def test_other_cells_are_free(places: list[str]) -> None:
    """The anchor may be edited, with all its range or alone; so may a formula that fills itself only."""
    check(*places)


def test_an_array_that_is_gone_holds_nothing() -> None:
    """Once the anchor is edited, what it filled is free."""
    check("A2", found={(0, 0): Cell(1)})


def test_the_refusal_says_what_to_do() -> None:
    """The message names the cell, the range and its anchor."""
    with pytest.raises(ArrayPartEdit, match=r"A2 is filled by an array formula in A1:A2\. Change A1 instead"):
        check("A2")
