"""Edits of sheet 1, and what it then holds, for tests of the history."""

from app.services import commits, revisions
from app.sheet.address import parse_cell
from app.sheet.operations import Entered, SetCells
from tests.factories import NOW


def sets(cells, sheet=1):
    return [SetCells(sheet, {parse_cell(at): Entered(value) for at, value in cells.items()})]


def edit(actor, workbook_id, base, cells, **more):
    return commits.commit(actor, workbook_id, base, sets(cells), now=NOW, via="grid", **more)


def values(actor, workbook_id, number=None):
    """Every value of sheet 1 by (row, column)."""
    tree = revisions.open_revision(actor, workbook_id, number).state.tree(1)
    return {(row, column): cell.shown for row, content in tree.rows() for column, cell in content.cells()}
