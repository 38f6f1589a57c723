"""Numbers and how files write them: text to value and back, losing nothing."""

import re

from app.sheet.cell import LexicalNumber

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
EXACT = 2**53
"""Integers up to here are the same as float64."""


def parse_number(text: str) -> int | float | None:
    """The value of a number's text, such that `number_text` gives the text back; None where it is none.

    int where that is exact and canonical, float where its shortest form is the text, else a
    LexicalNumber.
    """
    try:
        whole = int(text)
        if str(whole) == text and -EXACT <= whole <= EXACT:
            return whole
    except ValueError:
        pass
    if not _DECIMAL.fullmatch(text):
        return None
    number = float(text)
    if number in (float("inf"), float("-inf")):
        return None
    return number if number_text(number) == text else LexicalNumber(text)


def number_text(number: int | float) -> str:
    """A number as a file writes it; exponents in Excel's form, ``1E-5``, not ``1e-05``."""
    if isinstance(number, LexicalNumber):
        return number.text
    if isinstance(number, int):
        return str(number)
    text = repr(number)
    if "e" in text:
        digits, _, exponent = text.partition("e")
        return f"{digits}E{'+' if exponent[0] != '-' else ''}{int(exponent)}"
    return text[:-2] if text.endswith(".0") and abs(number) <= EXACT else text
