"""Numbers as fractions: ``# ?/?``, ``# ??/??``, ``?/8``."""

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from app.sheet.formatting.code import Kind, Section, Token
from app.sheet.formatting.digits import fill_digits
from app.sheet.formatting.general import shown_decimal

_MAX_DENOMINATOR_DIGITS = 9
_FIXED_DIGITS = tuple("123456789")


class Layout(NamedTuple):
    """A section as the parts of a fraction, in their order.

    whole: up to the last placeholder of the whole number; empty where the fraction is improper.
    gap: from there to the numerator. middle: from there to the denominator, with the slash.
    fixed: the denominator the section names, if it does.
    """

    whole: tuple[Token, ...]
    gap: str
    numerator: tuple[Token, ...]
    middle: str
    denominator: tuple[Token, ...]
    fixed: int | None
    rest: str


@lru_cache(maxsize=4096)
def fraction_layout(section: Section) -> Layout | None:
    """The section's parts; None where it has no slash between a numerator and a denominator."""
    tokens = section.tokens
    slash = next((at for at, token in enumerate(tokens) if token.kind is Kind.SLASH), None)
    if slash is None:
        return None
    end = _after_last_placeholder(tokens[:slash])
    first = next((at for at in range(slash, len(tokens)) if _is_digit(tokens[at])), len(tokens))
    last = next((at for at in range(first, len(tokens)) if not _is_digit(tokens[at])), len(tokens))
    written = _text(tokens[first:last])
    is_fixed = any(token.kind is Kind.LITERAL for token in tokens[first:last])
    if not end or first == last or (is_fixed and not written.isdigit()):
        return None
    start = end
    while start and tokens[start - 1].kind is Kind.DIGIT:
        start -= 1
    whole = _after_last_placeholder(tokens[:start])
    return Layout(
        whole=tokens[:whole],
        gap=_text(tokens[whole:start]),
        numerator=tokens[start:end],
        middle=_text(tokens[end:first]),
        denominator=tokens[first:last],
        fixed=int(written) if is_fixed else None,
        rest=_text(tokens[last:]),
    )


def fraction_text(number: float, layout: Layout) -> str:
    """The number, not negative, as the layout has it."""
    value = Fraction(shown_decimal(number))
    whole = int(value) if layout.whole else 0
    over, under = _approximate(value - whole, layout)
    if over == under and layout.whole:
        whole, over, under = whole + 1, 0, layout.fixed or 1
    below = str(under) if layout.fixed else _at_the_left(layout.denominator, str(under))
    fraction = "".join(fill_digits(layout.numerator, str(over))) + layout.middle + below
    if not layout.whole:
        return layout.gap + fraction + layout.rest
    return _mixed(layout, whole, over, fraction) + layout.rest


def _mixed(layout: Layout, whole: int, over: int, fraction: str) -> str:
    """Whole number and fraction. A part that is zero is left out, or blank where ``?`` keeps its place."""
    parts = (layout.whole, layout.numerator, layout.denominator)
    in_whole, in_numerator, in_denominator = ("".join(map(_placeholder, part)) for part in parts)
    gap = layout.gap
    if not over and "0" not in in_numerator:
        keeps_place = "?" in in_whole + in_numerator + in_denominator
        return _filled(layout.whole, str(whole)) + (" " * len(gap + fraction) if keeps_place else "")
    if not whole and "0" not in in_whole:
        if not over and "?" in in_whole:
            return _filled(layout.whole, "0") + gap + fraction
        gap = " " * len(gap) if "?" in in_whole + in_numerator else ""
    return _filled(layout.whole, str(whole) if whole else "") + gap + fraction


def _approximate(value: Fraction, layout: Layout) -> tuple[int, int]:
    """The nearest fraction: (numerator, denominator)."""
    if layout.fixed:
        return int(value * layout.fixed + Fraction(1, 2)), layout.fixed
    digits = min(len(layout.denominator), _MAX_DENOMINATOR_DIGITS)
    near = value.limit_denominator(10**digits - 1)
    return near.numerator, near.denominator


def _at_the_left(tokens: tuple[Token, ...], digits: str) -> str:
    """A denominator's blanks come after it, so that slashes line up: 1/2 as ``??/??`` is `` 1/2 ``."""
    missing = _text(tokens[: max(0, len(tokens) - len(digits))])
    return "0" * missing.count("0") + digits + " " * missing.count("?")


def _filled(tokens: tuple[Token, ...], digits: str) -> str:
    return "".join(fill_digits(tokens, digits))


def _after_last_placeholder(tokens: tuple[Token, ...]) -> int:
    return max((at + 1 for at, token in enumerate(tokens) if token.kind is Kind.DIGIT), default=0)


def _is_digit(token: Token) -> bool:
    return token.kind is Kind.DIGIT or (token.kind is Kind.LITERAL and token.text in _FIXED_DIGITS)


def _placeholder(token: Token) -> str:
    return token.text if token.kind is Kind.DIGIT else ""


def _text(tokens: tuple[Token, ...]) -> str:
    return "".join(token.text for token in tokens)
