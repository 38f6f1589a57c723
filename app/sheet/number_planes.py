"""Planes of numbers: what is canonical, and the tightest form for it."""

import re
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import repeat
from math import isnan
from operator import ne, truediv

from app.sheet.cell import EXACT, LexicalNumber, Value
from app.sheet.form import FEW, Form, Plane, Regular, are_few, filled
from app.sheet.offsets import from_offsets, numbers_of, offsets, with_outliers
from app.sheet.text_planes import from_texts, joined

NUMBERS = {int, float, LexicalNumber}
"""Types of numbers."""
_MAX_SCALE = 6
_WIDEST = 2**62
_NAN = float("nan")
MARK = "="
"""Before the exponent form of a number that was not written so: no number is written with it."""


def all_canonical(values: Sequence[Value], kinds: set[type]) -> Sequence[Value]:
    """The values as `canonical` gives them."""
    if kinds == {float} and not (any(map(float.is_integer, values)) or any(map(isnan, values))):  # type: ignore[arg-type]
        return values
    if kinds == {float, LexicalNumber} and not any(map(float.is_integer, values)):  # type: ignore[arg-type]
        # A lexical one's own repr() is that of its number.
        if any(map(isnan, values)):  # type: ignore[arg-type]
            return [canonical(value) for value in values]
        return [
            float(value) if type(value) is LexicalNumber and _is_shortest(value.text, value) else value
            for value in values
        ]
    return [canonical(value) for value in values]


def canonical(value: Value) -> Value:
    """The value that stands for all that are the same: 1 for 1.0 and a written “1”, one NaN for all."""
    if type(value) is LexicalNumber:
        number = canonical(float(value))
        return number if _is_shortest(value.text, number) else value
    if type(value) is float:
        if isnan(value):
            return _NAN
        if value.is_integer() and abs(value) <= EXACT and (value or str(value) == "0.0"):
            return int(value)
    return value


def numbers(values: Sequence[int | float], kinds: set[type]) -> Regular | None:
    """The tightest form for canonical numbers; None where there is none but one by one."""
    if kinds == {int}:
        return _sequence(values) or _integers(values)  # type: ignore[arg-type]
    if LexicalNumber in kinds:
        return _fixed(values)
    return _decimals(values) or _floats(values)


def _sequence(values: Sequence[int]) -> Regular | None:
    """Numbers in even steps, as ids are, but for a few."""
    if len(values) < 3:
        return None
    at = len(values) // 2
    step = values[at] - values[at - 1]
    first = values[at] - step * at
    if not step or max(abs(first), abs(step)) >= _WIDEST:
        return None
    even = range(first, first + step * len(values), step)
    # Most columns that are no sequence show it early.
    early = len(values) // 4
    if sum(map(ne, values[:early], even)) * FEW > len(values):
        return None
    if not any(map(ne, values, even)):
        return Regular([Form.SEQUENCE, first, step])
    odd = [at for at, (value, expected) in enumerate(zip(values, even, strict=True)) if value != expected]
    return Regular([Form.SEQUENCE, first, step], odd) if are_few(odd, values) else None


def _integers(values: Sequence[int]) -> Regular | None:
    if max(map(abs, values)) >= _WIDEST:
        return None
    odd, regular = with_outliers([], values)
    return Regular([Form.INTEGERS, *offsets(regular)], odd)


