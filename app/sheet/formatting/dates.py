"""Dates, times of day and elapsed times laid out by a section."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from app.sheet.formatting.code import Kind, Section, Token
from app.sheet.serial import MAX_SERIAL, Day, calendar_day

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

_DAY_SECONDS = 86_400
_MAX_SECOND_DECIMALS = 6
_STEADY_DECIMALS = 3
"""A serial is exact to a few microseconds: times are taken to the millisecond before they are cut."""

_BUDDHIST_YEARS = 543


class Layout(NamedTuple):
    """A section for dates, looked through once.

    tokens: with the zeros after a second's point in one POINT token. elapsed: the units that count on.
    decimals: of a second. ticks: into how many parts a second is cut before anything is cut off.
    """

    tokens: tuple[Token, ...]
    elapsed: str
    decimals: int
    ticks: int
    half_day: bool


def date_text(serial: float, section: Section, *, date1904: bool = False) -> str | None:
    """The serial as the section lays it out; None where the calendar has no such day.

    Negative numbers get a minus sign in front where a unit counts on, and in the 1904 system; else there are
    no such days.
    """
    if abs(serial) > MAX_SERIAL + 1:
        return None
    layout = _layout(section)
    ticks = int(abs(serial) * _DAY_SECONDS * layout.ticks + 0.5)
    seconds, fraction = divmod(ticks, layout.ticks)
    day = calendar_day(seconds // _DAY_SECONDS, date1904=date1904)
    sign = "-" if serial < 0 and ticks else ""
    if layout.elapsed:
        day = day or Day(1900, 1, 0, 0)
    elif day is None or (serial < 0 and not date1904):
        return None
    shown_fraction = f"{fraction:0{layout.decimals}d}" if layout.decimals else ""
    return sign + "".join(_pieces(layout, day, seconds, shown_fraction))


@lru_cache(maxsize=4096)
def _layout(section: Section) -> Layout:
    tokens = _with_second_decimals(section.tokens)
    decimals = max((len(token.text) for token in tokens if token.kind is Kind.POINT), default=0)
    decimals = min(decimals, _MAX_SECOND_DECIMALS)
    units = [token for token in tokens if token.kind in (Kind.DATE, Kind.ELAPSED)]
    shows_seconds = any(token.text[0] == "s" for token in units)
    return Layout(
        tokens=tokens,
        elapsed="".join(token.text[0] for token in units if token.kind is Kind.ELAPSED),
        decimals=decimals,
        ticks=10 ** (decimals if shows_seconds else max(decimals, _STEADY_DECIMALS)),
        half_day=section.has(Kind.HALF),
    )


def _with_second_decimals(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    joined: list[Token] = []
    for token in tokens:
        previous = joined[-1] if joined else None
        if token.kind is Kind.DIGIT and previous is not None and previous.kind is Kind.POINT:
            joined[-1] = Token(Kind.POINT, previous.text.removeprefix(".") + "0")
        else:
            joined.append(token)
    return tuple(Token(Kind.LITERAL, ".") if token == (Kind.POINT, ".") else token for token in joined)


def _pieces(layout: Layout, day: Day, seconds: int, fraction: str) -> Iterator[str]:
    elapsed = layout.elapsed
    hour = seconds // 3600 % 24
    units = {
        "h": seconds // 3600 if "h" in elapsed else ((hour - 1) % 12 + 1 if layout.half_day else hour),
        "m": seconds // 60 if "m" in elapsed else seconds // 60 % 60,
        "s": seconds if "s" in elapsed else seconds % 60,
    }
    for token in layout.tokens:
        match token.kind:
            case Kind.LITERAL:
                yield token.text
            case Kind.DATE if token.text[0] in "hs":
                yield str(units[token.text[0]]).zfill(min(len(token.text), 2))
            case Kind.DATE:
                yield _calendar(token.text, day)
            case Kind.MINUTES | Kind.ELAPSED:
                yield str(units[token.text[0]]).zfill(len(token.text))
            case Kind.POINT:
                yield "." + fraction[: len(token.text)].ljust(len(token.text), "0")
            case Kind.HALF:
                yield _half(token.text, hour)
            case _:
                yield token.text


def _calendar(code: str, day: Day) -> str:
    match code:
        case "d" | "dd":
            return f"{day.day:0{len(code)}d}"
        case "ddd":
            return WEEKDAYS[day.weekday][:3]
        case "m" | "mm":
            return f"{day.month:0{len(code)}d}"
        case "mmm":
            return MONTHS[day.month - 1][:3]
        case "mmmmm":
            return MONTHS[day.month - 1][0]
        case "y" | "yy":
            return f"{day.year % 100:02d}"
        case "b" | "bb":
            return f"{(day.year + _BUDDHIST_YEARS) % 100:02d}"
    match code[0]:
        case "d":
            return WEEKDAYS[day.weekday]
        case "m":
            return MONTHS[day.month - 1]
        case "b":
            return str(day.year + _BUDDHIST_YEARS)
    return f"{day.year:04d}"


def _half(code: str, hour: int) -> str:
    """AM or PM; A or P in the case the code has it."""
    if len(code) == len("am/pm"):
        return "AM" if hour < 12 else "PM"
    return code[0] if hour < 12 else code[2]
