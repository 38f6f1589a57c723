"""Numbers as fractions: ``# ?/?``, ``# ??/??``, ``?/8``."""

from fractions import Fraction
from functools import lru_cache

from app.sheet.formatting.code import Kind, Section, Token
from app.sheet.formatting.digits import fill_digits
from app.sheet.formatting.general import shown_decimal

_MAX_DENOMINATOR_DIGITS = 9


@lru_cache(maxsize=4096)
def is_fraction(section: Section) -> bool:
    """Whether the section has a slash with a numerator before it and a denominator after it."""
    slash = _slash(section.tokens)
    return (
        slash is not None
        and _last_digit(section.tokens[:slash]) is not None
        and _denominator(section.tokens, slash) is not None
    )


def fraction_text(number: float, section: Section) -> str:
    """The number, not negative, as the section lays it out; `is_fraction` says whether it can."""
    tokens = section.tokens
    slash = _slash(tokens)
    assert slash is not None  # noqa: S101 - is_fraction holds
    numerator_end = (_last_digit(tokens[:slash]) or 0) + 1
    numerator_start = numerator_end
    while numerator_start and tokens[numerator_start - 1].kind is Kind.DIGIT:
        numerator_start -= 1
    whole_end = _last_digit(tokens[:numerator_start])
    denominator = _denominator(tokens, slash)
    assert denominator is not None  # noqa: S101
    first, last, fixed = denominator

    value = Fraction(shown_decimal(number))
    whole = int(value) if whole_end is not None else 0
    over, under = _approximate(value - whole, last - first, fixed)
    if over == under and whole_end is not None:
        whole, over, under = whole + 1, 0, fixed or 1
    over_tokens, under_tokens = tokens[numerator_start:numerator_end], tokens[first:last]
    middle, rest = _text(tokens[numerator_end:first]), _text(tokens[last:])
    over_text = "".join(fill_digits(over_tokens, str(over)))
    fraction = over_text + middle + (str(fixed) if fixed else _under_text(under_tokens, str(under)))
    if whole_end is None:
        return _text(tokens[:numerator_start]) + fraction + rest

    whole_tokens = tokens[: whole_end + 1]
    gap = _text(tokens[whole_end + 1 : numerator_start])
    places = [
        [token.text for token in part if token.kind is Kind.DIGIT]
        for part in (whole_tokens, over_tokens, under_tokens)
    ]
    if over == 0 and "0" not in places[1]:
        blanked = " " * len(gap + fraction) if any("?" in part for part in places) else ""
        return "".join(fill_digits(whole_tokens, str(whole))) + blanked + rest
    if whole == 0 and "0" not in places[0]:
        if over == 0 and "?" in places[0]:
            return "".join(fill_digits(whole_tokens, "0")) + gap + fraction + rest
        gap = " " * len(gap) if "?" in places[0] + places[1] else ""
    return "".join(fill_digits(whole_tokens, str(whole) if whole else "")) + gap + fraction + rest


def _slash(tokens: tuple[Token, ...]) -> int | None:
    return next((at for at, token in enumerate(tokens) if token.kind is Kind.SLASH), None)


def _last_digit(tokens: tuple[Token, ...]) -> int | None:
    return next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at].kind is Kind.DIGIT), None)


def _denominator(tokens: tuple[Token, ...], slash: int) -> tuple[int, int, int | None] | None:
    """(first token, token after the last, the fixed denominator or None); None where there is none."""
    first = slash + 1
    while first < len(tokens) and not _is_digit(tokens[first]):
        first += 1
    last = first
    while last < len(tokens) and _is_digit(tokens[last]):
        last += 1
    if first == last:
        return None
    written = _text(tokens[first:last])
    if any(token.kind is Kind.LITERAL for token in tokens[first:last]):
        return (first, last, int(written)) if written.isdigit() and int(written) else None
    return first, last, None


def _is_digit(token: Token) -> bool:
    return token.kind is Kind.DIGIT or (token.kind is Kind.LITERAL and token.text in tuple("123456789"))


def _approximate(value: Fraction, digits: int, fixed: int | None) -> tuple[int, int]:
    if fixed:
        return int(value * fixed + Fraction(1, 2)), fixed
    near = value.limit_denominator(10 ** min(digits, _MAX_DENOMINATOR_DIGITS) - 1)
    return near.numerator, near.denominator


def _under_text(tokens: tuple[Token, ...], digits: str) -> str:
    """A denominator stands at the left, so that slashes line up: 1/2 as ``??/??`` is `` 1/2 ``."""
    missing = len(tokens) - len(digits)
    zeros = sum(token.text == "0" for token in tokens[:missing]) if missing > 0 else 0
    spaces = sum(token.text == "?" for token in tokens[:missing]) if missing > 0 else 0
    return "0" * zeros + digits + " " * spaces


def _text(tokens: tuple[Token, ...]) -> str:
    return "".join(token.text for token in tokens)
