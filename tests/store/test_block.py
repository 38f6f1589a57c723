"""Blocks: rows in, the same rows out, by any window and after any edit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sheet.cell import Cell, LexicalNumber
from app.sheet.row import EMPTY_ROW, Row, row_of
from app.store.block import Block
from app.store.protocol import CorruptChunk
from tests import strategies

RUNS = st.lists(strategies.rows, min_size=1, max_size=8)


def reread(block):
    return Block.decode(b"", *block.encode())


def listed(block):
    found = dict(block.rows())
    return [found.get(at, EMPTY_ROW) for at in range(block.count)]


@given(RUNS)
def test_rows_come_back(rows):
    """A block stored and read again holds the rows it was made of."""
    assert listed(reread(Block.of(rows))) == rows


@given(RUNS, st.data())
def test_a_window_is_a_part_of_the_whole(rows, data):
    """Reading some rows gives what reading all and cutting gives."""
    start = data.draw(st.integers(0, len(rows)))
    stop = data.draw(st.integers(start, len(rows)))
    block = Block.of(rows)
    assert list(block.rows(start, stop)) == [(at, row) for at, row in block.rows() if start <= at < stop]


@given(RUNS, st.data())
def test_an_edited_block_is_the_block_of_the_edited_rows(rows, data):
    """Changing cells and building anew from changed rows give the same bytes."""
    changes = data.draw(
        st.dictionaries(
            st.integers(0, len(rows) - 1), st.dictionaries(strategies.columns, strategies.cells, max_size=3)
        )
    )
    edited = [row.with_cells(changes.get(at, {})) for at, row in enumerate(rows)]
    assert Block.of(rows).with_cells(changes).encode() == Block.of(edited).encode()


@given(RUNS, st.data())
def test_a_cell_is_its_rows_cell(rows, data):
    """Asking for one cell gives what its row holds there."""
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(strategies.columns)
    assert Block.of(rows).cell(at, column) == rows[at].cell(column)


def test_the_way_a_number_was_written_can_change():
    """1.5 and "1.50" are equal numbers and different contents."""
    block = Block.of([row_of({0: Cell(1.5)})]).with_cells({0: {0: Cell(LexicalNumber("1.50"))}})
    assert reread(block).cell(0, 0).value.text == "1.50"


def test_computed_values_are_kept_apart():
    """Recalculating changes the companion, never the block."""
    one = Block.of([row_of({0: Cell(formula="1+1", computed=2)})]).encode()
    other = Block.of([row_of({0: Cell(formula="1+1", computed=3)})]).encode()
    assert (one[0] == other[0], one[1] == other[1]) == (True, False)


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x93\x01\x02\x03", b"\x01"])
def test_bytes_that_are_no_block_are_corrupt(raw):
    """Whatever the bytes, the error is CorruptChunk."""
    with pytest.raises(CorruptChunk):
        Block.decode(b"\x01" * 16, raw, None)


def test_the_bytes_of_a_block_are_pinned():
    """The stored form of version 1, as docs/formats.md gives it."""
    rows = [
        Row((0, 1), (1, "a"), (0, 2), {}, {}, {}, ' ht="20"'),
        row_of({1: Cell(formula="\x01RC[-1]*2", computed=2)}),
    ]
    raw, computed = Block.of(rows).encode()
    assert (raw.hex(), computed.hex()) == (GOLDEN, GOLDEN_COMPUTED)


GOLDEN = (
    "980102929200930ac401019200019201930ac401019200a161919201930ac401029200a90152435b"
    "2d315d2a3291920194020001c40202009095070001c4020800c4082068743d223230229200c0"
)
GOLDEN_COMPUTED = "9201919201930ac40102920002"
