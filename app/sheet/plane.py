"""Planes: sequences of values as msgpack-ready lists, so small and regular that patches stay short.

A plane is a list whose first item says its form (see `docs/formats.md`). The same values always give
the same plane, whatever edits led to them: numbers that are whole are ints (1.0 is 1, -0.0 stays
apart), every NaN is one NaN. Fixed-width forms are preferred over compact ones, because a changed
cell then changes a few bytes in one place.
"""

import re
import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate, chain, groupby, pairwise, repeat
from math import isnan
from operator import ne, truediv
from typing import Any, TypeAlias, TypeVar

from app.sheet.cell import EXACT, LexicalNumber, Value, identical
from app.sheet.packing import pack_value, unpack_value

Plane: TypeAlias = list[Any]
_T = TypeVar("_T")

_MAX_SCALE = 6
_WIDEST = 2**62
_NUMBERS = {int, float, LexicalNumber}
_PLAIN = {bool, int, str}
"""Types whose equal values are the same."""
_FEW = 8
"""One value in so many may be odd before a plane takes another form: an odd value must cost itself only."""
_REPEATED = 4
"""Texts that appear so often on average are stored once."""

_ODD_BYTES = 16
"""What an odd value takes in a plane and in its patches, roughly."""

_NAN = float("nan")


class Form(IntEnum):
    """The first item of a plane."""

    CONSTANT = 0
    MIXED = 1
    INTEGERS = 2
    SEQUENCE = 3
    DECIMALS = 4
    FIXED = 5
    FLOATS = 6
    TEXTS = 7
    LEXICAL = 8
    RUNS = 9
    HOLES = 10
    OVERRIDES = 11
    CHOICES = 12


