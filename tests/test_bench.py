"""The benchmarks run, and tell what they promise to tell."""

import json
from dataclasses import fields

import pytest

from bench.__main__ import main
from bench.data import BATCH, HEADER, batch, rows
from bench.figures import StoreFigures


def test_the_store_benchmark_prints_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object with all figures; what takes time or room is more than nothing.

    But for bytes per revision: a few revisions fit on the pages their tables have anyway.
    """
    main(["store", "--rows", "2000", "--revisions", "10", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == [field.name for field in fields(StoreFigures)]
    assert printed["rows"] == 2000
    assert {name for name, value in printed.items() if value <= 0} <= {"bytes_per_revision"}


def test_the_rows_are_the_same_every_time() -> None:
    """Data is seeded: two runs measure the same rows, and any batch comes out the same alone."""
    whole = list(rows(2 * BATCH))
    assert whole == list(rows(2 * BATCH))
    assert whole[BATCH:] == batch(BATCH, BATCH)


def test_the_rows_are_as_businesses_have_them() -> None:
    """A header, ids, codes with leading zeros, prices with two decimals, notes here and there."""
    (_, header), *content = rows(1_000)
    assert header.values == HEADER
    ids, codes, prices = ([row.values[column] for _, row in content] for column in (0, 5, 7))
    assert len(set(ids)) == len(content)
    assert any(str(code).startswith("0") for code in codes)
    assert prices == [round(float(str(price)), 2) for price in prices]
    assert 0 < sum(9 in row.columns for _, row in content) < len(content) / 10
