"""Columns read as Arrow arrays give what reading the sheet cell by cell gives."""

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.sheet.cell import Cell, ErrorValue, LexicalNumber, RichText, scalar
from app.sheet.row import row_of
from app.store.arrays import Holds
from app.store.columns import arrow_type, load
from app.store.memory import MemoryChunks
from app.store.tree import Tree
from tests import strategies
from tests.strategies import lexical_numbers, money, values

KINDS = st.sampled_from(
    [
        values,
        st.integers(-(2**63), 2**63 - 1),
        st.integers(0, 300) | money,
        lexical_numbers,
        st.floats(),
        st.text(max_size=5),
        st.booleans(),
        st.just(ErrorValue("#N/A")),
    ]
)
STYLES = st.sampled_from([0, 0, 3, 7])


def cells(kind):
    """Cells of a kind: entered, computed by a formula, or computed to nothing yet."""
    return st.one_of(
        st.builds(Cell, value=kind, style=STYLES),
        st.builds(Cell, formula=st.just("1+1"), computed=kind | st.none(), style=STYLES),
    )


@st.composite
def sheets(draw):
    """Cells by row and column: rows ragged, some far down, each column of a kind or of all kinds."""
    found = {}
    for column in draw(st.lists(strategies.columns, max_size=4, unique=True)):
        kind = draw(KINDS)
        rows = draw(st.lists(st.integers(0, 30) | st.sampled_from([100, 200]), max_size=30, unique=True))
        for row in rows:
            found.setdefault(row, {})[column] = draw(cells(kind))
    return found


def kept(sheet):
    rows = ((row, row_of(sheet[row])) for row in sorted(sheet))
    return Tree.build(MemoryChunks(), [(at, row) for at, row in rows if row.columns])


def naive(tree, start, stop):
    """(scalars, styles) by column, cell by cell."""
    found = {}
    for at, row in tree.rows(start, stop):
        for column, cell in row.cells():
            shown, styles = found.setdefault(column, ([None] * (stop - start), [0] * (stop - start)))
            shown[at - start], styles[at - start] = scalar(cell.shown), cell.style
    return {column: found[column] for column in sorted(found)}


def naive_type(shown):
    """The Arrow type by the rule in words."""
    there = [value for value in shown if value is not None]
    kinds = set(map(type, there))
    if not kinds:
        return pa.null()
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in there):
        return pa.int64()
    if kinds <= {int, float} and not any(type(v) is int and abs(v) > 2**53 for v in there):
        return pa.float64()
    if kinds == {str} and not any("\ud800" <= letter <= "\udfff" for text in there for letter in text):
        return pa.large_string()
    return None


def listed(read):
    """(type, values to the last detail) of what a column was read as."""
    if isinstance(read, list):
        return None, [repr(value) for value in read]
    read.validate(full=True)
    return read.type, [repr(value) for value in read.to_pylist()]


def as_type(kind, shown):
    return kind, [repr(float(v) if kind == pa.float64() and v is not None else v) for v in shown]


@given(sheets(), st.integers(0, 40), st.integers(0, 210))
@example({0: {0: Cell("Price")}, 1: {0: Cell(LexicalNumber("1.50"))}, 2: {0: Cell(7)}}, 1, 3)
@example({0: {0: Cell(RichText("a", "<b/>"))}, 1: {0: Cell(formula="1", computed="b")}}, 0, 2)
@example({0: {0: Cell(1, formula="1", computed=2)}, 1: {0: Cell(3)}, 2: {0: Cell(formula="1")}}, 0, 3)
@example({at: {0: Cell(formula="1", computed=at % 3)} for at in range(0, 40, 2)}, 0, 40)
def test_columns_are_the_cells(sheet, start, stop):
    """Any rows of any sheet: types by the rule, values as cells show them, and the styles of all."""
    tree = kept(sheet)
    stop = max(start, min(stop, tree.count))
    expected = naive(tree, start, stop)
    loaded = load(tree, start, stop)
    assert list(loaded) == list(expected)
    for column, (shown, styles) in expected.items():
        assert listed(loaded[column].values()) == as_type(naive_type(shown), shown)
        told = loaded[column].styles()
        assert ([0] * len(styles) if told is None else told.tolist()) == styles


@given(sheets())
def test_the_height_is_where_values_end(sheet):
    """What has looks only, or nothing, does not count to a column's height; errors do."""
    tree = kept(sheet)
    heights = {}
    for at, row in tree.rows():
        for column, cell in row.cells():
            heights.setdefault(column, 0)
            if cell.shown is not None:
                heights[column] = at + 1
    assert {column: loaded.height for column, loaded in load(tree).items()} == heights


@pytest.mark.parametrize(
    ("holds", "kind"),
    [
        (Holds(0), pa.null()),
        (Holds.WHOLE, pa.int64()),
        (Holds.WHOLE | Holds.LONG, pa.int64()),
        (Holds.WHOLE | Holds.FRACTION, pa.float64()),
        (Holds.LONG | Holds.FRACTION, None),
        (Holds.TEXT, pa.large_string()),
        (Holds.TEXT | Holds.OTHER, None),
        (Holds.BOOLEAN, pa.bool_()),
        (Holds.BOOLEAN | Holds.WHOLE, None),
    ],
)
def test_a_type_that_holds_all(holds, kind):
    """A column has a type where no value loses anything by it."""
    assert arrow_type(holds) == kind


def test_a_wider_type_on_demand():
    """Some rows of a column are read as the type of all its rows, empty ones too."""
    tree = kept({0: {0: Cell(1), 1: Cell("x")}, 1: {0: Cell(2.5)}, 2: {1: Cell(True)}})
    first, last = load(tree, 0, 1), load(tree, 2, 3)
    whole = load(tree)
    assert first[0].values(whole[0].holds).to_pylist() == [1.0]
    assert first[1].values(whole[1].holds) == ["x"]
    assert last[1].values(whole[1].holds) == [True]


def test_many_blocks():
    """Blocks and gaps between them come in their places."""
    sheet = {at: {0: Cell(at), 1: Cell(f"text {at} {'x' * 60}")} for at in range(2_000) if not 300 < at < 900}
    loaded = load(kept(sheet), 1)
    assert loaded[0].values().to_pylist() == [at if at in sheet else None for at in range(1, 2_000)]
    texts = [f"text {at} {'x' * 60}" if at in sheet else None for at in range(1, 2_000)]
    assert loaded[1].values().to_pylist() == texts


def test_nothing():
    """A sheet without cells has no columns."""
    assert load(kept({})) == {}
    assert load(kept({3: {0: Cell(1)}}), 4) == {}
