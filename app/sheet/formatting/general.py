"""The General format: a number in as many characters as fit."""

from decimal import ROUND_HALF_UP, Context, Decimal

GENERAL_WIDTH = 11
"""Characters General takes where the column is wide enough, its sign not counted."""

SIGNIFICANT_DIGITS = 15
"""What Excel computes and shows a number with."""

_SCIENTIFIC_DECIMALS = 5
_SMALLEST_ROUNDED = Decimal("0.0001")
"""From here up a number too long is rounded; below, and past the width, it turns scientific."""

_EXACT = Context(prec=8_000, rounding=ROUND_HALF_UP)
_SHOWN = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_UP)


def shown_decimal(number: float) -> Decimal:
    """The finite number with the digits a spreadsheet shows of it."""
    exact = Decimal(number) if isinstance(number, int) else Decimal(float.__repr__(number))
    return _SHOWN.plus(exact)


def rounded(number: Decimal, decimals: int) -> Decimal:
    """The number with so many decimals (or more zeros before the point, if negative), half away from 0."""
    return number.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)


def general(number: float, width: int | None = None) -> str:
    """The number as General shows it, in a column of `width` characters (None: wide enough).

    Where it does not fit at all, `width` number signs.
    """
    value = shown_decimal(number)
    sign, value = ("-" if value < 0 else ""), abs(value)
    room = GENERAL_WIDTH if width is None else min(GENERAL_WIDTH, width - len(sign))
    text = sign + (_plain(value, room) or _scientific(value, room if width is not None else None))
    return text if width is None or len(text) <= width else "#" * width


def _plain(value: Decimal, room: int) -> str | None:
    exact = _trimmed(f"{value:f}")
    if len(exact) <= room:
        return exact
    whole = len(f"{int(value)}")
    if whole > room or value < _SMALLEST_ROUNDED:
        return None
    text = _trimmed(f"{rounded(value, max(0, room - whole - 1)):f}")
    return text if len(text) <= room else None


def _scientific(value: Decimal, room: int | None) -> str:
    exponent = len(str(abs(value.adjusted()))) if abs(value.adjusted()) > 99 else 2
    decimals = _SCIENTIFIC_DECIMALS
    if room is not None:
        decimals = max(0, min(decimals, room - exponent - 4))
    with_exponent = rounded(value.scaleb(-value.adjusted(), context=_EXACT), decimals)
    power = value.adjusted()
    if with_exponent >= 10:
        with_exponent, power = with_exponent / 10, power + 1
    return f"{_trimmed(f'{with_exponent:f}')}E{'-' if power < 0 else '+'}{abs(power):02d}"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
