"""What a person types into a cell, as its value or formula, and what an editor shows of a cell.

Typing what the editor shows gives the cell as it was. Nothing a person may have meant literally is
converted: leading zeros, long digit strings, ``+49…`` and dates stay text (dates become serials where the
cell has a date format).
"""

import re
from decimal import Decimal

import msgspec

from app.sheet.address import MAX_TEXT
from app.sheet.cell import EXACT, ErrorValue, LexicalNumber, Value, plain_text
from app.sheet.formatting.code import BadCode, Kind, compile_code
from app.sheet.number_format import GENERAL, is_date_format
from app.sheet.serial import calendar_day, day_serial

ERROR_CODES = frozenset(
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! "
    "#BUSY! #UNKNOWN! #EXTERNAL! #PYTHON!".split()
)

_TEXT_FORMAT = "@"
_MAX_DIGITS = 15
"""More digits than a float64 is sure to keep: such a string is an id, not a quantity."""
_TYPED_WHOLE = 10**_MAX_DIGITS

_NUMBER = re.compile(
    r"""
    (?P<open>\()? (?P<sign>-)?
    (?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)? (?P<decimals>\.[0-9]*)? (?P<exponent>[eE][-+]?[0-9]{1,3})?
    (?P<percent>%)? (?P<close>\))?
    """,
    re.VERBOSE,
)
_LETTERS = re.compile(r"[A-EG-SU-Za-eg-su-z][\x00-\x7f]*\Z")
"""ASCII that begins with a letter but not as TRUE and FALSE do: no number, date or error is typed so."""
_PLAIN_DECIMAL = re.compile(r"-?[0-9]*\.[0-9]+")
_MOMENT = re.compile(
    r"(?:(?P<date>([0-9]{4})-([0-9]{2})-([0-9]{2}))(?:[ T](?=.))?)?"
    r"(?P<time>([0-9]{1,5}):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]{1,6})?))?)?"
)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


class BadText(ValueError):
    """Text that no cell takes."""


class TextTooLong(BadText):
    """More text than a cell holds; `length` and `limit` in UTF-16 code units, as spreadsheets count."""

    def __init__(self, length: int, limit: int = MAX_TEXT) -> None:
        super().__init__(
            f"This text has {length:,} characters; a cell holds {limit:,}. "
            "Shorten it or spread it over several cells."
        )
        self.length = length
        self.limit = limit


class BrokenText(BadText):
    """Text with half of a character pair (a lone surrogate), which no file can hold."""

    def __init__(self) -> None:
        super().__init__("This text holds a broken character. Type it again or paste it from its source.")


class Entry(msgspec.Struct, frozen=True):
    """What was typed: a value, or a formula without its ``=``, its references absolute."""

    value: Value = None
    formula: str | None = None


def check_text(text: str, limit: int = MAX_TEXT) -> str:
    """The text, if a cell takes it; raises TextTooLong or BrokenText."""
    try:
        length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError as error:
        raise BrokenText from error
    if length > limit:
        raise TextTooLong(length, limit)
    return text


def parse_entry(text: str, code: str = GENERAL, *, date1904: bool = False) -> Entry:
    """What the text means when typed into a cell with the number format `code`.

    An apostrophe in front makes the rest text, ``=`` a formula. Raises TextTooLong and BrokenText.
    """
    if text.startswith("'"):
        return Entry(check_text(text[1:]))
    check_text(text)
    if not text:
        return Entry()
    if text.startswith("=") and text[1:].strip():
        return Entry(formula=text[1:])
    typed = text.strip()
    if code == _TEXT_FORMAT or not typed:
        return Entry(text)
    if typed.upper() in ("TRUE", "FALSE"):
        return Entry(typed.upper() == "TRUE")
    if typed.upper() in ERROR_CODES:
        return Entry(ErrorValue(typed.upper()))
    value = _number(typed)
    if value is None and is_date_format(code):
        value = _serial(typed, date1904)
    return Entry(text if value is None else value)


