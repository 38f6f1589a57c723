"""Dates, times of day and elapsed times laid out by a section."""

from collections.abc import Iterator

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


def date_text(serial: float, section: Section, *, date1904: bool = False) -> str | None:
    """The serial as the section lays it out; None where the calendar has no such day.

    A section with an elapsed unit takes negative numbers, with a minus sign in front.
    """
    if abs(serial) > MAX_SERIAL + 1:
        return None
    tokens = _with_second_decimals(section.tokens)
    shows_seconds = any(token.text[:1] == "s" for token in tokens if token.kind in (Kind.DATE, Kind.ELAPSED))
    decimals = max((len(token.text) for token in tokens if token.kind is Kind.POINT), default=0)
    decimals = min(decimals, _MAX_SECOND_DECIMALS)
    ticks_per_second = 10 ** (decimals if shows_seconds else _STEADY_DECIMALS)
    ticks = _round(abs(serial) * _DAY_SECONDS * ticks_per_second)
    seconds, fraction = divmod(ticks, ticks_per_second)
    if section.has(Kind.ELAPSED):
        sign = "-" if serial < 0 and ticks else ""
        day = calendar_day(seconds // _DAY_SECONDS, date1904=date1904) or Day(1900, 1, 0, 0)
    else:
        found = calendar_day(seconds // _DAY_SECONDS, date1904=date1904) if serial >= 0 else None
        if found is None:
            return None
        sign, day = "", found
    shown_fraction = f"{fraction:0{decimals}d}" if decimals else ""
    return sign + "".join(_pieces(tokens, day, seconds, shown_fraction))


def _round(number: float) -> int:
    return int(number + 0.5)


def _with_second_decimals(tokens: tuple[Token, ...]) -> list[Token]:
    """The tokens with ``.000`` after seconds as one POINT token whose text is the zeros."""
    joined: list[Token] = []
    for token in tokens:
        previous = joined[-1] if joined else None
        if token.kind is Kind.DIGIT and previous is not None and previous.kind is Kind.POINT:
            joined[-1] = Token(Kind.POINT, (previous.text if previous.text != "." else "") + "0")
        else:
            joined.append(token)
    return [Token(Kind.LITERAL, ".") if token == (Kind.POINT, ".") else token for token in joined]


def _pieces(tokens: list[Token], day: Day, seconds: int, fraction: str) -> Iterator[str]:
    elapsed = {token.text[0] for token in tokens if token.kind is Kind.ELAPSED}
    half_day = any(token.kind is Kind.HALF for token in tokens)
    hour = seconds // 3600 % 24
    units = {
        "h": seconds // 3600 if "h" in elapsed else ((hour - 1) % 12 + 1 if half_day else hour),
        "m": seconds // 60 if "m" in elapsed else seconds // 60 % 60,
        "s": seconds if "s" in elapsed else seconds % 60,
    }
    for token in tokens:
        match token.kind:
            case Kind.DATE if token.text[0] in "hs":
                yield f"{units[token.text[0]]:0{min(len(token.text), 2)}d}"
            case Kind.DATE:
                yield _calendar(token.text, day)
            case Kind.MINUTES | Kind.ELAPSED:
                yield f"{units[token.text[0]]:0{len(token.text)}d}"
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