def encode(values: Sequence[Value]) -> Plane:
    """The plane of values, None meaning that there is none at that place."""
    if len(values) == 1:
        # What the rest would come to: sheets of thousands of columns have blocks of a row or two.
        return [Form.CONSTANT, pack_value(_canonical(values[0]))]
    kinds = set(map(type, values))
    if type(None) not in kinds:
        return _present(values, kinds)
    present = [value for value in values if value is not None]
    if not present:
        return [Form.CONSTANT, None]
    mask = int("".join(["0" if value is None else "1" for value in reversed(values)]), 2)
    kinds.discard(type(None))
    return [Form.HOLES, mask.to_bytes((len(values) + 7) // 8, "little"), _present(present, kinds)]


def decode(plane: Plane, count: int) -> list[Value]:
    """The `count` values of a plane."""
    return _DECODERS[plane[0]](plane, count)


def decode_part(plane: Plane, count: int, start: int, stop: int) -> list[Value]:
    """The values from `start` up to `stop` of the `count` values of a plane; most others are not decoded."""
    if start >= stop:
        return []
    part = _PARTS.get(plane[0])
    if part is None or (start == 0 and stop == count):
        return decode(plane, count)[start:stop]
    return part(plane, count, start, stop)


def is_full(plane: Plane) -> bool:
    """Whether every place has a value."""
    return presence(plane) is None


def presence(plane: Plane) -> bytes | None:
    """The bit mask of the places that have a value, the first at bit 0 of byte 0; None where all have one."""
    if plane[0] == Form.HOLES:
        return plane[1]  # type: ignore[no-any-return]
    return b"" if plane == [Form.CONSTANT, None] else None


def encode_runs(values: Sequence[int | str]) -> Plane:
    """The plane of values that mostly repeat the one before, such as styles."""
    runs: list[tuple[Value, int]] = [(value, sum(1 for _ in group)) for value, group in groupby(values)]
    if len(runs) == 1 or len(runs) * 2 > len(values):
        return encode(values)
    lengths, repeated = [length for _, length in runs], [value for value, _ in runs]
    return [Form.RUNS, encode(lengths), encode(repeated), len(runs)]


def _present(values: Sequence[Value], kinds: set[type]) -> Plane:
    """The plane of values of the given types, none of them None."""
    if not values:
        return [Form.CONSTANT, None]
    if float in kinds or LexicalNumber in kinds:
        # At once what most columns of numbers are; whatever this declines is made canonical first.
        if kinds <= _NUMBERS and not _is_common(values[len(values) // 2], values):
            plane = _written_alike(values, kinds) if LexicalNumber in kinds else _all_decimals(values)  # type: ignore[arg-type]
            if plane:
                return plane
        values = _all_canonical(values, kinds)
        kinds = set(map(type, values))
    return _constant(values, kinds) or (
        _texts(values)  # type: ignore[arg-type]
        if kinds == {str}
        else _numbers(values, kinds)  # type: ignore[arg-type]
        if kinds <= _NUMBERS
        else _mixed(values, kinds)
    )


def _all_canonical(values: Sequence[Value], kinds: set[type]) -> Sequence[Value]:
    """The values as `_canonical` gives them."""
    if kinds == {float} and not (any(map(float.is_integer, values)) or any(map(isnan, values))):  # type: ignore[arg-type]
        return values
    if kinds == {float, LexicalNumber} and not any(map(float.is_integer, values)):  # type: ignore[arg-type]
        # A lexical one's own repr() is that of its number.
        if any(map(isnan, values)):  # type: ignore[arg-type]
            return [_canonical(value) for value in values]
        return [
            float(value) if type(value) is LexicalNumber and repr(value) == value.text else value
            for value in values
        ]
    return [_canonical(value) for value in values]


def _canonical(value: Value) -> Value:
    if type(value) is LexicalNumber:
        number = _canonical(float(value))
        return number if repr(number) == value.text else value
    if type(value) is float:
        if isnan(value):
            return _NAN
        if value.is_integer() and abs(value) <= EXACT and (value or str(value) == "0.0"):
            return int(value)
    return value


def _constant(values: Sequence[Value], kinds: set[type]) -> Plane | None:
    """One value for all places, or for all but a few; None where no value is so common."""
    common = values[len(values) // 2]
    if not _is_common(common, values):
        return None
    if len(kinds) == 1 and kinds <= _PLAIN:
        odd = [at for at, value in enumerate(values) if value != common]
    else:  # 1, 1.0 and TRUE are equal, and are not the same
        odd = [at for at, value in enumerate(values) if not identical(value, common)]
    return _with_odd([Form.CONSTANT, pack_value(common)], values, odd) if _are_few(odd, values) else None


def _is_common(value: Value, values: Sequence[Value]) -> bool:
    """Whether all values but a few equal one."""
    return values.count(value) * _FEW >= len(values) * (_FEW - 1)


def _mixed(values: Sequence[Value], kinds: set[type]) -> Plane:
    """Values of several types: those of the most common one, and the others over them if they are few."""
    if len(kinds) == 1:
        return [Form.MIXED, [pack_value(value) for value in values]]
    sorts = ["number" if type(value) in _NUMBERS else type(value).__name__ for value in values]
    common = max(sorted(set(sorts)), key=sorts.count)
    odd = [at for at, sort in enumerate(sorts) if sort != common]
    if common not in ("number", "str"):
        odd = []
    if odd and _are_few(odd, values):
        return _with_odd(encode(_filled(values, odd)), values, odd)
    return [Form.MIXED, [pack_value(value) for value in values]]


def _are_few(odd: Sequence[int], values: Sequence[Value]) -> bool:
    return len(odd) * _FEW <= len(values)


def _with_odd(plane: Plane, values: Sequence[Value], odd: Sequence[int]) -> Plane:
    """The plane with the odd ones of the values over it."""
    if not odd:
        return plane
    return [Form.OVERRIDES, plane, len(odd), encode(odd), encode([values[at] for at in odd])]


def _filled(values: Sequence[_T], odd: Sequence[int]) -> list[_T]:
    """The values, each odd one replaced by the last regular one before it (or the first of all)."""
    filled = list(values)
    for at in odd:
        filled[at] = filled[at - 1]
    if odd and odd[0] == 0:
        before = next((at for at, place in enumerate(odd) if at != place), len(odd))
        filled[:before] = [values[before]] * before
    return filled


# Numbers


def _numbers(values: Sequence[int | float], kinds: set[type]) -> Plane:
    """The tightest form for canonical numbers."""
    if kinds == {int}:
        plane = _sequence(values) or _integers(values)  # type: ignore[arg-type]
    elif LexicalNumber in kinds:
        plane = _fixed(values)
    else:
        plane = _decimals(values) or _floats(values)
    return plane or [Form.MIXED, [pack_value(value) for value in values]]


def _sequence(values: Sequence[int]) -> Plane | None:
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
    if sum(map(ne, values[:early], even)) * _FEW > len(values):
        return None
    if not any(map(ne, values, even)):
        return [Form.SEQUENCE, first, step]
    odd = [at for at, (value, expected) in enumerate(zip(values, even, strict=True)) if value != expected]
    return _with_odd([Form.SEQUENCE, first, step], values, odd) if _are_few(odd, values) else None


def _integers(values: Sequence[int]) -> Plane | None:
    if max(map(abs, values)) >= _WIDEST:
        return None
    odd, regular = _with_outliers([], values)
    return _with_odd([Form.INTEGERS, *_offsets(regular)], values, odd)


def _all_decimals(values: Sequence[int | float]) -> Plane | None:
    """What `_decimals` gives where no number has more decimals than some have, at a fraction of the time."""
    scale = max(map(_decimals_of, values[:: len(values) // _FEW + 1]))
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
        if needing * _FEW > len(values):
            odd, regular = _with_outliers([], scaled)
            return _with_odd([Form.DECIMALS, scale, *_offsets(regular)], values, odd)
    return None


def _decimals(values: Sequence[int | float]) -> Plane | None:
    """Numbers with few decimals, but for a few of them."""
    needed = []
    for at, value in enumerate(values):
        needed.append(_decimals_of(value))
        if at == len(values) // 4 and sum(n > _MAX_SCALE for n in needed) * _FEW > len(values):
            return None
    enough = len(values) * (_FEW - 1)
    scale = next((s for s in range(_MAX_SCALE + 1) if sum(n <= s for n in needed) * _FEW >= enough), None)
    if scale is None:
        return None
    odd = [at for at, decimals in enumerate(needed) if decimals > scale]
    factor = 10**scale
    regular = _filled(values, odd) if odd else values
    scaled = [round(value * factor) for value in regular]
    exact = all(
        whole / factor == value and abs(whole) < EXACT for whole, value in zip(scaled, regular, strict=True)
    )
    if not exact:
        return None
    odd, inner = _with_outliers(odd, scaled)
    return _with_odd([Form.DECIMALS, scale, *_offsets(inner)], values, odd)


def _decimals_of(value: int | float) -> int:
    """How many decimals a number has in its shortest form; more than any scale where that is no decimal."""
    if type(value) is int:
        return 0
    whole, point, decimals = repr(value).partition(".")
    return len(decimals) if point and decimals.isdecimal() and (value or whole != "-0") else _MAX_SCALE + 1


def _floats(values: Sequence[int | float]) -> Plane | None:
    if any(type(value) is int and abs(value) > EXACT for value in values):
        return None
    return [Form.FLOATS, struct.pack(f"<{len(values)}d", *values)]


def _written_alike(values: Sequence[int | float], kinds: set[type]) -> Plane | None:
    """What `_fixed` gives where all numbers are written with as many decimals, at a fraction of the time."""
    if int in kinds or any(value.is_integer() for value in values if type(value) is float):
        return None
    texts = [value.text if type(value) is LexicalNumber else repr(value) for value in values]
    scale = len(texts[0].partition(".")[2])
    # One that ends in zero stays lexical however it is read, so the form for such numbers it is.
    if not 0 < scale <= _MAX_SCALE or not any(text.endswith("0") for text in texts):
        return None
    whole = _all_scaled(texts, scale)
    if not whole:
        return None
    odd, regular = _with_outliers([], whole)
    return _with_odd([Form.FIXED, scale, *_offsets(regular)], values, odd)


def _fixed(values: Sequence[int | float]) -> Plane | None:
    """Numbers written with the same count of decimals, as "1.50" and 12.25 are, but for a few."""
    texts = [value.text if type(value) is LexicalNumber else repr(value) for value in values]
    counts = [len(text.partition(".")[2]) for text in texts]
    scale = max(sorted(set(counts)), key=counts.count)
    if not 0 < scale <= _MAX_SCALE:
        return [Form.LEXICAL, *_joined(texts)]
    whole = _all_scaled(texts, scale)
    if whole:
        odd, regular = _with_outliers([], whole)
        return _with_odd([Form.FIXED, scale, *_offsets(regular)], values, odd)
    scaled = [_scaled(text, scale) for text in texts]
    odd = [at for at, whole in enumerate(scaled) if whole is None]
    if not _are_few(odd, values):
        return [Form.LEXICAL, *_joined(texts)]
    filled = [whole for whole in (_filled(scaled, odd) if odd else scaled) if whole is not None]
    odd, regular = _with_outliers(odd, filled)
    return _with_odd([Form.FIXED, scale, *_offsets(regular)], values, odd)


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


def _number(text: str) -> int | float:
    """What `_text` made `text` of: the shortest form of a number is that number, else lexical."""
    if "." in text:
        number = float(text)
        return number if repr(_canonical(number)) == text else LexicalNumber(text)
    try:
        whole = int(text)
    except ValueError:
        return float(text) if repr(_canonical(float(text))) == text else LexicalNumber(text)
    return whole if str(whole) == text else LexicalNumber(text)


def _offsets(values: Sequence[int]) -> list[Any]:
    """[least value, width, unsigned offsets from it at that width].

    The least is 0 where that takes no more bytes: then a new least value changes no offset but its own.
    """
    try:
        return [0, 1, bytes(values)]
    except ValueError:
        return _between(min(values), max(values), values)


def _with_outliers(odd: list[int], values: Sequence[int]) -> tuple[list[int], Sequence[int]]:
    """(odd places, regular values) once the few numbers for which all would be stored wider are odd, too.

    One such number would else write the whole column anew, and so would taking it back.
    """
    width = _width(max(values) - min(values))
    for narrower in _CODES:
        limit, saved = 1 << 8 * narrower, len(values) * (width - narrower)
        if saved < _ODD_BYTES * 2:
            break
        if sum(not 0 <= value < limit for value in values[: len(values) // 4]) * _FEW > len(values):
            continue
        found = [at for at, value in enumerate(values) if not 0 <= value < limit]
        both = sorted({*odd, *found})
        if len(both) * _FEW <= len(values) and (1 + len(found)) * _ODD_BYTES <= saved:
            return both, _filled(values, found)
    return odd, values


def _between(least: int, most: int, values: Sequence[int]) -> list[Any]:
    """`_offsets` of values whose least and greatest are known."""
    width = _width(most - least)
    if least > 0 and width == _width(most):
        least = 0
    offsets = [value - least for value in values] if least else values
    return [least, width, struct.pack(f"<{len(offsets)}{_CODES[width]}", *offsets)]


def _width(spread: int) -> int:
    return next(width for width in _CODES if spread < 1 << 8 * width)


def _from_offsets(least: int, width: int, raw: bytes) -> Sequence[int]:
    offsets: Sequence[int] = raw if width == 1 else _array(_CODES[width], raw)
    return [least + offset for offset in offsets] if least else offsets


_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}


def _array(code: str, raw: bytes) -> "array[Any]":
    numbers = array(code, raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


# Texts


def _texts(values: Sequence[str]) -> Plane:
    """Texts one by one, or by their number among the few there are.

    Numbered in the order they appear: a text that is new to a column mostly comes last.
    """
    place = dict.fromkeys(values, 0)
    if len(place) * _REPEATED > len(values):
        return [Form.TEXTS, *_joined(values)]
    texts = list(place)
    place.update(zip(texts, range(len(texts)), strict=True))
    return [
        Form.CHOICES,
        len(texts),
        [Form.TEXTS, *_joined(texts)],
        *_offsets([*map(place.__getitem__, values)]),
    ]


def _joined(values: Sequence[str]) -> list[Any]:
    """[least length, width, lengths from it, the texts end to end]."""
    joined = "".join(values)
    if joined.isascii():
        return [*_offsets([*map(len, values)]), joined.encode("ascii")]
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    return [*_offsets([*map(len, encoded)]), b"".join(encoded)]


def _from_texts(least: int, width: int, raw_lengths: bytes, joined: bytes) -> list[str]:
    ends = [0, *accumulate(_from_offsets(least, width, raw_lengths))]
    if joined.isascii():
        text = joined.decode("ascii")
        return [text[start:end] for start, end in pairwise(ends)]
    return [joined[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(ends)]


# Decoding, by form


def _decode_holes(plane: Plane, count: int) -> list[Value]:
    mask = f"{int.from_bytes(plane[1], 'little'):0{count}b}"[::-1]
    present = iter(decode(plane[2], mask.count("1")))
    return [next(present) if bit == "1" else None for bit in mask]


def _decode_overrides(plane: Plane, count: int) -> list[Value]:
    values = decode(plane[1], count)
    for at, value in zip(decode(plane[3], plane[2]), decode(plane[4], plane[2]), strict=True):
        values[at] = value  # type: ignore[index]
    return values


def _decode_runs(plane: Plane, _count: int) -> list[Value]:
    lengths, values = decode(plane[1], plane[3]), decode(plane[2], plane[3])
    return list(chain.from_iterable(map(repeat, values, lengths)))  # type: ignore[arg-type]


def _decode_choices(plane: Plane, _count: int) -> list[Value]:
    texts = decode(plane[2], plane[1])
    return [*map(texts.__getitem__, _from_offsets(*plane[3:]))]


def _decode_decimals(plane: Plane, _count: int) -> list[Value]:
    scale = 10 ** plane[1]
    return [number / scale if number % scale else number // scale for number in _from_offsets(*plane[2:])]


def _decode_fixed(plane: Plane, _count: int) -> list[Value]:
    return [_number(text) for text in _fixed_texts(_from_offsets(*plane[2:]), plane[1])]


def _decode_floats(plane: Plane, _count: int) -> list[Value]:
    return [_canonical(number) for number in _array("d", plane[1])]


_DECODERS: dict[int, Callable[[Plane, int], list[Value]]] = {
    Form.CONSTANT: lambda plane, count: [unpack_value(plane[1])] * count,
    Form.MIXED: lambda plane, _: [unpack_value(value) for value in plane[1]],
    Form.INTEGERS: lambda plane, _: list(_from_offsets(*plane[1:])),
    Form.SEQUENCE: lambda plane, count: list(range(plane[1], plane[1] + plane[2] * count, plane[2])),
    Form.DECIMALS: _decode_decimals,
    Form.FIXED: _decode_fixed,
    Form.FLOATS: _decode_floats,
    Form.TEXTS: lambda plane, _: list(_from_texts(*plane[1:])),
    Form.LEXICAL: lambda plane, _: [_number(text) for text in _from_texts(*plane[1:])],
    Form.RUNS: _decode_runs,
    Form.HOLES: _decode_holes,
    Form.OVERRIDES: _decode_overrides,
    Form.CHOICES: _decode_choices,
}


# Decoding a part, by form


def _part_of_constant(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    return decode(plane, stop - start)


def _part_of_sequence(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    first, step = plane[1:]
    return list(range(first + step * start, first + step * stop, step))


def _part_of_offsets(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    """Of any form that ends in [width, numbers of that width]."""
    *form, width, raw = plane
    return decode([*form, width, raw[start * width : stop * width]], stop - start)


def _part_of_floats(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    return decode([Form.FLOATS, plane[1][start * 8 : stop * 8]], stop - start)


def _part_of_texts(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    form, least, width, lengths, joined = plane
    begin, end = (least * at + sum(_from_offsets(0, width, lengths[: at * width])) for at in (start, stop))
    return decode(
        [form, least, width, lengths[start * width : stop * width], joined[begin:end]], stop - start
    )


def _part_of_holes(plane: Plane, _count: int, start: int, stop: int) -> list[Value]:
    mask = int.from_bytes(plane[1], "little")
    before = (mask & ((1 << start) - 1)).bit_count()
    inside = (mask >> start) & ((1 << (stop - start)) - 1)
    present = iter(decode_part(plane[2], mask.bit_count(), before, before + inside.bit_count()))
    return [next(present) if bit == "1" else None for bit in f"{inside:0{stop - start}b}"[::-1]]


def _part_of_overrides(plane: Plane, count: int, start: int, stop: int) -> list[Value]:
    values = decode_part(plane[1], count, start, stop)
    for at, value in zip(decode(plane[3], plane[2]), decode(plane[4], plane[2]), strict=True):
        if start <= at < stop:  # type: ignore[operator]
            values[at - start] = value  # type: ignore[operator, index]
    return values


_PARTS: dict[int, Callable[[Plane, int, int, int], list[Value]]] = {
    Form.CONSTANT: _part_of_constant,
    Form.INTEGERS: _part_of_offsets,
    Form.SEQUENCE: _part_of_sequence,
    Form.DECIMALS: _part_of_offsets,
    Form.FIXED: _part_of_offsets,
    Form.FLOATS: _part_of_floats,
    Form.TEXTS: _part_of_texts,
    Form.LEXICAL: _part_of_texts,
    Form.HOLES: _part_of_holes,
    Form.OVERRIDES: _part_of_overrides,
    Form.CHOICES: _part_of_offsets,
}
"""The forms of which a part is decoded alone; others are short, or decode whole."""
