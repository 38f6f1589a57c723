"""Addresses of cells and ranges in A1 notation, and the limits of a sheet.

Rows and columns are zero-based everywhere in the code; A1 notation is one-based, as people write it.
Limits: ECMA-376 leaves them to the application; these are Excel's, so that every file fits both ways.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
"""Characters in one cell, in UTF-16 code units as Excel counts them."""

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_RANGE = re.compile(r"(\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6})(?::(\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}))?")


class BadAddress(ValueError):
    """Not a cell or range of a sheet: `text` is what was given."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text}” is no cell or range. Write it like B2 or A1:C10, within A1:XFD{MAX_ROWS}."
        )
        self.text = text


class Range(NamedTuple):
    """A rectangle of cells: first and last row and column, zero-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """Whether the cell at (row, column) lies inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def positions(self) -> Iterator[tuple[int, int]]:
        """Every (row, column) inside, row by row."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield row, column

    @property
    def size(self) -> int:
        """How many cells lie inside."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


@lru_cache(maxsize=MAX_COLUMNS)
def column_name(column: int) -> str:
    """The letters of a zero-based column: 0 → A, 16383 → XFD."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


@lru_cache(maxsize=MAX_COLUMNS)
def column_index(letters: str) -> int:
    """The zero-based column of its letters, in either case. The caller checks the limit."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def cell_name(row: int, column: int) -> str:
    """A1 notation of a zero-based row and column."""
    return f"{column_name(column)}{row + 1}"


def parse_cell(text: str) -> tuple[int, int]:
    """(row, column), zero-based, of a cell in A1 notation; `$` signs are allowed and ignored.

    Raises BadAddress where the text is no cell or lies outside the limits.
    """
    match = _CELL.fullmatch(text.strip())
    if match:
        row, column = int(match[2]) - 1, column_index(match[1])
        if row < MAX_ROWS and column < MAX_COLUMNS:
            return row, column
    raise BadAddress(text)


def parse_range(text: str) -> Range:
    """The range a text such as ``B2`` or ``A1:C10`` names, its corners in any order.

    Raises BadAddress as `parse_cell` does.
    """
    match = _RANGE.fullmatch(text.strip())
    if not match:
        raise BadAddress(text)
    row, column = parse_cell(match[1])
    other_row, other_column = parse_cell(match[2] or match[1])
    return Range(
        min(row, other_row), min(column, other_column), max(row, other_row), max(column, other_column)
    )
