"""Planes: sequences of values as msgpack-ready lists, so small and regular that patches stay short.

A plane is a list whose first item says its form (see `docs/formats.md`). The same values always give
the same plane, whatever edits led to them: numbers that are whole are ints (1.0 is 1, -0.0 stays
apart), every NaN is one NaN. Fixed-width forms are preferred over compact ones, because a changed
cell then changes a few bytes in one place.
"""

import sys
from array import array
from collections.abc import Callable, Sequence
from enum import IntEnum
from itertools import accumulate, chain, groupby, pairwise, repeat
from math import isnan
from typing import Any, TypeAlias

from app.sheet.cell import EXACT, LexicalNumber, Value
from app.sheet.packing import pack_value, unpack_value

Plane: TypeAlias = list[Any]

_MAX_SCALE = 6
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


def encode(values: Sequence[Value]) -> Plane:
    """The plane of values, None meaning that there is none at that place."""
    present: list[Value] = [value for value in values if value is not None]
    if not present:
        return [Form.CONSTANT, None]
    if len(present) < len(values):
        mask = int("".join("0" if value is None else "1" for value in reversed(values)), 2)
        return [Form.HOLES, mask.to_bytes((len(values) + 7) // 8, "little"), encode(present)]
    kinds = set(map(type, present))
    if float in kinds or LexicalNumber in kinds:
        present = [_canonical(value) for value in present]
        kinds = set(map(type, present))
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is not None and kind is not LexicalNumber and present.count(present[0]) == len(present):
        return [Form.CONSTANT, pack_value(present[0])]
    if kind is str:
        return _texts(present)  # type: ignore[arg-type]
    if kind is int or kinds | {kind} <= {int, float, LexicalNumber, None}:
        plane = _numbers(present)  # type: ignore[arg-type]
        if plane:
            return plane
    return [Form.MIXED, [pack_value(value) for value in present]]


def decode(plane: Plane, count: int) -> list[Value]:
    """The `count` values of a plane."""
    return _DECODERS[plane[0]](plane, count)


def encode_runs(values: Sequence[int | str]) -> Plane:
    """The plane of values that mostly repeat the one before, such as styles."""
    runs: list[tuple[Value, int]] = [(value, sum(1 for _ in group)) for value, group in groupby(values)]
    if len(runs) == 1 or len(runs) * 2 > len(values):
        return encode(values)
    lengths, repeated = [length for _, length in runs], [value for value, _ in runs]
    return [Form.RUNS, encode(lengths), encode(repeated), len(runs)]


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


# Numbers


def _numbers(values: Sequence[int | float]) -> Plane | None:
    """The tightest form for numbers; None where nothing but MIXED fits."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return _integers(values)  # type: ignore[arg-type]
    if LexicalNumber in kinds:
        return _fixed(values) or _lexical(values)
    for scale in range(1, _MAX_SCALE + 1):
        scaled = _scaled(values, 10**scale)
        if scaled:
            return [Form.DECIMALS, scale, *_offsets(scaled)]
    if all(type(value) is float or abs(value) <= EXACT for value in values):
        return [Form.FLOATS, _bytes(array("d", values))]
    return None


def _integers(values: Sequence[int]) -> Plane | None:
    step = values[1] - values[0] if len(values) > 2 else 0
    if step and all(after - before == step for before, after in pairwise(values)):
        return [Form.SEQUENCE, values[0], step] if max(map(abs, values)) < 2**62 else None
    return [Form.INTEGERS, *_offsets(values)] if max(map(abs, values)) < 2**62 else None


def _scaled(values: Sequence[int | float], scale: int) -> list[int] | None:
    """The values times `scale` as ints, where dividing gives exactly the values back; else None."""
    try:
        scaled = [round(value * scale) for value in values]
    except (ValueError, OverflowError):  # NaN, infinity
        return None
    exact = all(
        whole / scale == value and -EXACT < whole < EXACT for whole, value in zip(scaled, values, strict=True)
    )
    return scaled if exact and "-0.0" not in map(str, (v for v in values if not v)) else None


def _fixed(values: Sequence[int | float]) -> Plane | None:
    """Numbers that are all written with the same count of decimals, as "1.50" and 12.25 are."""
    texts = [_text(value) for value in values]
    scale = len(texts[0].partition(".")[2])
    if not 0 < scale <= _MAX_SCALE:
        return None
    try:
        scaled = [int(text[: -scale - 1] + text[-scale:]) for text in texts]
    except ValueError:
        return None
    same = max(map(abs, scaled)) < EXACT and all(map(str.__eq__, texts, _fixed_texts(scaled, scale)))
    return [Form.FIXED, scale, *_offsets(scaled)] if same else None


def _fixed_texts(scaled: Sequence[int], scale: int) -> list[str]:
    digits = [f"{number:0{scale + 1 + (number < 0)}d}" for number in scaled]
    return [f"{text[:-scale]}.{text[-scale:]}" for text in digits]


def _lexical(values: Sequence[int | float]) -> Plane:
    return [Form.LEXICAL, *_texts([_text(value) for value in values])[1:]]


def _text(value: float | int) -> str:
    return value.text if type(value) is LexicalNumber else repr(value)


def _number(text: str) -> int | float:
    """What `_text` made `text` of: the shortest form of a number is that number, else lexical."""
    try:
        number = int(text)
    except ValueError:
        return float(text) if repr(_canonical(float(text))) == text else LexicalNumber(text)
    return number if str(number) == text else LexicalNumber(text)


def _offsets(values: Sequence[int]) -> list[Any]:
    """[least value, width, unsigned offsets from it at that width]."""
    least = min(values)
    spread = max(values) - least
    width = next(width for width in (1, 2, 4, 8) if spread < 1 << 8 * width)
    offsets = [value - least for value in values]
    return [least, width, bytes(offsets) if width == 1 else _bytes(array(_CODES[width], offsets))]


def _from_offsets(least: int, width: int, raw: bytes) -> Sequence[int]:
    offsets: Sequence[int] = raw if width == 1 else _array(_CODES[width], raw)
    return [least + offset for offset in offsets] if least else offsets


_CODES = {2: "H", 4: "I", 8: "Q"}


def _bytes(numbers: "array[Any]") -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _array(code: str, raw: bytes) -> "array[Any]":
    numbers = array(code, raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


# Texts


def _texts(values: Sequence[str]) -> Plane:
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    lengths = [len(text) for text in encoded]
    return [Form.TEXTS, *_offsets(lengths), b"".join(encoded)]


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


def _decode_runs(plane: Plane, _count: int) -> list[Value]:
    lengths, values = decode(plane[1], plane[3]), decode(plane[2], plane[3])
    return list(chain.from_iterable(map(repeat, values, lengths)))  # type: ignore[arg-type]


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
}
