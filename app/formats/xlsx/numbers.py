"""Numbers and how files write them: text to value and back, losing nothing."""

import re
from math import isinf

from app.sheet.cell import LexicalNumber

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
EXACT = 2**53
"""Integers up to here are the same as float64."""
_DIGITS = len(str(EXACT))


def parse_number(text: str) -> int | float | None:
    """The value of a number's text, such that `number_text` gives the text back; None where it is none.

    int where that is exact and canonical, float where its shortest form is the text, else a
    LexicalNumber.
    """
    digits = text[1:] if text[:1] == "-" else text
    if digits.isdigit() and digits.isascii() and len(digits) <= _DIGITS and (digits[0] != "0" or text == "0"):
        whole = int(text)
        if -EXACT <= whole <= EXACT:
            return whole
    try:
        number = float(text)
    except ValueError:
        return None
    if repr(number) == text and text[-2:] != ".0" and "e" not in text and "n" not in text:
        return number
    if not _DECIMAL.fullmatch(text) or isinf(number):
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
