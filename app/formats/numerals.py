"""Columns of numbers, read in one go where all of them are written alike."""

import re
from collections.abc import Sequence

from app.sheet.cell import LexicalNumber

_WHOLE = r"(?:0|-?[1-9][0-9]{0,14})"

# The following match a whole column, one text a line.
_INTEGERS = re.compile(rf"(?>(?:{_WHOLE}\n)*)")
_SHORTEST_DECIMALS = re.compile(
    # At most 15 digits, none needless, and of a size that repr() writes without an exponent: two such
    # texts never name the same float64, so repr() gives this very text.
    r"(?>(?:(?!-?0\.0000)-?(?:0|[1-9][0-9]{0,8})\.[0-9]{0,5}[1-9]\n)*)"
)
_DECIMALS = re.compile(
    # No negative zero, of which formats think differently.
    rf"(?>(?:(?:(?!-0\.0+\n)-?(?:0|[1-9][0-9]{{0,14}})\.[0-9]{{1,40}}|{_WHOLE})\n)*)"
)


def numbers(texts: Sequence[str], lines: str) -> list[int | float] | None:
    """The numbers of texts that are all whole ones or all decimals, without exponents; None of any others.

    lines: the texts, each with a line feed after it. int where the text is a whole number in its shortest
    form, float where repr() gives the text again, else a LexicalNumber.
    """
    whole = integers(texts, lines)
    if whole is not None:
        return whole  # type: ignore[return-value]
    try:
        if _SHORTEST_DECIMALS.fullmatch(lines):
            return list(map(float, texts))
        if not _DECIMALS.fullmatch(lines):
            return None
        found = list(map(float, texts))
    except ValueError:
        return None  # texts that hold line ends
    return [
        # A whole number's text is that of an int, so a ".0" has to be kept with it.
        number
        if shortest == text and text[-2:] != ".0"
        else LexicalNumber(text)
        if "." in text
        else int(text)
        for number, shortest, text in zip(found, map(repr, found), texts, strict=True)
    ]


def integers(texts: Sequence[str], lines: str) -> list[int] | None:
    """The numbers of texts that are all whole ones in their shortest form; None of any others."""
    try:
        return list(map(int, texts)) if _INTEGERS.fullmatch(lines) else None
    except ValueError:
        return None  # texts that hold line ends
