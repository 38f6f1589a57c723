"""References inside formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sheet.address import MAX_COLUMNS, MAX_ROWS
from app.sheet.references import FilledDown, absolute, capitalised, relative

ROWS = st.integers(0, MAX_ROWS - 1)
COLUMNS = st.integers(0, MAX_COLUMNS - 1)
PIECES = st.sampled_from(
    [
        *("A1 $B$2 C$3 $D4 XFD1048576 XFE1 A1048577 A:C $A:$A 1:3 $2:$2 SUM( ) LOG10( Sheet1! a1 é1".split()),
        *("'it''s'! [1] + , : #REF! #N/A 1E5 2.5 R1C1 rate.A1 _xlfn.A1 T1:T3!A1".split()),
        *("'My A1 Sheet'!", '"A1 ""B2"""', "Table1[Net A1]", " ", "\n", "\x01", "\x01R"),
    ]
)


@given(st.lists(PIECES).map("".join) | st.text(max_size=40), ROWS, COLUMNS)
def test_every_text_comes_back(formula, row, column):
    """The relative form of any text, seen from the same cell, is that text again."""
    assert absolute(relative(formula, row, column), row, column) == formula


@pytest.mark.parametrize(
    ("formula", "seen_one_lower_and_righter"),
    [
        ("A1+B$2*$C3-$D$4", "B2+C$2*$C4-$D$4"),
        ("SUM(A1:B2,A:B,$A:B,1:2,$1:2)", "SUM(B2:C3,B:C,$A:C,2:3,$1:3)"),
        ("LOG10(A1)&\"A1\"&Sheet1!A1&'A1'!A1", "LOG10(B2)&\"A1\"&Sheet1!B2&'A1'!B2"),
        ("T1!A1+T1:T3!A1", "T1!B2+T1:T3!B2"),
        ("Table1[[#This Row],[A1]]+[1]Sheet1!A1", "Table1[[#This Row],[A1]]+[1]Sheet1!B2"),
        ("A1.rate+my_A1+XFE1+A1048577+1E5+#REF!", "A1.rate+my_A1+XFE1+A1048577+1E5+#REF!"),
        ("INDEX(A1#,2)", "INDEX(B2#,2)"),
    ],
)
def test_relative_references_follow_their_cell(formula, seen_one_lower_and_righter):
    """Only relative parts of true references move; names, functions, sheets and text stay."""
    assert absolute(relative(formula, 4, 4), 5, 5) == seen_one_lower_and_righter


def test_formulas_filled_down_are_the_same_text():
    """What a spreadsheet fills down is one relative formula."""
    assert relative("A1*$C$1", 0, 1) == relative("A2*$C$1", 1, 1)


def test_a_reference_pushed_off_the_sheet_is_gone():
    """Seen from where the cell it means would lie outside the sheet, a reference is #REF!."""
    assert absolute(relative("A1+$A$1", 1, 1), 0, 0) == "#REF!+$A$1"


def test_references_typed_in_small_letters_are_references():
    """Only references become capitals: text, names and functions stay as typed."""
    typed = 'sum(a1:b2,$c:$d)&"a1"&rate.a1&log10(x9)&sheet1!e5'
    assert capitalised(typed) == 'sum(A1:B2,$C:$D)&"a1"&rate.a1&log10(X9)&sheet1!E5'


@given(st.lists(PIECES).map("".join), ROWS, ROWS, COLUMNS)
def test_a_formula_filled_down_is_told_as_any_other(formula, row, lower, column):
    """What was found out about the formula above changes no relative form, also of odd text."""
    filled = FilledDown()
    form = filled.relative(formula, row, column)
    assert form == relative(formula, row, column)
    below = absolute(form, lower, column)
    assert filled.relative(below, lower, column) == relative(below, lower, column)
    assert filled.relative(formula, lower, column) == relative(formula, lower, column)


@given(st.lists(PIECES).map("".join), ROWS, COLUMNS, ROWS, COLUMNS)
def test_what_is_remembered_of_a_formula_gives_the_same_text(formula, row, column, seen_row, seen_column):
    """A formula too long to be remembered is read anew each time; a short one gives what it would."""
    form, padding = relative(formula, row, column), " " * 1_000
    anew = absolute(form + padding, seen_row, seen_column)
    assert absolute(form, seen_row, seen_column) == anew.removesuffix(padding)
