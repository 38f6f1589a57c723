"""Hypothesis strategies for values, cells and rows, shared by the tests of the heart."""

from hypothesis import strategies as st

from app.sheet.cell import EMPTY, Cell, ErrorValue, LexicalNumber, RichText
from app.sheet.row import row_of

lexical_numbers = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,8})\.[0-9]{1,7}", fullmatch=True),
    st.from_regex(r"-?[1-9](\.[0-9]{1,7})?[eE][-+]?[0-9]{1,2}", fullmatch=True),
    st.floats(1e-30, 1e-5).map(repr),
).map(LexicalNumber)
money = st.integers(-10_000, 10_000).map(lambda cents: cents / 100)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=9),
    money,
    lexical_numbers,
    st.just(ErrorValue("#N/A")),
    st.builds(RichText, st.text(max_size=5), st.text(max_size=9)),
)
comparable_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    st.sampled_from([0.5, 1.25, 1e300]),
    st.text("ab\u00e9", max_size=3),
)
"""Values that compare equal only to themselves, for models that compare with ==."""

constants = st.builds(Cell, value=comparable_values, style=st.sampled_from([0, 0, 0, 1, 7]))
formulas = st.builds(
    Cell,
    formula=st.sampled_from(["1+1", "\x01R[-1]C*2"]),
    computed=comparable_values,
    style=st.sampled_from([0, 3]),
    extra=st.sampled_from([None, None, 'cm="1"']),
)
cells = st.one_of(constants, constants, formulas, st.just(EMPTY))
columns = st.sampled_from([0, 1, 2, 3, 4, 7, 16_383])
rows = st.builds(
    row_of,
    st.dictionaries(columns, cells, max_size=6),
    st.sampled_from(["", "", ' ht="20"']),
    st.sampled_from([None, None, None, b"<row \xff/>"]),
)
