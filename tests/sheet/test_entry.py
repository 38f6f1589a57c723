"""What is typed becomes the value that was meant, and what the editor shows types back to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sheet.address import MAX_TEXT
from app.sheet.cell import ErrorValue, LexicalNumber, RichText, Value, identical
from app.sheet.entry import (
    ERROR_CODES,
    BadText,
    BrokenText,
    Entry,
    TextTooLong,
    check_text,
    entry_text,
    parse_entry,
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("", None),
        ("hello", "hello"),
        ("12", 12),
        (" 12 ", 12),
        ("-0.5", -0.5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567),
        ("(12)", -12),
        ("(1,200.25)", -1200.25),
        ("12%", 0.12),
        ("-1.5%", -0.015),
        ("1e3", 1000),
        ("1E-3", 0.001),
        ("12.", 12),
        ("1.50", LexicalNumber("1.50")),
        ("0.30000000000000004", 0.30000000000000004),
        ("true", True),
        ("False", False),
        ("#n/a", ErrorValue("#N/A")),
        ("#DIV/0!", ErrorValue("#DIV/0!")),
    ],
)
def test_values(typed: str, value: Value) -> None:
    """Numbers as people write them, booleans and errors are recognised."""
    assert parse_entry(typed) == Entry(value)
    assert type(parse_entry(typed).value) is type(value)


@pytest.mark.parametrize(
    "typed",
    [
        "007",
        "00.5",
        "1234567890123456",
        "+1",
        "+49 30 1234",
        "1,23",
        "12,34,567",
        "1.2.3",
        "2024-01-31",
        "31.1.2024",
        "(12",
        "12)",
        "-(12)",
        "(-12)",
        "$5",
        "1e999",
        "1e-999",
        ".",
        "-",
        "%",
        "nan",
        "inf",
        "1_000",
        "٣",
        "=",
        "= ",
        "  ",
        " text ",
        "#NOPE",
    ],
)
def test_text(typed: str) -> None:
    """What a number would not give back, and what only looks like one, stays the text it is."""
    assert parse_entry(typed) == Entry(typed)


def test_apostrophe() -> None:
    """An apostrophe in front makes the rest text, whatever it looks like."""
    assert parse_entry("'12") == Entry("12")
    assert parse_entry("'=A1") == Entry("=A1")
    assert parse_entry("''x") == Entry("'x")


def test_formula() -> None:
    """`=` and more is a formula, kept as typed without the sign."""
    assert parse_entry("=sum(A1:B2) ") == Entry(formula="sum(A1:B2) ")


def test_text_format() -> None:
    """In a cell formatted as text everything but a formula stays text."""
    assert parse_entry("12", "@") == Entry("12")
    assert parse_entry("TRUE", "@") == Entry("TRUE")
    assert parse_entry("=A1", "@") == Entry(formula="A1")


@pytest.mark.parametrize(
    ("typed", "code", "serial"),
    [
        ("2024-01-31", "yyyy-mm-dd", 45322),
        ("2024-01-31 12:00", "d/m/yy h:mm", 45322.5),
        ("2024-01-31T18:00:00", "d/m/yy h:mm", 45322.75),
        ("12:00", "h:mm", 0.5),
        ("36:00", "[h]:mm", 1.5),
        ("1900-02-29", "d/m/yy", 60),
        ("1900-01-01", "d/m/yy", 1),
        ("45322", "d/m/yy", 45322),
    ],
)
def test_dates_in_date_cells(typed: str, code: str, serial: float) -> None:
    """ISO dates and times become serials where the cell shows dates."""
    assert parse_entry(typed, code) == Entry(serial)


@pytest.mark.parametrize("typed", ["2024-02-30", "2024-01-31 25:00", "1899-12-31", "12:60", ":", "tomorrow"])
def test_no_dates(typed: str) -> None:
    """What no calendar has stays text in a date cell too."""
    assert parse_entry(typed, "yyyy-mm-dd") == Entry(typed)


def test_1904() -> None:
    """In the 1904 system the same day has another serial."""
    assert parse_entry("2024-01-31", "d/m/yy", date1904=True) == Entry(45322 - 1462)
    assert entry_text(45322 - 1462, None, "d/m/yy", date1904=True) == "2024-01-31"
    assert entry_text(0, None, "d/m/yy", date1904=True) == "1904-01-01"


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (None, "General", ""),
        (0.125, "0%", "0.125"),
        (LexicalNumber("1.50"), "General", "1.50"),
        ("007", "General", "007"),
        ("12", "General", "'12"),
        ("12", "@", "12"),
        ("=A1", "General", "'=A1"),
        ("'x", "General", "''x"),
        ("", "General", "'"),
        (True, "General", "TRUE"),
        (RichText("bold", "<r/>"), "General", "bold"),
        (45322, "d mmm", "2024-01-31"),
        (45322.5, "d mmm", "2024-01-31 12:00:00"),
        (0.25, "h:mm", "06:00:00"),
        (1.5, "[h]:mm", "36:00:00"),
        (-1, "d mmm", "-1"),
        (0.1, "d mmm", "02:24:00"),
        ("2024-01-31", "d mmm", "'2024-01-31"),
        (10**15, "General", "1E+15"),
    ],
)
def test_what_the_editor_shows(value: Value, code: str, shown: str) -> None:
    """Numbers exactly, dates as ISO in date cells, an apostrophe before text that would be converted."""
    assert entry_text(value, None, code) == shown


def test_formula_in_the_editor() -> None:
    """A formula is shown with its sign, whatever it computed."""
    assert entry_text(None, "A1+1") == "=A1+1"


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**53), 2**53),
    st.integers(0, 10**8).map(lambda cents: cents / 100),
    st.integers(0, 60_000 * 86_400).map(lambda seconds: seconds / 86_400),
)
lexical = st.from_regex(r"-?(0|[1-9][0-9]{0,8})?\.[0-9]{1,20}", fullmatch=True).map(LexicalNumber)
texts = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="0123456789.,-+eE%()'=# :T", max_size=12),
    st.sampled_from(["TRUE", "#N/A"]),
)
errors = st.sampled_from(sorted(ERROR_CODES)).map(ErrorValue)
codes = st.sampled_from(["General", "0.00", "0%", "yyyy-mm-dd", "h:mm", "[h]:mm", 'nonsense"'])


@given(
    st.one_of(st.none(), st.booleans(), numbers, lexical, texts, errors),
    codes,
    st.booleans(),
)
def test_typing_what_is_shown_changes_nothing(value: Value, code: str, date1904: bool) -> None:
    """parse_entry(entry_text(value)) is the value again, to the type; a number may change int for float."""
    entry = parse_entry(entry_text(value, None, code, date1904=date1904), code, date1904=date1904)
    assert entry.formula is None
    assert entry.value == value
    if not isinstance(value, int | float) or isinstance(value, bool):
        assert identical(entry.value, value)


@given(
    st.one_of(
        st.text(max_size=30),
        st.text(alphabet="truefalsTRUEFALS\u00e9\u017f \n'#1-.,:eE", max_size=8),
        st.sampled_from(["January 5", "e5", "E+5", "inf", "nan", "true ", "fAlse", "tru", "Ada\n"]),
    ),
    codes,
)
def test_only_what_would_be_mistaken_has_an_apostrophe(text: str, code: str) -> None:
    """A text is shown as it is where typing it gives that text, else behind an apostrophe."""
    shown = text if parse_entry(text, code) == Entry(text) else f"'{text}"
    assert entry_text(text, None, code) == shown


@given(st.text(max_size=40), codes)
def test_never_fails(text: str, code: str) -> None:
    """Whatever is typed is taken, or refused as text that no cell takes."""
    try:
        entry = parse_entry(text, code)
    except BadText:
        return
    assert entry.formula is None or text.startswith("=")


def test_too_long() -> None:
    """Length counts in UTF-16 units; an apostrophe in front does not count."""
    assert parse_entry("'" + "x" * MAX_TEXT).value == "x" * MAX_TEXT
    with pytest.raises(TextTooLong) as refusal:
        parse_entry("😀" * (MAX_TEXT // 2 + 1))
    assert (refusal.value.length, refusal.value.limit) == (MAX_TEXT + 1, MAX_TEXT)
    assert f"{MAX_TEXT:,}" in str(refusal.value)


def test_broken_text() -> None:
    """Half of a character pair is refused, as nothing could store it."""
    with pytest.raises(BrokenText):
        check_text("a\ud800")


def test_longest_text_in_the_editor() -> None:
    """Text at the limit that needs an apostrophe is shown with one and types back."""
    longest = "=" + "x" * (MAX_TEXT - 1)
    assert entry_text(longest) == f"'{longest}"
    assert parse_entry(entry_text(longest)).value == longest
