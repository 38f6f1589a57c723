"""Planes as arrays of numbers or as joined texts, for whoever reads columns rather than cells.

The common forms are read without making a Python object for a value; the rare ones value by value.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import IntFlag
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from app.sheet.cell import EXACT, Scalar, scalar
from app.sheet.form import Form, Plane
from app.sheet.number_planes import MARK
from app.sheet.packing import unpack_value
from app.sheet.plane import decode

Numbers: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]

_INT64 = range(-(2**63), 2**63)
_WIDTHS: dict[int, np.dtype[Any]] = {
    1: np.dtype("u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<u4"),
    8: np.dtype("<i8"),
}
"""How offsets are read; those of 8 bytes as signed, since none has its highest bit set."""
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf]")
"""A lone surrogate in UTF-8, where no other character has these two bytes together."""


class Holds(IntFlag):
    """Which sorts of values there are; empty cells and errors are of none."""

    WHOLE = 1  # whole numbers up to 2^53, the same as int64 and as float64
    LONG = 2  # whole numbers that only int64 is sure to hold
    FRACTION = 4  # float64, and numbers written with decimals or an exponent
    TEXT = 8
    BOOLEAN = 16
    OTHER = 32  # whole numbers beyond 64 bits, texts with lone surrogates


class Texts(NamedTuple):
    """Texts of consecutive rows.

    lengths: of each text, as UTF-8. joined: the texts end to end. places: which of the texts each row has;
    None where they are those of the rows one by one. valid: which rows have one; None where all have.
    """

    lengths: Numbers
    joined: bytes
    places: Numbers | None
    valid: Mask | None


NOTHING = Holds(0)


def holds(plane: Plane, count: int) -> Holds:
    """The sorts of the `count` values of a plane; WHOLE may be missing beside FRACTION, which covers it."""
    return _HOLDS.get(plane[0], _holds_decoded)(plane, count)


def numbers(plane: Plane, count: int, dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    """(the values of a plane, where there is one), for a plane that holds what `dtype` can.

    dtype: bool, int64 or float64; what comes may be of a type that casts to it without loss. The mask is
    None where all rows have a value; where it says no, the value is any.
    """
    return _NUMBERS.get(plane[0], _numbers_decoded)(plane, count, dtype)


def texts(plane: Plane, count: int) -> Texts:
    """The values of a plane that holds texts only."""
    match plane[0]:
        case Form.TEXTS:
            return Texts(_offsets(*plane[1:4]), plane[4], None, None)
        case Form.CHOICES:
            choices = texts(plane[2], plane[1])
            return Texts(choices.lengths, choices.joined, _offsets(*plane[3:]), None)
        case Form.CONSTANT:
            found = _texts_decoded(plane, 1)
            valid = None if found.valid is None else np.zeros(count, np.bool_)
            return Texts(found.lengths, found.joined, np.zeros(count, np.int64), valid)
        case Form.HOLES:
            return _texts_holes(plane, count)
    return _texts_decoded(plane, count)


def mask(bits: bytes, count: int) -> Mask:
    """The mask of a plane with holes."""
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=count, bitorder="little").view(np.bool_)


def _offsets(least: int, width: int, raw: bytes) -> Numbers:
    found: Numbers = np.frombuffer(raw, _WIDTHS[width]).astype(np.int64)
    if least:
        found += least
    return found


def _scalars(plane: Plane, count: int) -> list[Scalar]:
    return [scalar(value) for value in decode(plane, count)]


# What a plane holds


def _holds_scalars(values: Iterable[Scalar]) -> Holds:
    return reduce(or_, {_holds_scalar(value) for value in values}, NOTHING)


def _holds_scalar(value: Scalar) -> Holds:
    match value:
        case None:
            return NOTHING
        case bool():
            return Holds.BOOLEAN
        case float():
            return Holds.FRACTION
        case str():
            return _holds_utf8(value.encode("utf-8", "surrogatepass"))
    return Holds.WHOLE if abs(value) <= EXACT else Holds.LONG if value in _INT64 else Holds.OTHER


def _holds_utf8(joined: bytes) -> Holds:
    return Holds.TEXT if joined.isascii() or not _SURROGATE.search(joined) else Holds.TEXT | Holds.OTHER


def _holds_decoded(plane: Plane, count: int) -> Holds:
    return _holds_scalars(_scalars(plane, count))


def _holds_integers(plane: Plane, _count: int) -> Holds:
    least, width, raw = plane[1:]
    if width <= 4 and -EXACT <= least <= EXACT - 2**32:
        return Holds.WHOLE
    found = _offsets(least, width, raw)
    return _holds_scalar(int(found.min())) | _holds_scalar(int(found.max()))


def _holds_sequence(plane: Plane, count: int) -> Holds:
    return Holds.WHOLE if _is_tame(plane, count) else _holds_decoded(plane, count)


def _holds_overrides(plane: Plane, count: int) -> Holds:
    if plane[1][0] == Form.SEQUENCE and not _is_tame(plane[1], count):
        return _holds_decoded(plane, count)  # the sequence may pass 2^53 where other values are over it
    return holds(plane[1], count) | holds(plane[4], plane[2])


def _is_tame(sequence: Plane, count: int) -> bool:
    """Whether no number of the sequence is beyond 2^53."""
    first, step = sequence[1:]
    return bool(abs(first) <= EXACT and abs(first + step * count) <= EXACT)


_HOLDS: dict[int, Callable[[Plane, int], Holds]] = {
    Form.CONSTANT: lambda plane, _: _holds_scalar(scalar(unpack_value(plane[1]))),
    Form.INTEGERS: _holds_integers,
    Form.SEQUENCE: _holds_sequence,
    Form.DECIMALS: lambda plane, _: Holds.FRACTION if plane[1] else Holds.WHOLE,
    Form.FIXED: lambda *_: Holds.FRACTION,
    Form.FLOATS: lambda *_: Holds.FRACTION,
    Form.TEXTS: lambda plane, _: _holds_utf8(plane[4]),
    Form.HOLES: lambda plane, _: holds(plane[2], int.from_bytes(plane[1], "little").bit_count()),
    Form.OVERRIDES: _holds_overrides,
    Form.CHOICES: lambda plane, _: holds(plane[2], plane[1]),
}


# Numbers, by form


def _numbers_decoded(plane: Plane, count: int, dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    found = _scalars(plane, count)
    valid = np.array([value is not None for value in found])
    return np.array([0 if value is None else value for value in found], dtype), None if valid.all() else valid


def _numbers_constant(plane: Plane, count: int, dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    value = scalar(unpack_value(plane[1]))
    if value is None:
        return np.zeros(count, dtype), np.zeros(count, np.bool_)
    return np.full(count, value, dtype), None


def _numbers_sequence(plane: Plane, count: int, dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    first, step = plane[1:]
    if not _is_tame(plane, count):
        return _numbers_decoded(plane, count, dtype)
    return np.arange(first, first + step * count, step, dtype=np.int64), None


def _numbers_scaled(plane: Plane, _count: int, _dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    # Both are whole and below 2^53, so the quotient is the float64 next to the decimal number.
    scaled = _offsets(*plane[2:])
    return scaled / 10 ** plane[1] if plane[1] else scaled, None


def _numbers_lexical(plane: Plane, count: int, dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    read: type = int if dtype is np.int64 else float
    spelled: Sequence[Any] = decode([Form.TEXTS, *plane[1:]], count)
    return np.array([read(text.removeprefix(MARK)) for text in spelled], dtype), None


def _numbers_holes(plane: Plane, count: int, dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    valid = mask(plane[1], count)
    inner, inner_valid = numbers(plane[2], int(np.count_nonzero(valid)), dtype)
    values = np.zeros(count, dtype)
    values[valid] = inner
    if inner_valid is not None:
        valid[valid] = inner_valid
    return values, valid


def _numbers_overrides(plane: Plane, count: int, dtype: type[Any]) -> tuple[Numbers, Mask | None]:
    if plane[1][0] == Form.SEQUENCE and not _is_tame(plane[1], count):
        return _numbers_decoded(plane, count, dtype)
    base, base_valid = numbers(plane[1], count, dtype)
    odd, odd_valid = numbers(plane[4], plane[2], dtype)
    places: Any = decode(plane[3], plane[2])
    values = base.astype(dtype)
    values[places] = odd
    if base_valid is None and odd_valid is None:
        return values, None
    valid = np.ones(count, np.bool_) if base_valid is None else base_valid
    valid[places] = True if odd_valid is None else odd_valid
    return values, valid


_NUMBERS: dict[int, Callable[[Plane, int, type[Any]], tuple[Numbers, Mask | None]]] = {
    Form.CONSTANT: _numbers_constant,
    Form.INTEGERS: lambda plane, _count, _dtype: (_offsets(*plane[1:]), None),
    Form.SEQUENCE: _numbers_sequence,
    Form.DECIMALS: _numbers_scaled,
    Form.FIXED: _numbers_scaled,
    Form.FLOATS: lambda plane, _count, _dtype: (np.frombuffer(plane[1], "<f8"), None),
    Form.LEXICAL: _numbers_lexical,
    Form.HOLES: _numbers_holes,
    Form.OVERRIDES: _numbers_overrides,
}


# Texts, by form


def _texts_holes(plane: Plane, count: int) -> Texts:
    valid = mask(plane[1], count)
    inner = texts(plane[2], int(np.count_nonzero(valid)))
    by_row = np.zeros(count, np.int64)
    by_row[valid] = inner.lengths if inner.places is None else inner.places
    if inner.valid is not None:
        valid[valid] = inner.valid
    if inner.places is None:
        return Texts(by_row, inner.joined, None, valid)
    return Texts(inner.lengths, inner.joined, by_row, valid)


def _texts_decoded(plane: Plane, count: int) -> Texts:
    found = _scalars(plane, count)
    valid = np.array([value is not None for value in found])
    encoded = [value.encode() if isinstance(value, str) else b"" for value in found]
    lengths = np.fromiter(map(len, encoded), np.int64, count)
    return Texts(lengths, b"".join(encoded), None, None if valid.all() else valid)
