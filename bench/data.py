"""Seeded rows as businesses keep them: ids, dates as text, names, codes, quantities, prices, notes."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np

from app.sheet.cell import Value
from app.sheet.document import Document, SheetSource
from app.sheet.row import Row

SEED = 20_260
BATCH = 5_000
"""Rows made at a time; each batch has its own seed, so any of them comes out the same alone."""

HEADER = ("Order", "Date", "Customer", "Region", "Category", "Code", "Quantity", "Price", "Total", "Note")
WIDTH = len(HEADER)
QUANTITY, PRICE, NOTE = 6, 7, 9
"""Columns that edits go to."""

_FIRST = ("Ada Ben Clara David Elif Farid Grace Hugo Ines Jonas Kim Lea Marta Noah Olga Pia Quentin Rosa "
          "Samir Tara Ulla Victor Wanda Xaver Yusuf Zoe").split()  # fmt: skip
_LAST = ("Abel Becker Costa Dupont Evans Fischer Garcia Hansen Ivanov Jensen Keller Lopez Meyer Novak "
         "O'Brien Petrov Quist Rossi Silva Taylor Ueda Vogel Weber Xu Young Zimmermann").split()  # fmt: skip
_CUSTOMERS = [f"{first} {last}" for first in _FIRST for last in _LAST]
_REGIONS = ("North", "South", "East", "West", "Overseas")
_CATEGORIES = ("Beverages", "Stationery", "Furniture", "Lighting", "Tools", "Textiles", "Toys", "Garden",
               "Electronics", "Books", "Services", "Other")  # fmt: skip
_DATES = [(date(2023, 1, 1) + timedelta(days=day)).isoformat() for day in range(1_461)]
_REMARKS = (
    "call back",
    "delivered late",
    "discount agreed by phone",
    "partial delivery",
    "returned, see file",
)
_ROWS_A_DAY = 700
_NOTED = 0.04


class Size(NamedTuple):
    """A sheet to measure: rows (the first is its header) by columns, and how many revisions it gets."""

    rows: int
    width: int
    revisions: int


def rows(count: int, width: int = WIDTH) -> Iterator[tuple[int, Row]]:
    """`count` rows, the first of them the header, as a file's reader hands them over.

    width: a multiple of WIDTH; the columns repeat with other values.
    """
    for start in range(0, count, BATCH):
        yield from batch(start, min(BATCH, count - start), width)


def batch(start: int, count: int, width: int = WIDTH) -> list[tuple[int, Row]]:
    """The rows from `start`, a multiple of BATCH, on."""
    sections = [_section(start, count, section) for section in range(width // WIDTH)]
    whole = tuple(range(width))
    made = []
    for at, parts in enumerate(zip(*sections, strict=True)):
        values = tuple(value for part in parts for value in part)
        if None in values:
            held = tuple(column for column in whole if values[column] is not None)
            made.append((start + at, Row(held, tuple(values[column] for column in held))))
        else:
            made.append((start + at, Row(whole, values)))
    return made


def document(count: int, width: int = WIDTH) -> Document:
    """The rows as a workbook of one sheet."""
    return Document("blank", [SheetSource("Orders", b"", partial(rows, count, width))])


def _section(start: int, count: int, section: int) -> Sequence[tuple[Value, ...]]:
    """The values of ten columns; None where a row has no note."""
    random = np.random.default_rng([SEED, section, start])
    numbers = np.arange(start, start + count)
    days = np.minimum(numbers // _ROWS_A_DAY, len(_DATES) - 4) + random.integers(0, 3, count)
    quantities = random.integers(1, 60, count)
    cents = np.round(random.lognormal(7.5, 1.0, count)).astype(int) + 49
    notes = (random.random(count) < _NOTED).tolist()
    remarks = random.integers(0, len(_REMARKS), count).tolist()
    made: list[tuple[Value, ...]] = list(
        zip(
            (numbers + 100_000).tolist(),
            [_DATES[day] for day in days.tolist()],
            [_CUSTOMERS[at] for at in random.integers(0, len(_CUSTOMERS), count).tolist()],
            [_REGIONS[at] for at in random.integers(0, len(_REGIONS), count).tolist()],
            [_CATEGORIES[at] for at in random.integers(0, len(_CATEGORIES), count).tolist()],
            [f"{code:07d}" for code in random.integers(0, 80_000, count).tolist()],
            quantities.tolist(),
            [price / 100 for price in cents.tolist()],
            [total / 100 for total in (cents * quantities).tolist()],
            [_REMARKS[at] if noted else None for noted, at in zip(notes, remarks, strict=True)],
            strict=True,
        )
    )
    if start == 0:
        made[0] = HEADER
    return made
