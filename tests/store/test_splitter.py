"""Where rows are cut: every row once, in blocks of bounded size, at places that the content decides."""

import random

import pytest

from app.sheet.row import EMPTY_ROW, Row
from app.store import splitter
from app.store.splitter import Gap, split


def numbered(count, width=10, seed=0):
    draw = random.Random(seed)  # noqa: S311 (a sample, no secret)
    columns = tuple(range(width))
    return [
        (
            at,
            Row(
                columns,
                tuple(
                    draw.randrange(10**6) if place % 2 else f"text {draw.random():.6f}" for place in columns
                ),
            ),
        )
        for at in range(count)
    ]


def sizes(runs):
    return [sum(len(splitter.content(row)) + splitter._ROW_BYTES for row in run) for run in runs]


def test_runs_and_gaps_cover_every_row_once():
    """What is cut is all of it, in order; short holes are rows of a run, long ones gaps."""
    rows = [(at, row) for at, row in numbered(400) if at % 7 and not 100 <= at < 300]
    covered = []
    for run in split(rows):
        covered.extend([EMPTY_ROW] * run.height if isinstance(run, Gap) else run)
    kept = dict(rows)
    assert covered == [kept.get(at, EMPTY_ROW) for at in range(rows[-1][0] + 1)]


@pytest.mark.parametrize(("count", "width"), [(5_000, 10), (200, 200), (60, 1_000)])
def test_a_run_weighs_what_a_block_should(count, width):
    """However wide the rows, a run stays within the bounds but for its last row; the last run may be less."""
    rows = numbered(count, width)
    weights = sizes(list(split(rows))[:-1])
    heaviest = max(sizes([[row] for _, row in rows]))
    assert (min(weights) >= splitter.LEAST, max(weights) < splitter.MOST + heaviest) == (True, True)


def test_equal_rows_are_cut_by_size():
    """Rows that give the hash nothing to go by make runs of one height."""
    heights = {len(run) for run in split((at, Row((0,), ("same",))) for at in range(20_000))}
    assert len(heights) == 2  # and what is left


def test_a_row_above_moves_no_cut_below():
    """Runs of the sheet with a row inserted at the top are the same but for the first few."""
    rows = [row for _, row in numbered(3_000)]
    before = {tuple(map(id, run)) for run in split(enumerate(rows))}
    after = {tuple(map(id, run)) for run in split(enumerate([Row((0,), ("new",)), *rows]))}
    assert len(before - after) < 5


@pytest.mark.parametrize("value", [2**70, -(2**64), "\ud800"], ids=["big", "small", "surrogate"])
def test_what_msgpack_has_no_form_for_is_cut_too(value):
    """Integers beyond 64 bits and lone surrogates are values like others."""
    rows = [Row((0,), (value,))]
    assert [list(run) for run in split(enumerate(rows))] == [rows]


def test_scattered_cells_weigh_more_than_a_table():
    """A column of few cells costs a block more than its cells do, so there are fewer of them to a block."""
    draw = random.Random(1)  # noqa: S311 (a sample, no secret)
    places = [tuple(sorted(draw.sample(range(500), 4))) for _ in range(3_000)]
    scattered = [Row(columns, columns) for columns in places]
    packed = [Row((0, 1, 2, 3), columns) for columns in places]
    assert len(list(split(enumerate(scattered)))) > len(list(split(enumerate(packed))))
