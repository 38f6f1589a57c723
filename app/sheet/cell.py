"""Cells and the values they hold."""

from typing import TypeAlias

import msgspec

EXACT = 2**53
"""Whole numbers up to this size are the same as int and as float64."""


class ErrorValue(msgspec.Struct, frozen=True, gc=False):
    """An error such as ``#DIV/0!``; `code` is the text a spreadsheet shows."""

    code: str


class RichText(msgspec.Struct, frozen=True, gc=False):
    """Text whose parts are formatted one by one.

    `text` is what is read; `markup` is the file's own source of the runs, carried uninterpreted.
    """

    text: str
    markup: str


class LexicalNumber(float):
    """A float64 that remembers how its file wrote it, where the shortest form would differ.

    Compares as the number it is: ``LexicalNumber("1.50") == 1.5``.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "LexicalNumber":
        """Read `text`, a decimal number; raises ValueError where it is none."""
        number = float.__new__(cls, text)
        number.text = text
        return number


Value: TypeAlias = bool | int | float | str | ErrorValue | RichText | None
"""None is empty. Numbers are float, or int where that is exact. Dates are numbers, as in Excel."""

Scalar: TypeAlias = bool | int | float | str | None
"""What is left of a value for those who compute with it, see `scalar`."""


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One cell.

    value: what was entered; None where the cell is blank or holds a formula.
    formula: without its ``=``, references relative to the cell (see `app.sheet.references`).
    computed: the formula's last computed value; None where there is none yet.
    style: index of the cell's format in its workbook's styles; 0 is the default.
    extra: what its file says of the cell that Cellar carries but does not interpret.
    """

    value: Value = None
    formula: str | None = None
    computed: Value = None
    style: int = 0
    extra: str | None = None

    @property
    def shown(self) -> Value:
        """The value a reader sees: the computed one of a formula, else what was entered."""
        return self.value if self.formula is None else self.computed


EMPTY = Cell()


def identical(one: Value, other: Value) -> bool:
    """Whether two values are the same to the last detail: type, value and the way a number is written."""
    return type(one) is type(other) and one == other and getattr(one, "text", 0) == getattr(other, "text", 0)


def identical_cells(one: Cell, other: Cell) -> bool:
    """Whether two cells are the same to the last detail; equality alone takes 1, 1.0 and TRUE for one."""
    return one == other and identical(one.value, other.value) and identical(one.computed, other.computed)


def identical_entries(one: Cell, other: Cell) -> bool:
    """Whether the same was put into two cells, to the last detail; looks and computed values aside."""
    return one.formula == other.formula and identical(one.value, other.value)


def scalar(value: Value) -> Scalar:
    """A number without its spelling, a text without its looks; None for an error as for an empty cell.

    A number written as a whole one is an int, so that all its digits stay.
    """
    match value:
        case ErrorValue():
            return None
        case RichText(text=text):
            return text
        case LexicalNumber():
            return int(value.text) if is_whole(value.text) else float(value)
    return value


def is_whole(text: str) -> bool:
    """Whether a number's text has no decimal point and no exponent."""
    return text.lstrip("+-").isdecimal()


def plain_text(value: Value) -> str:
    """The value as exact text, without a number format: what a CSV field or a search sees."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case LexicalNumber():
            return value.text
        case float() if value.is_integer() and abs(value) <= EXACT and str(value) != "-0.0":
            return str(int(value))
        case float() | int():
            return repr(value)
        case str():
            return value
        case ErrorValue(code):
            return code
        case RichText(text=text):
            return text
