"""Values under number format codes look as Excel shows them."""

import warnings
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from app.sheet.cell import ErrorValue, LexicalNumber, RichText, Value
from app.sheet.number_format import Display, display, is_date_format
from tests import corpus

EXCEL_TABLES = {
    "NumberFormatTests": 325,
    "DateFormatTests": 45,
    "DateFormatNumberTests": 10,
    "GeneralFormatTests": 70,
    "ElapsedFormatTests": 50,
    "TextFormatTests": 27,
    "NumberFormatApproxTests": 248,
    "FormatChoiceTests": 24,
    "FormatConditionTests": 48,
}
"""POI's tables, and how many cases each has. None of them is excepted."""
ACCOUNTING = '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)'


def shown(value: Value, code: str) -> str:
    return display(value, code).text


@pytest.mark.parametrize(("name", "cases"), EXCEL_TABLES.items(), ids=EXCEL_TABLES)
def test_excels_own_results(name: str, cases: int) -> None:
    """Every row of POI's tables of what Excel's TEXT gives (value, code, result) comes out the same."""
    with warnings.catch_warnings(action="ignore"):
        book = openpyxl.load_workbook(corpus.file(f"poi/{name}.xlsx"), data_only=True)
    sheet, from_1904 = book["Tests"], book.epoch == CALENDAR_MAC_1904
    expected, actual = {}, {}
    for number, row in enumerate(sheet.iter_rows(min_row=2, max_col=3, values_only=True), 2):
        result, code, value = row
        if row == (None, None, None):
            continue
        if isinstance(value, (date, datetime)):
            value = to_excel(value, book.epoch)
        expected[number] = (code, value, str(result))
        actual[number] = (code, value, display(value, str(code), date1904=from_1904).text)
    assert actual == expected
    assert len(expected) == cases


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0, "#", ""),
        (0.5, "#.##", ".5"),
        (12.5, ".00", "12.50"),
        (-0.001, "0.00", "-0.00"),
        (1.005, "0.00", "1.01"),
        (2.5, "0", "3"),
        (1234.5, ACCOUNTING, " $1,234.50 "),
        (-1234.5, ACCOUNTING, " $(1,234.50)"),
        (0, ACCOUNTING, " $-   "),
        ("x", ACCOUNTING, " x "),
        (5, "0;;", "5"),
        (-5, "0;;", ""),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (5, '0" units"', "5 units"),
        (1e100, "0.00E+00", "1.00E+100"),
        (9.999, "0.0E+0", "1.0E+1"),
        (12.5, 'General" kg"', "12.5 kg"),
        (-12.5, "General;General", "12.5"),
        (LexicalNumber("1.50"), "General", "1.5"),
        (2**53, "0", "9007199254740990"),
    ],
)
def test_numbers(value: Value, code: str, text: str) -> None:
    """Digits, blanks, literals and sections are laid out as the code says."""
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.5, "# ?/8", " 4/8"),
        (1.5, "# ??/??", "1  1/2 "),
        (0.3333, "# ?/?", " 1/3"),
        (0.99, "# ?/?", "1    "),
        (3.14159, "?/?", "22/7"),
        (2.25, "# ??/100", "2 25/100"),
    ],
)
def test_fractions(value: float, code: str, text: str) -> None:
    """Fractions are the nearest that the places allow, or of the denominator the code names."""
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0, "yyyy-mm-dd", "1900-01-00"),
        (1, "yyyy-mm-dd ddd", "1900-01-01 Sun"),
        (60, "yyyy-mm-dd", "1900-02-29"),
        (61, "yyyy-mm-dd dddd", "1900-03-01 Thursday"),
        (45658, "mmmmm", "J"),
        (45658.999999, "yyyy-mm-dd hh:mm", "2025-01-01 23:59"),
        (45658.99999999, "yyyy-mm-dd hh:mm:ss", "2025-01-02 00:00:00"),
        (0.5 + 59.6 / 86400, "hh:mm:ss", "12:01:00"),
        (0.5, "h AM/PM", "12 PM"),
        (0, "h AM/PM", "12 AM"),
        (1.5, "[h]:mm", "36:00"),
        (45658, "[$-F800]dddd, mmmm dd, yyyy", "Wednesday, January 01, 2025"),
        (45658, "d.m.yyyy;@", "1.1.2025"),
        (-1, "yyyy-mm-dd", "########"),
        (2958466, "yyyy-mm-dd", "########"),
    ],
)
def test_dates(value: float, code: str, text: str) -> None:
    """Serials are days of the 1900 system, its leap day that never was included."""
    assert shown(value, code) == text


def test_1904() -> None:
    """In the 1904 system day 0 is 1 January 1904, a Friday, and negative dates have a minus sign."""
    days = [display(day, "yyyy-mm-dd ddd", date1904=True).text for day in (0, -1, -1.5)]
    assert days == ["1904-01-01 Fri", "-1904-01-02 Sat", "-1904-01-02 Sat"]


