"""Fields become values and lose nothing on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.csv.fields import Columns, field_value, is_field, spans, unquote
from app.sheet.cell import LexicalNumber, Value, identical, plain_text

numbers = st.one_of(
    st.integers(-(10**17), 10**17).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?[0-9]{0,12}\.[0-9]{1,9}", fullmatch=True),
    st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,3})?[eE][-+]?[0-9]{1,4}", fullmatch=True),
)
odd = st.sampled_from(
    ["TRUE", "FALSE", "true", "nan", "inf", "-inf", "Infinity", "1_000", " 1", "1\n2", "-", ".", ""]
)
fields = st.one_of(numbers, odd, st.text(max_size=6))


@given(fields)
def test_the_text_of_a_fields_value_is_the_field(field: str) -> None:
    """Whatever a field's value, its plain text is the field again."""
    assert plain_text(field_value(field)) == field


@given(st.lists(st.one_of(st.lists(numbers, max_size=5), st.lists(fields, max_size=5)), max_size=4))
def test_columns_give_what_their_fields_give(batches: list[list[str]]) -> None:
    """Values made a column at a time are those made one by one, to the type."""
    columns = Columns()
    for batch in batches:
        values = columns.values(0, batch)
        assert len(values) == len(batch)
        assert all(identical(value, field_value(field)) for value, field in zip(values, batch, strict=True))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("0", 0),
        ("-12", -12),
        ("999999999999999", 999_999_999_999_999),
        ("1000000000000000", "1000000000000000"),
        ("-0", LexicalNumber("-0")),
        ("0.1", 0.1),
        ("1.0", LexicalNumber("1.0")),
        (".5", LexicalNumber(".5")),
        ("5.", "5."),
        ("0.00001", LexicalNumber("0.00001")),
        ("1e-05", 1e-05),
        ("1.5E3", LexicalNumber("1.5E3")),
        ("1e5", "1e5"),
        ("1e+400", "1e+400"),
        ("12%", "12%"),
    ],
)
def test_which_fields_are_numbers(field: str, value: Value) -> None:
    """Plain numbers are, ids and codes are not."""
    assert identical(field_value(field), value)


@pytest.mark.parametrize(
    ("record", "parts", "texts"),
    [
        ('a,"b,c",', ["a", '"b,c"', ""], ["a", "b,c", ""]),
        ('"say ""x""",5" pipe', ['"say ""x"""', '5" pipe'], ['say "x"', '5" pipe']),
        ('"a"b,c', ['"a"b', "c"], ["ab", "c"]),
        ('a,"open, to the end', ["a", '"open, to the end'], ["a", "open, to the end"]),
        ("", [""], [""]),
    ],
)
def test_sources_of_fields(record: str, parts: list[str], texts: list[str]) -> None:
    """A record falls apart into its fields' sources, and a source gives its field's text."""
    assert spans(record, ",") == parts
    assert [unquote(part) for part in parts] == texts


def test_which_sources_can_stand_anywhere() -> None:
    """Not those whose quotation mark is open, nor those that hold a delimiter of another dialect."""
    assert [is_field(source, ";") for source in ['"a;b"', "a,b", "", '"open', "a;b", 'x"y']] == [
        True, True, True, False, False, True,
    ]  # fmt: skip
