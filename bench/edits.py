"""The revisions a sheet goes through: mostly one cell, at times a pasted column or a filled one."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from app.sheet.address import Range
from app.sheet.operations import Entered, FillRange, Operation, SetCells
from bench.data import NOTE, PRICE, QUANTITY, SEED

SHEET = 1
ONE, PASTE, FILL = "one cell", "20 cells", "fill a column"
PASTED = 20
"""Cells of a paste: 20 rows of one column, one below another."""
NOTES = (
    "Inserting and deleting rows does not exist yet: its 4 % of the revisions are one-cell edits here.",
    "Rows are chosen evenly over the whole sheet; real edits lie closer together and cost less.",
)
_PASTE_SHARE, _FILL_SHARE = 0.15, 0.01


class Edit(NamedTuple):
    """A revision to make: its sort, and what it does."""

    sort: str
    operation: Operation


def script(revisions: int, rows: int, width: int) -> Iterator[Edit]:
    """Seeded edits of a sheet of `rows` rows; fills go to the column after the last, spread evenly."""
    random = np.random.default_rng([SEED, revisions, rows])
    fills = max(1, round(revisions * _FILL_SHARE))
    every = revisions // fills
    for number in range(revisions):
        if number % every == every - 1 and number // every < fills:
            value = f"checked {number}"
            yield Edit(FILL, FillRange(SHEET, Range(1, width, rows - 1, width), Entered(value)))
            continue
        kind = int(random.integers(0, 3))
        column = (QUANTITY, PRICE, NOTE)[kind]
        if random.random() < _PASTE_SHARE / (1 - _FILL_SHARE):
            first = int(random.integers(1, max(2, rows - PASTED)))
            cells = {(row, column): _entered(random, kind) for row in range(first, first + PASTED)}
            yield Edit(PASTE, SetCells(SHEET, cells))
        else:
            row = int(random.integers(1, rows))
            yield Edit(ONE, SetCells(SHEET, {(row, column): _entered(random, kind)}))


def _entered(random: np.random.Generator, kind: int) -> Entered:
    """A quantity, a price or a note. Quantities exceed all there were: an edit has to change something."""
    number = int(random.integers(100, 100_000))
    return Entered((60 + number % 900, number / 100, f"corrected, ticket {number}")[kind])
