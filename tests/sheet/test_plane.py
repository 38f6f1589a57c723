"""Planes: what is encoded is decoded, and equal values have equal bytes."""

import math
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.sheet import plane
from app.sheet.cell import LexicalNumber, plain_text
from app.sheet.form import Form
from tests.strategies import lexical_numbers, money, values


@st.composite
def outlying(draw):
    """Small numbers with a few far beyond them: whole, with decimals, or written with decimals."""
    small = draw(st.lists(st.integers(-3, 300), min_size=40, max_size=60))
    for number in draw(st.lists(st.integers(-(2**60), 2**60), min_size=1, max_size=4)):
        small.insert(draw(st.integers(0, len(small))), number)
    form = draw(
        st.sampled_from([int, lambda number: number / 4, lambda number: LexicalNumber(f"{number}.50")])
    )
    return [form(number) for number in small]


COLUMNS = st.one_of(
    outlying(),
    st.lists(values, min_size=1, max_size=30),
    *(
        st.lists(kind | st.none(), min_size=1, max_size=30)
        for kind in (
            st.integers(),
            st.integers(0, 300),
            money,
            lexical_numbers,
            lexical_numbers | money,
            st.floats(),
            st.floats() | money,
            st.sampled_from(["", "a", "b", "\u00e9", "\ud800"]),
        )
    ),
)


def exact(value):
    """What must survive: type, value, lexical form and sign; whole floats are ints, NaN is NaN."""
    if isinstance(value, LexicalNumber):
        plain = float(value)
        if plain_text(plain) != value.text or "e" in value.text:
            return "lexical", value.text
        value = plain
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53 and str(value) != "-0.0":
        value = int(value)
    return type(value).__name__, repr(value)


def through_bytes(values, encode=plane.encode):
    raw = msgspec.msgpack.encode(encode(values))
    return plane.decode(msgspec.msgpack.decode(raw), len(values))


@given(COLUMNS)
@example([0.0, -0.0])
@example([-0.0, 0.25])
@example([1.5, 1e300])
@example([math.nan, math.inf, -math.inf])
@example([True, 1, 1.0])
@example([LexicalNumber("1.50"), 1.25, LexicalNumber("-0.50")])
@example([LexicalNumber("1.50"), 7])
@example([2**63, 1])
@example([2**53 + 1, 0.5])
@example([LexicalNumber("9.849460257516096e-05")])
@example([LexicalNumber("1.50"), LexicalNumber("1e-05"), 1e-05])
@example([LexicalNumber("1E-5"), LexicalNumber("1e+300"), 1e300, LexicalNumber("1e5")])
def test_what_is_encoded_is_decoded(values):
    """Every value comes back with its type, sign and lexical form."""
    assert [exact(value) for value in through_bytes(values)] == [exact(value) for value in values]


@given(COLUMNS, st.data())
@example([at * at for at in range(20)] + ["n/a"], None)
@example([LexicalNumber(f"{at * at}.50") for at in range(20)] + [3], None)
@example(["north", "south", "north", "east"] * 20, None)
def test_a_part_is_a_part_of_the_whole(values, data):
    """Decoding some places gives what decoding all and cutting gives, form by form."""
    encoded = plane.encode(values)
    start = data.draw(st.integers(0, len(values))) if data else 3
    stop = data.draw(st.integers(start, len(values))) if data else len(values)
    part = plane.decode_part(encoded, len(values), start, stop)
    assert list(map(exact, part)) == list(map(exact, plane.decode(encoded, len(values))))[start:stop]


@given(st.lists(st.integers(0, 3), min_size=1) | st.lists(st.text(max_size=2), min_size=1))
def test_runs_are_decoded_alike(values):
    """The form for repeating styles and attributes holds any of them."""
    repeated = [value for value in values for _ in range(3)]
    assert through_bytes(repeated, plane.encode_runs) == repeated


@given(COLUMNS)
def test_decoded_values_encode_to_the_same_bytes(values):
    """The bytes are canonical: they depend on the values alone."""
    once = msgspec.msgpack.encode(plane.encode(values))
    assert msgspec.msgpack.encode(plane.encode(through_bytes(values))) == once


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([7] * 50, Form.CONSTANT),
        (list(range(100, 200)), Form.SEQUENCE),
        ([3, 1, 2], Form.INTEGERS),
        ([12.25, 3.5, 7], Form.DECIMALS),
        ([LexicalNumber("12.50"), 3.25, LexicalNumber("-7.00")], Form.FIXED),
        ([1 / 3, 0.5], Form.FLOATS),
        (["a", "b"], Form.TEXTS),
        (["a", "b"] * 4, Form.CHOICES),
        (["a", "b"] * 3 + ["c"], Form.TEXTS),
        ([True, "a"], Form.MIXED),
        ([1, None], Form.HOLES),
        ([7] * 20 + [8], Form.OVERRIDES),
        ([*range(30), 7], Form.OVERRIDES),
        ([*range(1, 60, 3), *range(20), 2.5], Form.OVERRIDES),
        ([at * at for at in range(20)] + ["n/a"], Form.OVERRIDES),
        ([LexicalNumber(f"{at * at}.50") for at in range(20)] + [3], Form.OVERRIDES),
        ([at * at % 100 for at in range(40)] + [70_000], Form.OVERRIDES),
        ([at * at % 100 for at in range(40)] + [700], Form.OVERRIDES),
        ([at * at % 100 for at in range(20)] + [700], Form.INTEGERS),
        ([at * at % 100 / 4 for at in range(40)] + [70_000], Form.OVERRIDES),
        ([LexicalNumber(f"{at * at % 100 / 10}0") for at in range(40)] + [7000.25], Form.OVERRIDES),
    ],
)
def test_the_form_fits_the_values(values, form):
    """Each kind of column takes the form made for it."""
    assert plane.encode(values)[0] == form


@given(COLUMNS)
@example([0.25, 0.5, -0.0, 0.75])
@example([0.25, 0.5, 2**53 / 100, 0.75])
@example([0.25, 0.5, math.inf, 0.75])
@example([LexicalNumber("1.50"), 1.0, 2.25])
@example([LexicalNumber("1.25"), 1.75, 2.25])
@example([LexicalNumber("1.50"), LexicalNumber("-0.00"), 2.25])
def test_what_is_made_at_once_is_made_alike(values):
    """The quick ways to a plane give what the general one gives: the bytes do not hang on the way."""
    with (
        patch.object(plane, "all_decimals", return_value=None),
        patch.object(plane, "written_alike", return_value=None),
    ):
        general = plane.encode(values)
    assert msgspec.msgpack.encode(plane.encode(values)) == msgspec.msgpack.encode(general)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["b", "a", "b", "b"] * 2, [12, 2, [7, 0, 1, b"\x01\x01", b"ba"], 0, 1, bytes([0, 1, 0, 0] * 2)]),
        ([3, 1, 255], [2, 0, 1, b"\x03\x01\xff"]),
        ([300, 301, 259], [2, 259, 1, b"\x29\x2a\x00"]),
        ([-1, 3, 1], [2, -1, 1, b"\x00\x04\x02"]),
        ([12.25, 0.5, 7], [4, 2, 0, 2, b"\xc9\x04\x32\x00\xbc\x02"]),
        (["a", "\u00e9"], [7, 0, 1, b"\x01\x02", b"a\xc3\xa9"]),
    ],
    ids=["choices", "least of 0", "least", "least below 0", "decimals", "texts"],
)
def test_the_items_of_a_plane_are_pinned(values, expected):
    """The stored form of version 1, as docs/formats.md gives it."""
    assert plane.encode(values) == expected
