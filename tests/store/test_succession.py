"""A tree whose rows take the place of another's."""

from hypothesis import given
from hypothesis import strategies as st

from app.sheet.cell import Cell
from app.sheet.row import Row, row_of
from app.store.memory import MemoryChunks
from app.store.tree import Tree

WORDS = [f"word {n * 7919 % 1009} of the row {n}" for n in range(600)]


def row(text: str) -> Row:
    """A row of three cells."""
    return row_of({0: Cell(text), 1: Cell(len(text)), 4: Cell(text[::-1])})


def build(store: MemoryChunks, texts: list[str], older: Tree | None = None) -> Tree:
    """The tree of rows, a row left out where there is no text."""
    return succeed(store, [(at, row(text)) for at, text in enumerate(texts) if text], older)


def succeed(store: MemoryChunks, rows: list[tuple[int, Row]], older: Tree | None) -> Tree:
    """The tree of rows in the place of an older one."""
    building = Tree.building(store, rows, older)
    while True:
        try:
            next(building)
        except StopIteration as made:
            return made.value  # type: ignore[no-any-return]


EDITS = st.lists(
    st.tuples(st.integers(0, 700), st.integers(0, 300), st.lists(st.sampled_from(["", "new", "x" * 900]))),
    max_size=6,
)


@given(EDITS, EDITS)
def test_it_holds_its_rows(
    first: list[tuple[int, int, list[str]]], second: list[tuple[int, int, list[str]]]
) -> None:
    """Whatever was there before: rows inserted, deleted, changed, left out, or much longer."""
    store = MemoryChunks()
    texts, tree = list(WORDS), build(store, WORDS)
    for edits in (first, second):
        for at, gone, new in edits:
            texts[at : at + gone] = new
        tree = build(store, texts, tree)
        assert list(tree.rows()) == [(at, row(text)) for at, text in enumerate(texts) if text]


def test_it_shares_what_is_the_same() -> None:
    """A row more and another one changed: one or two blocks are new, however the tree came about."""
    store = MemoryChunks()
    older = build(store, WORDS * 8).with_cells({4000: {0: Cell("typed")}})
    texts = [*WORDS * 8]
    texts[4000] = ""
    texts[2000:2000] = ["inserted"]
    texts[100] = "changed"
    before = {entry.address for entry in older.entries()}
    after = [entry.address for entry in build(store, texts, older).entries()]
    assert len(after) == len(older.entries())
    assert sum(address not in before for address in after) <= 3


def test_the_same_rows_are_the_same_tree() -> None:
    """Also where edits have left other blocks than cutting afresh makes."""
    store = MemoryChunks()
    older = build(store, WORDS)
    for at in range(0, 600, 7):
        older = older.with_cells({at: {0: Cell(f"typed {at}")}})
    assert succeed(store, list(older.rows()), older).entries() == older.entries()