def entry_text(
    value: Value, formula: str | None = None, code: str = GENERAL, *, date1904: bool = False
) -> str:
    """What the editor shows of a cell: typed again, it gives the same value or formula.

    `formula` is absolute and without its ``=``. Rich text gives its text; a number in a cell formatted as
    text would be typed as text.
    """
    if formula is not None:
        return f"={formula}"
    if isinstance(value, str):
        if _LETTERS.match(value):
            return value
        return value if _is_typed_as_text(value, code, date1904) else f"'{value}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain_text(value)
    if code != GENERAL and is_date_format(code):
        moment = _moment_text(value, code, date1904)
        if moment is not None:
            return moment
    if type(value) is int and -_TYPED_WHOLE < value < _TYPED_WHOLE:
        return str(value)
    if type(value) is float and not value.is_integer():
        text = repr(value)
        if "." in text and "e" not in text:
            return text
    text = plain_text(value)
    typed = _number(text)
    if typed is None or typed != value:  # a whole number too long to be typed as one
        text = f"{Decimal(value).normalize():E}"
    return text


def _is_typed_as_text(text: str, code: str, date1904: bool) -> bool:
    typed = parse_entry(text, code, date1904=date1904) if len(text) <= MAX_TEXT else Entry(text)
    return isinstance(typed.value, str) and typed.value == text


def _number(text: str) -> int | float | None:
    """The number a text is; None where it is none, or would lose digits as one."""
    match = _NUMBER.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]) or (match["open"] and match["sign"]):
        return None
    whole, decimals = (match["whole"] or "").replace(",", ""), (match["decimals"] or "")[1:]
    if not whole + decimals or (len(whole) > 1 and whole[0] == "0"):
        return None
    if not decimals and not match["exponent"] and len(whole) > _MAX_DIGITS:
        return None
    sign = "-" if match["sign"] or match["open"] else ""
    exact = Decimal(f"{sign}{whole or 0}.{decimals or 0}{match['exponent'] or ''}")
    if match["percent"]:
        exact = exact.scaleb(-2)
    number = float(exact)
    if abs(number) == float("inf") or (number == 0 and exact != 0):
        return None
    if _PLAIN_DECIMAL.fullmatch(text) and plain_text(number) != text:
        return LexicalNumber(text)
    return int(number) if number.is_integer() and abs(number) <= EXACT else number


def _serial(text: str, date1904: bool) -> int | float | None:
    """The serial of an ISO date, a time, or both; None where the text is none."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    microseconds = 0
    if match["date"]:
        day = day_serial(int(match[2]), int(match[3]), int(match[4]), date1904=date1904)
        if day is None or (match["time"] and int(match[6]) > 23):
            return None
        microseconds = day * _DAY
    if match["time"]:
        seconds = (int(match[6]) * 60 + int(match[7])) * 60
        microseconds += seconds * _SECOND + int(Decimal(match[8] or 0) * _SECOND)
    return microseconds // _DAY if microseconds % _DAY == 0 else microseconds / _DAY


def _moment_text(serial: float, code: str, date1904: bool) -> str | None:
    """The serial as ISO text that is typed as the same serial; None where there is none."""
    if not 0 <= serial < 2**32:
        return None
    day, time = divmod(round(serial * _DAY), _DAY)
    shown = calendar_day(day, date1904=date1904)
    if day == 0 and not date1904:
        text = _time_text(time)
    elif _shows_elapsed(code):
        text = _time_text(day * _DAY + time)
    elif shown is None:
        return None
    else:
        text = f"{shown.year:04d}-{shown.month:02d}-{shown.day:02d}" + (
            f" {_time_text(time)}" if time else ""
        )
    return text if _serial(text, date1904) == serial else None


def _shows_elapsed(code: str) -> bool:
    try:
        return any(section.has(Kind.ELAPSED) for section in compile_code(code).numbers)
    except BadCode:
        return False


def _time_text(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, _SECOND)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text
