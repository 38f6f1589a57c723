"""Numbers and their text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.xlsx.numbers import number_text, parse_number
from app.sheet.cell import LexicalNumber


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0", int),
        ("-12", int),
        ("9007199254740992", int),
        ("9007199254740993", LexicalNumber),
        ("0.1", float),
        ("1.0000000000000001E-5", LexicalNumber),
        ("1E-5", float),
        ("1.5E+300", float),
        ("1e-05", LexicalNumber),
        ("-0", float),
        ("007", LexicalNumber),
        ("5.0", LexicalNumber),
        ("1.50", LexicalNumber),
        ("", type(None)),
        ("nan", type(None)),
        ("inf", type(None)),
        ("1e999", type(None)),
        ("1_0", type(None)),
        ("٣", type(None)),
        ("12 ", type(None)),
    ],
)
def test_a_text_is_the_simplest_number_that_gives_it_back(text: str, kind: type) -> None:
    """int where exact, float where its shortest form is the text, else the text beside the number."""
    assert type(parse_number(text)) is kind


@given(
    st.one_of(
        st.integers().map(str),
        st.floats().map(repr),
        st.from_regex(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]{1,3})?"),
    )
)
def test_a_number_gives_its_text_back(text: str) -> None:
    """Whatever number a text is, it is written as that text."""
    number = parse_number(text)
    assert number is None or number_text(number) == text


@given(st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_survives_being_written(number: float) -> None:
    """Whatever number is written, it is read as the same float64."""
    found = parse_number(number_text(number))
    assert found is not None
    assert float(found) == float(number)
