"""The benchmarks run, and tell what they promise to tell."""

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.formats.guard import Limits
from app.formats.xlsx import reader
from bench import excel
from bench.__main__ import main
from bench.data import BATCH, HEADER, batch, rows
from bench.figures import FileFigures, StoreFigures


def test_the_store_benchmark_prints_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object with all figures; what takes time or room is more than nothing.

    But for bytes per revision: a few revisions fit on the pages their tables have anyway.
    """
    main(["store", "--rows", "2000", "--revisions", "10", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == [field.name for field in fields(StoreFigures)]
    assert printed["rows"] == 2000
    assert {name for name, value in printed.items() if value <= 0} <= {"bytes_per_revision"}


def test_the_benchmark_of_files_prints_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object with all figures, each of them more than nothing."""
    main(["files", "--rows", "200", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == [field.name for field in fields(FileFigures)]
    assert [name for name, value in printed.items() if value <= 0] == []


@pytest.mark.parametrize("write", [excel.write_plain, excel.write_formulas])
def test_the_workbooks_are_read_the_same_by_openpyxl(
    write: Callable[[int, Path], int], tmp_path: Path
) -> None:
    """What the benchmark reads is a workbook to others too, with the same computed values in its cells."""
    path = tmp_path / "rows.xlsx"
    cells = write(50, path)
    sheet = load_workbook(path, data_only=True).worksheets[0]
    theirs = [value for row in sheet.iter_rows(values_only=True) for value in row if value is not None]
    with path.open("rb") as file:
        (ours,) = reader.read(file, Limits()).sheets
        shown = [cell.shown for _, row in ours.rows() for _, cell in row.cells()]
    assert len(shown) == cells
    assert [*map(_comparable, theirs)] == shown


def _comparable(value: object) -> object:
    """A value of openpyxl's as the number that stands for it."""
    return (value - datetime(1899, 12, 30)).days if isinstance(value, datetime) else value


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
