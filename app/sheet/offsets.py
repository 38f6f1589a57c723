"""Integers as offsets from the least of them, each in as many bytes as the greatest offset needs."""

import struct
import sys
from array import array
from collections.abc import Sequence
from typing import Any

from app.sheet.form import FEW, filled

_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_ODD_BYTES = 16
"""What an odd value takes in a plane and in its patches, roughly."""


def offsets(values: Sequence[int]) -> list[Any]:
    """[least value, width, unsigned offsets from it at that width].

    The least is 0 where that takes no more bytes: then a new least value changes no offset but its own.
    """
    try:
        return [0, 1, bytes(values)]
    except ValueError:
        return _between(min(values), max(values), values)


def with_outliers(odd: list[int], values: Sequence[int]) -> tuple[list[int], Sequence[int]]:
    """(odd places, regular values) once the few numbers for which all would be stored wider are odd, too.

    One such number would else write the whole column anew, and so would taking it back.
    """
    width = _width(max(values) - min(values))
    for narrower in _CODES:
        limit, saved = 1 << 8 * narrower, len(values) * (width - narrower)
        if saved < _ODD_BYTES * 2:
            break
        if sum(not 0 <= value < limit for value in values[: len(values) // 4]) * FEW > len(values):
            continue
        found = [at for at, value in enumerate(values) if not 0 <= value < limit]
        both = sorted({*odd, *found})
        if len(both) * FEW <= len(values) and (1 + len(found)) * _ODD_BYTES <= saved:
            return both, filled(values, found)
    return odd, values


def _between(least: int, most: int, values: Sequence[int]) -> list[Any]:
    """`offsets` of values whose least and greatest are known."""
    width = _width(most - least)
    if least > 0 and width == _width(most):
        least = 0
    distances = [value - least for value in values] if least else values
    return [least, width, struct.pack(f"<{len(distances)}{_CODES[width]}", *distances)]


def _width(spread: int) -> int:
    return next(width for width in _CODES if spread < 1 << 8 * width)


def from_offsets(least: int, width: int, raw: bytes) -> Sequence[int]:
    """The numbers that `offsets` packed."""
    distances: Sequence[int] = raw if width == 1 else numbers_of(_CODES[width], raw)
    return [least + distance for distance in distances] if least else distances


def numbers_of(code: str, raw: bytes) -> "array[Any]":
    """Numbers of a fixed width, little-endian, by their code in `struct`."""
    numbers = array(code, raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