def all_decimals(values: Sequence[int | float]) -> Regular | None:
    """What `_decimals` gives where no number has more decimals than some have, at a fraction of the time."""
    scale = max(map(_decimals_of, values[:: len(values) // FEW + 1]))
    if not 0 < scale <= _MAX_SCALE:
        return None
    factor = 10**scale
    try:
        scaled = [round(value * factor) for value in values]
        least, most = min(scaled), max(scaled)
        if max(-least, most) >= EXACT or [*map(truediv, scaled, repeat(factor))] != [*values]:
            return None
    except (OverflowError, ValueError):  # not finite
        return None
    if 0 in scaled and any(value == 0 and str(value) == "-0.0" for value in values):
        return None
    # A scale that only a few need is too much: they are the odd ones.
    needing = 0
    for number in scaled:
        needing += number % 10 != 0
        if needing * FEW > len(values):
            odd, regular = with_outliers([], scaled)
            return Regular([Form.DECIMALS, scale, *offsets(regular)], odd)
    return None


def _decimals(values: Sequence[int | float]) -> Regular | None:
    """Numbers with few decimals, but for a few of them."""
    needed = []
    for at, value in enumerate(values):
        needed.append(_decimals_of(value))
        if at == len(values) // 4 and sum(n > _MAX_SCALE for n in needed) * FEW > len(values):
            return None
    enough = len(values) * (FEW - 1)
    scale = next((s for s in range(_MAX_SCALE + 1) if sum(n <= s for n in needed) * FEW >= enough), None)
    if scale is None:
        return None
    odd = [at for at, decimals in enumerate(needed) if decimals > scale]
    factor = 10**scale
    regular = filled(values, odd) if odd else values
    scaled = [round(value * factor) for value in regular]
    exact = all(
        whole / factor == value and abs(whole) < EXACT for whole, value in zip(scaled, regular, strict=True)
    )
    if not exact:
        return None
    odd, inner = with_outliers(odd, scaled)
    return Regular([Form.DECIMALS, scale, *offsets(inner)], odd)


def _decimals_of(value: int | float) -> int:
    """How many decimals a number has in its shortest form; more than any scale where that is no decimal."""
    if type(value) is int:
        return 0
    whole, point, decimals = repr(value).partition(".")
    return len(decimals) if point and decimals.isdecimal() and (value or whole != "-0") else _MAX_SCALE + 1


def _floats(values: Sequence[int | float]) -> Regular | None:
    if any(type(value) is int and abs(value) > EXACT for value in values):
        return None
    return Regular([Form.FLOATS, struct.pack(f"<{len(values)}d", *values)])


def written_alike(values: Sequence[int | float], kinds: set[type]) -> Regular | None:
    """What `_fixed` gives where all numbers are written with as many decimals, at a fraction of the time."""
    if int in kinds or any(value.is_integer() for value in values if type(value) is float):
        return None
    texts = list(map(_text, values))
    scale = len(texts[0].partition(".")[2])
    # One that ends in zero stays lexical however it is read, so the form for such numbers it is.
    if not 0 < scale <= _MAX_SCALE or not any(text.endswith("0") for text in texts):
        return None
    whole = _all_scaled(texts, scale)
    if not whole:
        return None
    odd, regular = with_outliers([], whole)
    return Regular([Form.FIXED, scale, *offsets(regular)], odd)


def _fixed(values: Sequence[int | float]) -> Regular | None:
    """Numbers written with the same count of decimals, as "1.50" and 12.25 are, but for a few."""
    texts = list(map(_text, values))
    counts = [len(text.partition(".")[2]) for text in texts]
    scale = max(sorted(set(counts)), key=counts.count)
    if not 0 < scale <= _MAX_SCALE:
        return Regular([Form.LEXICAL, *joined(texts)])
    whole = _all_scaled(texts, scale)
    if whole:
        odd, regular = with_outliers([], whole)
        return Regular([Form.FIXED, scale, *offsets(regular)], odd)
    scaled = [_scaled(text, scale) for text in texts]
    odd = [at for at, whole in enumerate(scaled) if whole is None]
    if not are_few(odd, values):
        return Regular([Form.LEXICAL, *joined(texts)])
    told = [whole for whole in (filled(scaled, odd) if odd else scaled) if whole is not None]
    odd, regular = with_outliers(odd, told)
    return Regular([Form.FIXED, scale, *offsets(regular)], odd)


def _all_scaled(texts: Sequence[str], scale: int) -> list[int] | None:
    """Numbers written with `scale` decimals, times 10^scale; None where any is written another way."""
    if not _fixed_pattern(scale).fullmatch("\n".join(texts)):
        return None
    scaled = [int(text[: -scale - 1] + text[-scale:]) for text in texts]
    return scaled if max(map(abs, scaled)) < EXACT else None


@lru_cache(maxsize=_MAX_SCALE)
def _fixed_pattern(scale: int) -> re.Pattern[str]:
    """Lines that are each a number with `scale` decimals, without leading zeros or a negative zero."""
    number = rf"(?!-0\.0+$)-?(?:0|[1-9][0-9]{{0,15}})\.[0-9]{{{scale}}}"
    return re.compile(rf"{number}(?:\n{number})*", re.MULTILINE)


def _scaled(text: str, scale: int) -> int | None:
    """`_all_scaled` of one number."""
    scaled = _all_scaled([text], scale)
    return scaled[0] if scaled else None


def _fixed_texts(scaled: Sequence[int], scale: int) -> list[str]:
    digits = [f"{number:0{scale + 1 + (number < 0)}d}" for number in scaled]
    return [f"{text[:-scale]}.{text[-scale:]}" for text in digits]


def _is_shortest(text: str, number: Value) -> bool:
    """Whether a text says no more than its number: its shortest form, of which exponents have several."""
    return repr(number) == text and "e" not in text


def _text(number: int | float) -> str:
    """A number among lexical ones: as it is written, else its shortest form, marked if it has an exponent."""
    if type(number) is LexicalNumber:
        return number.text
    text = repr(number)
    return f"{MARK}{text}" if "e" in text else text


def _number(text: str) -> int | float:
    """What `_text` made `text` of."""
    if text[0] == MARK:
        return float(text[1:])
    if "." in text:
        number = float(text)
        return number if _is_shortest(text, canonical(number)) else LexicalNumber(text)
    try:
        whole = int(text)
    except ValueError:
        return float(text) if _is_shortest(text, canonical(float(text))) else LexicalNumber(text)
    return whole if str(whole) == text else LexicalNumber(text)


def _decode_decimals(plane: Plane, _count: int) -> list[Value]:
    scale = 10 ** plane[1]
    return [number / scale if number % scale else number // scale for number in from_offsets(*plane[2:])]


def _decode_fixed(plane: Plane, _count: int) -> list[Value]:
    return [_number(text) for text in _fixed_texts(from_offsets(*plane[2:]), plane[1])]


def _decode_floats(plane: Plane, _count: int) -> list[Value]:
    return [canonical(number) for number in numbers_of("d", plane[1])]


DECODERS: dict[int, Callable[[Plane, int], list[Value]]] = {
    Form.INTEGERS: lambda plane, _: list(from_offsets(*plane[1:])),
    Form.SEQUENCE: lambda plane, count: list(range(plane[1], plane[1] + plane[2] * count, plane[2])),
    Form.DECIMALS: _decode_decimals,
    Form.FIXED: _decode_fixed,
    Form.FLOATS: _decode_floats,
    Form.LEXICAL: lambda plane, _: [_number(text) for text in from_texts(*plane[1:])],
}
"""How planes of numbers are decoded, by form."""