@pytest.mark.parametrize(
    ("code", "value", "colour"),
    [
        ("[Red]0", 1, "#FF0000"),
        ("0;[Color 10]-0", -1, "#008000"),
        ("0;[Red]-0", 1, None),
        ("[Color99]0", 1, None),
        ("0;0;0;[blue]@", "x", "#0000FF"),
    ],
)
def test_colours(code: str, value: Value, colour: str | None) -> None:
    """The chosen section's colour comes along."""
    assert display(value, code).colour == colour


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (150, '[>=100]"big";[>=10]"mid";"small"', "big"),
        (50, '[>=100]"big";[>=10]"mid";"small"', "mid"),
        (-5, "[>=100]0;[<=-100]0;0", "-5"),
        (-5, "[<0]0;0", "5"),
        (-5, '[<100]0" a";0" b"', "-5 a"),
    ],
)
def test_conditions(value: float, code: str, text: str) -> None:
    """Conditions choose the section; the sign stays unless the section takes negative numbers alone."""
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (1234.5678, 6, "1234.6"),
        (123456789, 6, "1E+08"),
        (123456789, 3, "###"),
        (-1234.5678, 6, "-1235"),
        (0.000012345, 8, "1.23E-05"),
        (1234.5678, None, "1234.5678"),
    ],
)
def test_general_fits_its_column(value: float, width: int | None, text: str) -> None:
    """General gives up digits, then turns scientific, then shows number signs."""
    assert display(value, "General", width=width).text == text


def test_fill() -> None:
    """`*x` fills the column with x where its width is known."""
    assert display(5, "$*-0", width=6) == Display("$----5")
    assert display(5, "$*-0") == Display("$5")


def test_values_that_are_no_numbers() -> None:
    """Text, booleans and errors show as they are under a code for numbers; an empty cell shows nothing."""
    values: list[Value] = ["x", True, ErrorValue("#N/A"), RichText("bold", "<r/>"), None]
    assert [shown(value, "0.00") for value in values] == ["x", "TRUE", "#N/A", "bold", ""]


@pytest.mark.parametrize("code", ["", '"open', "[open", "0;0;0;0;0", "@;0", "\\"])
def test_codes_that_make_no_sense(code: str) -> None:
    """They show the value as General does."""
    assert shown(1.5, code) == "1.5"


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("yyyy-mm-dd", True),
        ("[h]:mm", True),
        ("0.00;[Red]d", True),
        ("General", False),
        ("0.00E+00", False),
        ('0" days"', False),
        ("[Red]0", False),
        ("\\d0", False),
        ("@", False),
        ('"', False),
    ],
)
def test_which_codes_are_dates(code: str, is_date: bool) -> None:
    """Letters in quotes, brackets and after a backslash make no date."""
    assert is_date_format(code) is is_date


PIECES = (
    'General 0 # ? . , % / // E+0 e- y mm mmmmm d h ss [h] [mm] AM/PM a/p @ ; _) ** *- \\x " [Red] [Color9] '
    "[>1] [<=-1e9] [$€-407] [$-F800] [$-409] ?/? ?/16 #,## 0,, 0.0E+0 s.000"
).split()
CODES = st.one_of(
    st.text(max_size=255),
    st.text(alphabet='0#?.,%/eE+-ymdhsbAaPpM[]<>=@;"\\_* 123$Genral:', max_size=255),
    st.lists(st.sampled_from(PIECES), max_size=60).map(lambda pieces: "".join(pieces)[:255]),
    st.tuples(st.sampled_from(PIECES), st.integers(1, 255)).map(lambda one: (one[0] * one[1])[:255]),
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=10),
    st.floats(min_value=-1e6, max_value=3e6), st.sampled_from([10**999, -(10**4_300), 10**6_000]),
)  # fmt: skip


@given(VALUES, CODES, st.booleans(), st.one_of(st.none(), st.integers(-1, 300)))
def test_never_raises(value: Value, code: str, date1904: bool, width: int | None) -> None:
    """Whatever the value and the code, there is something to show."""
    assert isinstance(display(value, code, date1904=date1904, width=width), Display)
    assert is_date_format(code) in (True, False)


@given(
    VALUES
    | st.integers(-(10**13), 10**13)
    | st.decimals(-(10**9), 10**9, places=4).map(float)
    | st.decimals(-1, 1, places=7).map(float)
    | st.from_regex(r"-?[0-9]{1,6}[.][0-9]{1,6}", fullmatch=True).map(LexicalNumber)
)
def test_the_quick_way_of_general_is_the_plain_way(value: Value) -> None:
    """General by its own name, which most values have a short cut for, shows what its other spellings do."""
    assert display(value, "General") == display(value, "GENERAL")


@given(
    st.floats(-1e15, 1e15) | st.integers(-(10**13), 10**13) | st.decimals(-999, 999, places=4).map(float),
    st.sampled_from(
        ["0", "#,##0", "0.00", "#,##0.00", "##0.0", "0.000000", "0.00%", "$#,##0.00", "#,##0.0,,"]
    ),
    st.sampled_from(["{}", '{} "kg"', '"about "{}', "{};({})", "[Red]{}_);-{}"]),
)
def test_the_quick_way_of_plain_decimals_is_the_plain_way(value: float, digits: str, code: str) -> None:
    """Placeholders with nothing between them show what they do with an empty text between them."""
    parted = digits.replace("0", '""0')
    assert display(value, code.replace("{}", digits)) == display(value, code.replace("{}", parted))
