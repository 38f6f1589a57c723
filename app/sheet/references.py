"""References inside formulas, kept relative to their cell.

The relative form of a formula is its text with each cell reference replaced by U+0001 followed by
R1C1 notation: in B3, ``A1*$C$2`` is ``␁R[-2]C[-1]*␁R2C3``. So a formula that moves along with what it
refers to stays the same text, equal formulas down a column are equal, and a block of rows does not
depend on where it stands. U+0001 cannot occur in a file's XML, and it keeps names such as ``RC`` apart.

Only what the grammar of ECMA-376-1 §18.17 allows as an A1 reference in capitals is taken for one; all
other text is kept as it is, so that ``absolute(relative(f, r, c), r, c) == f`` holds for every text.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from app.sheet.address import MAX_COLUMNS, MAX_ROWS, column_index, column_name

_MARK = "\x01"
REFERENCE_GONE = "#REF!"
_REMEMBERED = 1_000
"""Characters of a formula up to which what was found out about it is kept."""
_NOWHERE = 2 * MAX_ROWS
"""A row offset that leads out of the sheet from everywhere."""

_A1 = re.compile(
    r"""
      "(?:[^"]|"")*"                                   # text
    | '(?:[^']|'')*'                                   # a quoted sheet name
    | \[(?:[^\[\]]|\[[^\[\]]*\])*\]                    # a workbook, or the inside of a table reference
    | \#[A-Z0-9/]+[!?]?                                # an error
    | (?P<from_column>\$?[A-Z]{1,3}):(?P<to_column>\$?[A-Z]{1,3})(?![\w.(!$\\?])
    | (?P<from_row>\$?[1-9][0-9]{0,6}):(?P<to_row>\$?[1-9][0-9]{0,6})(?![\w.(!$\\?])
    | (?P<column>\$?[A-Z]{1,3})(?P<row>\$?[1-9][0-9]{0,6})
      (?![\w.(!$\\?]|:[\w.]+!)                         # no function, longer name, or sheet's name
    | [^\W\d][\w.\\?]*                                 # a name or function
    | [0-9]+\.?[0-9]*(?:E[+-]?[0-9]+)?                 # a number
    | \x01
    """,
    re.VERBOSE,
)
_TYPED = re.compile(_A1.pattern, re.VERBOSE | re.IGNORECASE)
_RELATIVE = re.compile(
    r"\x01(?:(?P<mark>\x01)|(?P<row>R(?:\[(?P<by_row>-?[0-9]+)\]|(?P<at_row>[0-9]+))?)?"
    r"(?P<column>C(?:\[(?P<by_column>-?[0-9]+)\]|(?P<at_column>[0-9]+))?)?)"
)


def relative(formula: str, row: int, column: int) -> str:
    """The relative form of an A1 formula (without ``=``) that stands at a zero-based row and column."""

    def replace(match: re.Match[str]) -> str:
        text = match[0]
        if match["column"]:
            at_row, at_column = _row_part(match["row"], row), _column_part(match["column"], column)
            return f"{_MARK}{at_row}{at_column}" if at_row and at_column else text
        if match["from_column"]:
            first, last = (_column_part(match[end], column) for end in ("from_column", "to_column"))
        elif match["from_row"]:
            first, last = (_row_part(match[end], row) for end in ("from_row", "to_row"))
        else:
            return _MARK + _MARK if text == _MARK else text
        return f"{_MARK}{first}:{_MARK}{last}" if first and last else text

    return _A1.sub(replace, formula)


def absolute(formula: str, row: int, column: int) -> str:
    """The A1 text (without ``=``) of a formula in relative form, as seen from a zero-based row and column.

    A reference that would lie outside the sheet becomes ``#REF!``.
    """
    if _MARK not in formula:
        return formula
    if len(formula) <= _REMEMBERED and (text := _layout(formula, column).at(row)) is not None:
        return text

    def replace(match: re.Match[str]) -> str:
        if match["mark"]:
            return _MARK
        letters = digits = ""
        if match["column"]:
            at, fixed = _resolve(match["by_column"], match["at_column"], column)
            if not 0 <= at < MAX_COLUMNS:
                return REFERENCE_GONE
            letters = fixed + column_name(at)
        if match["row"]:
            at, fixed = _resolve(match["by_row"], match["at_row"], row)
            if not 0 <= at < MAX_ROWS:
                return REFERENCE_GONE
            digits = f"{fixed}{at + 1}"
        return letters + digits

    return _RELATIVE.sub(replace, formula)


class FilledDown:
    """Makes the relative forms of a sheet's formulas, most of which are the one above them filled down."""

    def __init__(self) -> None:
        self._above: dict[int, str] = {}

    def relative(self, formula: str, row: int, column: int) -> str:
        """What `relative` gives, in a tenth of the time for a formula as the last one of its column.

        In one column only the digits of row numbers differ between formulas of one relative form. They
        never make another kind of token of a reference, so the text can have no other form.
        """
        above = self._above.get(column)
        if above is not None and _layout(above, column).at(row) == formula:
            return above
        found = relative(formula, row, column)
        if len(found) <= _REMEMBERED:
            self._above[column] = found
        return found


class _Layout(NamedTuple):
    """A relative form as seen from a column: its text with ``%d`` for each row number that follows its cell.

    offsets: what is added to a zero-based row to give each of these numbers. least, most: of the offsets.
    """

    text: str
    offsets: tuple[int, ...]
    least: int
    most: int

    def at(self, row: int) -> str | None:
        """The A1 text as seen from a zero-based row; None where a reference would lie outside the sheet."""
        if row + self.least < 1 or row + self.most > MAX_ROWS:
            return None
        return self.text % tuple([row + offset for offset in self.offsets])


@lru_cache(maxsize=2048)
def _layout(formula: str, column: int) -> _Layout:
    offsets: list[int] = []

    def replace(match: re.Match[str]) -> str:
        if match["mark"]:
            return _MARK
        letters = digits = ""
        if match["column"]:
            at, fixed = _resolve(match["by_column"], match["at_column"], column)
            if not 0 <= at < MAX_COLUMNS:
                offsets.append(_NOWHERE)
            letters = fixed + column_name(max(at, 0))
        if match["at_row"]:
            number = int(match["at_row"])
            digits = f"${number}"
            if not 0 < number <= MAX_ROWS:
                offsets.append(_NOWHERE)
        elif match["row"]:
            offsets.append(int(match["by_row"] or 0) + 1)
            digits = "%d"
        return letters + digits

    text = _RELATIVE.sub(replace, formula.replace("%", "%%"))
    return _Layout(text, tuple(offsets), min(offsets, default=1), max(offsets, default=1))


def capitalised(formula: str) -> str:
    """An A1 formula as typed, its references in capitals as spreadsheets write them."""

    def replace(match: re.Match[str]) -> str:
        return match[0].upper() if match["column"] or match["from_column"] else match[0]

    return _TYPED.sub(replace, formula)


def _row_part(digits: str, row: int) -> str:
    """R1C1 notation of the row of an A1 reference; empty where it is beyond the sheet."""
    number = int(digits.lstrip("$"))
    if number > MAX_ROWS:
        return ""
    return f"R{number}" if digits[0] == "$" else _offset("R", number - 1 - row)


def _column_part(letters: str, column: int) -> str:
    """R1C1 notation of the column of an A1 reference; empty where it is beyond the sheet."""
    index = column_index(letters.lstrip("$"))
    if index >= MAX_COLUMNS:
        return ""
    return f"C{index + 1}" if letters[0] == "$" else _offset("C", index - column)


def _offset(axis: str, by: int) -> str:
    return f"{axis}[{by}]" if by else axis


def _resolve(by: str | None, at: str | None, origin: int) -> tuple[int, str]:
    """(zero-based position, "$" where it is absolute) of one half of a reference."""
    return (int(at) - 1, "$") if at else (origin + int(by or 0), "")
