"""What a plane is: a list whose first item says its form, see `app.sheet.plane` and `docs/formats.md`."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple, TypeAlias, TypeVar

Plane: TypeAlias = list[Any]
_T = TypeVar("_T")

FEW = 8
"""One value in so many may be odd before a plane takes another form: an odd value must cost itself only."""


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


class Regular(NamedTuple):
    """The plane of a column's regular values, and the places of the odd ones, where it has any value."""

    plane: Plane
    odd: Sequence[int] = ()


def are_few(odd: Sequence[int], values: Sequence[object]) -> bool:
    """Whether so many of the values may be odd."""
    return len(odd) * FEW <= len(values)


def filled(values: Sequence[_T], odd: Sequence[int]) -> list[_T]:
    """The values, each odd one replaced by the last regular one before it (or the first of all)."""
    filled = list(values)
    for at in odd:
        filled[at] = filled[at - 1]
    if odd and odd[0] == 0:
        before = next((at for at, place in enumerate(odd) if at != place), len(odd))
        filled[:before] = [values[before]] * before
    return filled
