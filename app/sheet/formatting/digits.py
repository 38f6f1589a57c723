"""Numbers laid out by digit placeholders: 0, # and ?, thousands, scaling, percent and scientific."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from app.sheet.formatting.code import Kind, Section, Token
from app.sheet.formatting.general import general, rounded, shown_decimal

_BLANKS = {"0": "0", "?": " ", "#": ""}
"""What a placeholder shows where the number has no digit for it."""


class Layout(NamedTuple):
    """A section for numbers, split where its tokens change their meaning."""

    whole: tuple[Token, ...]
    decimals: tuple[Token, ...]  # from the point on
    exponent: tuple[Token, ...]  # from E+ on
    thousands: bool
    scale: int  # the power of ten the number is multiplied with
    places: int  # how many decimals are shown
    has_digits: bool
    frame: tuple[str, str] | None  # what stands around the number where it is laid out as "0" and "0.00" do


def number_text(number: float, section: Section) -> str:
    """The number, not negative, as the section lays it out."""
    layout = _layout(section)
    if layout.exponent:
        return _scientific(number, layout)
    if not layout.has_digits and section.has(Kind.GENERAL):
        return "".join(
            general(number) if token.kind is Kind.GENERAL else token.text for token in section.tokens
        )
    value = rounded(shown_decimal(number).scaleb(layout.scale), layout.places)
    if layout.frame:
        before, after = layout.frame
        return before + (f"{value:,f}" if layout.thousands else f"{value:f}") + after
    whole, _, decimals = f"{value:f}".partition(".")
    if not layout.has_digits:
        whole = ""  # a section of text alone
    return _whole(layout.whole, whole.lstrip("0"), layout.thousands) + _decimals(layout.decimals, decimals)


def fill_digits(tokens: tuple[Token, ...], digits: str, *, thousands: bool = False) -> list[str]:
    """What each token shows when the digits are laid in from the right.

    The leftmost placeholder takes all digits that remain. Tokens that are no placeholders keep their
    text. Where `thousands` are parted, a placeholder carries the comma that follows its digit.
    """
    shown: list[str] = []
    placeholders = _placeholders(tokens)
    place = 0
    for token in reversed(tokens):
        if token.kind is not Kind.DIGIT:
            shown.append(token.text)
            continue
        last = place == placeholders - 1
        piece = ""
        while True:
            digit, digits = (digits[-1], digits[:-1]) if digits else (_BLANKS[token.text], "")
            if thousands and place and place % 3 == 0 and digit:
                digit += " " if digit == " " else ","
            piece = digit + piece
            place += 1
            if not (last and digits):
                break
        shown.append(piece)
    return shown[::-1]


@lru_cache(maxsize=4096)
def _layout(section: Section) -> Layout:
    tokens = section.tokens
    exponent_at = next((at for at, token in enumerate(tokens) if token.kind is Kind.EXPONENT), len(tokens))
    mantissa = tokens[:exponent_at]
    point_at = next((at for at, token in enumerate(mantissa) if token.kind is Kind.POINT), len(mantissa))
    whole, thousands, scaling = _without_commas(mantissa[:point_at])
    decimals, _, more_scaling = _without_commas(mantissa[point_at:])
    percents = sum(token.kind is Kind.PERCENT for token in tokens)
    exponent, _, _ = _without_commas(tokens[exponent_at:])
    scale = 2 * percents - 3 * (scaling + more_scaling)
    places = _placeholders(decimals)
    has_digits = bool(places or _placeholders(whole))
    frame = None if exponent else _frame([*whole, *decimals], places)
    return Layout(whole, decimals, exponent, thousands, scale, places, has_digits, frame)


def _frame(tokens: Sequence[Token], places: int) -> tuple[str, str] | None:
    """The texts before and after the digits of a section whose digits are those of a number with so many
    decimals: together, one zero at least before the point, zeros alone behind it. None for any other."""
    digits = [at for at, token in enumerate(tokens) if token.kind in (Kind.DIGIT, Kind.POINT)]
    if not digits:
        return None
    first, end = digits[0], digits[-1] + 1
    number = "".join(token.text for token in tokens[first:end])
    plain = rf"#*0\.0{{{places}}}" if places else "#*0"
    if len(digits) < end - first or not re.fullmatch(plain, number):
        return None
    before, after = ("".join(token.text for token in some) for some in (tokens[:first], tokens[end:]))
    return before, after


def _placeholders(tokens: tuple[Token, ...]) -> int:
    return sum(token.kind is Kind.DIGIT for token in tokens)


def _without_commas(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], bool, int]:
    """The tokens but for commas with a meaning, whether thousands are parted, and by how many they scale.

    A comma between digits parts thousands, one after the last digit scales by a thousand, one before the
    first is text.
    """
    places = [at for at, token in enumerate(tokens) if token.kind is Kind.DIGIT]
    if not places:
        return tokens, False, 0
    kept, thousands, scaling = [], False, 0
    for at, token in enumerate(tokens):
        if token.kind is not Kind.COMMA or at < places[0]:
            kept.append(token)
        elif at < places[-1]:
            thousands = True
        else:
            scaling += 1
    return tuple(kept), thousands, scaling


def _whole(tokens: tuple[Token, ...], digits: str, thousands: bool) -> str:
    if digits and not _placeholders(tokens):
        # ".00" has no placeholder before its point, yet 12.5 is not .50
        return "".join(token.text for token in tokens) + digits
    return "".join(fill_digits(tokens, digits, thousands=thousands))


def _decimals(tokens: tuple[Token, ...], digits: str) -> str:
    shown: list[str] = []
    trailing = True
    remaining = digits
    for token in reversed(tokens):
        if token.kind is not Kind.DIGIT:
            shown.append(token.text)
            continue
        digit, remaining = remaining[-1:], remaining[:-1]
        trailing = trailing and digit == "0" and token.text != "0"
        shown.append(_BLANKS[token.text] if trailing else digit)
    return "".join(reversed(shown))


def _scientific(number: float, layout: Layout) -> str:
    value = shown_decimal(number)
    step = max(1, _placeholders(layout.whole))
    places = layout.places
    power = value.adjusted() // step * step if value else 0
    mantissa = rounded(value.scaleb(-power), places)
    if mantissa >= Decimal(10) ** step:
        power += step
        mantissa = rounded(value.scaleb(-power), places)
    whole, _, decimals = f"{mantissa:f}".partition(".")
    # Zero fills every placeholder before the point: 0 as "##0.0E+0" is 000.0E+0.
    digits = whole.lstrip("0") if value else "0" * step
    sign, *tail = layout.exponent
    plus = "-" if power < 0 else ("+" if sign.text[1] == "+" else "")
    return (
        _whole(layout.whole, digits, layout.thousands)
        + _decimals(layout.decimals, decimals)
        + sign.text[0]
        + _signed(tuple(tail), plus, str(abs(power)))
    )


def _signed(tokens: tuple[Token, ...], sign: str, digits: str) -> str:
    """The exponent, its sign right before its first digit's place."""
    shown = fill_digits(tokens, digits)
    first = next((at for at, token in enumerate(tokens) if token.kind is Kind.DIGIT), len(tokens))
    return "".join([*shown[:first], sign, *shown[first:]])
