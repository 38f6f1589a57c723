"""Columns of numbers read at once hold what each text says on its own."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.formats.csv.fields import field_value
from app.formats.numerals import numbers
from app.formats.xlsx.numbers import parse_number
from app.sheet.cell import Value

NUMERALS = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e6, 1e6).map("{:.17g}".format),
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.sampled_from("-0 -0.0 0.0 5.0 .5 00.5 1.50 0.00001 1e5 12345678901234567890.5 1\n2 1\n2.5".split(" ")),
)


def exact(value: Value) -> tuple[object, ...]:
    return type(value), repr(value), getattr(value, "text", None)


@example(["9007199254740994.0"])
@given(st.lists(NUMERALS, min_size=1, max_size=5))
def test_a_column_of_numbers_is_read_as_each_of_them_is(texts: list[str]) -> None:
    """In CSV files and in xlsx ones alike, to the last detail, wherever it is read at once at all."""
    found = numbers(texts, "".join(f"{text}\n" for text in texts))
    if found is not None:
        assert [*map(exact, found)] == [exact(field_value(text)) for text in texts]
        assert [*map(exact, found)] == [exact(parse_number(text)) for text in texts]


def test_prices_and_counts_are_read_at_once() -> None:
    """The usual columns are not declined."""
    for texts in (["1", "20", "-3"], ["1.5", "0.25"], ["1.50", "2", "3.1000000000000001"]):
        assert numbers(texts, "\n".join(texts) + "\n") == [*map(float, texts)]
