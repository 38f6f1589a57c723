"""Planes read as arrays give what reading them value by value gives."""

import math

import msgspec
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from app.sheet import plane
from app.sheet.cell import ErrorValue, LexicalNumber, RichText, scalar
from app.store import arrays
from app.store.arrays import NOTHING, Holds
from tests.strategies import lexical_numbers, money, values

ERRORS = st.just(ErrorValue("#N/A"))
TEXTS = st.text(max_size=5) | st.builds(RichText, st.text(max_size=5), st.text(max_size=5))
WHOLE = st.integers(-(2**53), 2**53) | st.integers(0, 300) | st.just(LexicalNumber("+7"))
LONG = WHOLE | st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats() | money | lexical_numbers | st.integers(-(2**53), 2**53)


def columns(kind):
    """Lists of a kind, with holes and errors, of one value mostly, or in even steps but for a few."""
    return st.one_of(
        st.lists(kind | st.none() | ERRORS, min_size=1, max_size=30),
        st.lists(kind, min_size=1, max_size=30),
        st.builds(lambda one, odd: [one] * 20 + odd, kind, st.lists(kind | ERRORS, max_size=2)),
    )


def steps(kind):
    """Numbers in even steps but for one of a kind."""
    return st.builds(lambda first, odd: [*range(first, first + 20), odd], st.integers(-9, 9), kind)


def stored(found):
    return msgspec.msgpack.decode(msgspec.msgpack.encode(plane.encode(found)))


def naive_sort(value):
    match value:
        case None:
            return NOTHING
        case bool():
            return Holds.BOOLEAN
        case int():
            return (
                Holds.WHOLE
                if abs(value) <= 2**53
                else Holds.LONG
                if -(2**63) <= value < 2**63
                else Holds.OTHER
            )
        case float():
            return Holds.FRACTION
    has_surrogates = any("\ud800" <= letter <= "\udfff" for letter in value)
    return Holds.TEXT | Holds.OTHER if has_surrogates else Holds.TEXT


def through_numbers(found, dtype):
    """The values as `numbers` reads them: None where the mask says so."""
    read, mask = arrays.numbers(stored(found), len(found), dtype)
    there = [True] * len(found) if mask is None else mask.tolist()
    return [
        repr(value) if held else None for value, held in zip(read.astype(dtype).tolist(), there, strict=True)
    ]


def through_texts(found):
    lengths, joined, places, mask = arrays.texts(stored(found), len(found))
    ends = np.cumsum(lengths).tolist()
    cut = [joined[end - length : end].decode() for end, length in zip(ends, lengths.tolist(), strict=True)]
    taken = cut if places is None else [cut[at] for at in places.tolist()]
    there = [True] * len(found) if mask is None else mask.tolist()
    return [text if held else None for text, held in zip(taken, there, strict=True)]


def expected(found, kind):
    canonical = plane.decode(stored(found), len(found))  # 1.0 is 1 in a plane
    return [None if scalar(value) is None else repr(kind(scalar(value))) for value in canonical]


@given(st.one_of(*map(columns, (values, LONG, FLOATS, TEXTS, st.booleans())), steps(values)))
@example([2**61 * at for at in range(20)])
@example([2**52 + 2**47 * at for at in range(31)] + [7])
@example([2**53, 2**53 + 1])
@example([2**53 - 5, *range(200)])
@example(["\ud800", "a"])
@example(["\ud7ff", "\ue000"])
@example([LexicalNumber("1.50"), LexicalNumber("12345678901234567890")])
def test_what_a_plane_holds(found):
    """The sorts told of a plane are those of its values; beside fractions, short whole numbers add none."""
    sorts = NOTHING
    for value in plane.decode(stored(found), len(found)):
        sorts |= naive_sort(scalar(value))
    told = arrays.holds(stored(found), len(found))
    silent = Holds.WHOLE if Holds.FRACTION in sorts else NOTHING
    assert told | silent == sorts | silent


@given(columns(LONG) | steps(LONG))
@example([2**61 * at for at in range(4)])
@example([2**60 * at for at in range(7)] + [3])
@example([-(2**61), 2**61])
def test_whole_numbers(found):
    """Whole numbers of 64 bits come as int64, exactly."""
    assert through_numbers(found, np.int64) == expected(found, int)


@given(columns(FLOATS) | steps(FLOATS))
@example([-0.0, 0.25, math.nan, math.inf])
@example([0.1, 0.2, -0.3])
@example([LexicalNumber("1.50"), 3.25])
@example([LexicalNumber("1e5"), LexicalNumber("+7"), 0.5])
def test_numbers(found):
    """Numbers come as the float64 they are, whatever their spelling."""
    assert through_numbers(found, np.float64) == expected(found, float)


@given(columns(st.booleans()))
def test_booleans(found):
    """Booleans come as booleans."""
    assert through_numbers(found, np.bool_) == expected(found, bool)


@given(columns(TEXTS))
@example(["", None, "ä", "", "\U0001f600"])
@example(["a", "bc", None] * 9)
@example([None, *["a"] * 9])
def test_texts(found):
    """Texts come end to end, in their order, those of rich text without its looks."""
    assert through_texts(found) == [scalar(value) for value in found]


@given(st.lists(st.integers(0, 3), min_size=1))
def test_runs(found):
    """The form for repeating values, such as styles, is read like any other."""
    repeated = [value for value in found for _ in range(3)]
    read, mask = arrays.numbers(plane.encode_runs(repeated), len(repeated), np.int64)
    assert (read.tolist(), mask) == (repeated, None)
