"""What a value looks like under a number format code, in the way Excel shows it."""

from functools import lru_cache
from math import isfinite
from typing import NamedTuple

from app.sheet.cell import ErrorValue, RichText, Value
from app.sheet.formatting.code import FILL_MARK, BadCode, Code, Condition, Kind, Section, compile_code
from app.sheet.formatting.dates import date_text
from app.sheet.formatting.digits import number_text
from app.sheet.formatting.fractions import fraction_layout, fraction_text
from app.sheet.formatting.general import GENERAL_WIDTH, general

GENERAL = "General"
_NO_SUCH_DATE_WIDTH = 8
_SHORT = 10**GENERAL_WIDTH
_LARGEST = 10**1000
"""Whole numbers beyond float64 are kept with all their digits; beyond this size none are laid out."""
_NOT_NEGATIVE = Condition(">=", 0)
_POSITIVE = Condition(">", 0)
_NEGATIVE = Condition("<", 0)
_NEGATIVE_ONLY = (_NEGATIVE, Condition("<=", 0))


class Display(NamedTuple):
    """What a cell shows: its text, and the colour its format gives it as ``#RRGGBB``."""

    text: str
    colour: str | None = None


def display(value: Value, code: str, *, date1904: bool = False, width: int | None = None) -> Display:
    """The value as the format code shows it, in a column of `width` characters where that matters.

    Without a width General takes up to 11 characters and ``*x`` fills nothing. Never raises: a code that
    cannot be understood shows the value as General does.
    """
    if code == GENERAL and width is None:
        text = _as_it_is(value)
        if text is not None:
            return Display(text)
    match value:
        case None:
            return Display("")
        case ErrorValue(code=error):
            return Display(error)
    compiled = _compiled(code or GENERAL)
    match value:
        case bool():
            return _text_display("TRUE" if value else "FALSE", compiled, width)
        case RichText(text=text):
            return _text_display(text, compiled, width)
        case str():
            return _text_display(value, compiled, width)
    if not (isfinite(value) if isinstance(value, float) else -_LARGEST < value < _LARGEST):
        return Display("#NUM!")
    return _number_display(value, compiled, date1904, width)


@lru_cache(maxsize=4096)
def is_date_format(code: str) -> bool:
    """Whether numbers under the code are shown as dates, times of day or elapsed times."""
    try:
        return any(section.is_date for section in compile_code(code).numbers)
    except BadCode:
        return False


def shows_day(code: str) -> bool:
    """Whether numbers under the code are shown as days: dates, not only times of day or elapsed times."""
    try:
        sections = compile_code(code).numbers
    except BadCode:
        return False
    tokens = (token for section in sections for token in section.tokens)
    return any(token.kind is Kind.DATE and token.text[0] not in "hs" for token in tokens)


@lru_cache(maxsize=4096)
def _compiled(code: str) -> Code:
    try:
        return compile_code(code)
    except BadCode:
        return compile_code(GENERAL)


def _as_it_is(value: Value) -> str | None:
    """The value as General shows it, where that is plain at once: most of what sheets hold is."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]
    if kind is int:
        if not -_SHORT < value < _SHORT:
            return None
        text = str(value)
    elif kind is float:
        text = repr(value)
        if "." not in text or "e" in text or text.endswith(".0"):
            return None
    else:
        return None
    return text if len(text) <= GENERAL_WIDTH else None


def _text_display(text: str, code: Code, width: int | None) -> Display:
    section = code.text
    if section is None and len(code.numbers) == 1 and _is_only_text(code.numbers[0]):
        section = code.numbers[0]  # a code that is nothing but text shows that text for everything
    if section is None:
        return Display(text)
    return Display(_laid_out(section, text, width), section.colour)


def _is_only_text(section: Section) -> bool:
    return bool(section.tokens) and all(token.kind is Kind.LITERAL for token in section.tokens)


def _number_display(number: float, code: Code, date1904: bool, width: int | None) -> Display:
    if not code.numbers:
        section = code.text or Section(())
        return Display(_laid_out(section, general(number), width), section.colour)
    chosen = _choose(number, code.numbers)
    if chosen is None:
        return Display(general(number, width))
    section, signed = chosen
    if section.is_date:
        text = date_text(number, section, date1904=date1904)
        if text is None:
            return Display("#" * (width or _NO_SUCH_DATE_WIDTH), section.colour)
        return Display(_filled(text, section, width), section.colour)
    if section.is_general:
        return Display(general(number if signed else abs(number), width), section.colour)
    fraction = fraction_layout(section)
    text = number_text(abs(number), section) if fraction is None else fraction_text(abs(number), fraction)
    sign = "-" if signed and number < 0 else ""
    return Display(_filled(sign + text, section, width), section.colour)


def _choose(number: float, sections: tuple[Section, ...]) -> tuple[Section, bool] | None:
    """The section for the number, and whether a minus sign is put before negative ones.

    The sign goes without saying in a section that takes the negative numbers and no others. None where
    conditions leave the number to no section.
    """
    conditions = [section.condition for section in sections]
    if len(sections) > 1 and conditions[0] is None:
        conditions[0] = _NOT_NEGATIVE if len(sections) == 2 else _POSITIVE
    if len(sections) > 2 and conditions[1] is None:
        conditions[1] = _NEGATIVE
    for at, (section, condition) in enumerate(zip(sections, conditions, strict=True)):
        if condition is None or condition.admits(number):
            left_over = condition is None and at == 1 and conditions[0] in (_NOT_NEGATIVE, _POSITIVE)
            return section, not (left_over or condition in _NEGATIVE_ONLY)
    return None


def _laid_out(section: Section, text: str, width: int | None) -> str:
    """A section for text: ``@`` and General stand for the text."""
    pieces = (text if token.kind in (Kind.TEXT, Kind.GENERAL) else token.text for token in section.tokens)
    return _filled("".join(pieces), section, width)


def _filled(text: str, section: Section, width: int | None) -> str:
    """The text with its fill character repeated to the width, or left out where there is no width."""
    if not section.fills:
        return text
    before, _, after = text.partition(FILL_MARK)
    after = after.replace(FILL_MARK, "")
    character, after = after[:1], after[1:]
    missing = (width or 0) - len(before) - len(after)
    return before + character * max(0, missing) + after
