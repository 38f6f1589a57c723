"""Revisions as files for programs that compute."""

import json
from collections.abc import Callable
from typing import Any, BinaryIO

import pandas as pd
import pyarrow.parquet as pq
import pytest
from flask import Flask

from app.services import commits, exports, tables
from app.services.frames import sheet_frame
from app.sheet.operations import Entered, SetCells
from tests.factories import NOW, make_grid, make_user

CELLS = {"A1": "Item", "B1": "Price", "A2": "Pen", "B2": 2, "A4": "Ink", "B4": 2.5}
ROWS = [{"Item": "Pen", "Price": 2.0}, {"Item": None, "Price": None}, {"Item": "Ink", "Price": 2.5}]

READERS: dict[str, Callable[[BinaryIO], Any]] = {
    "parquet": lambda file: pq.read_table(file).to_pylist(),
    "jsonl": lambda file: [json.loads(line) for line in file],
    "json": json.load,
}
MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/jsonl",
    "json": "application/json",
}


@pytest.mark.parametrize("format", READERS)
def test_a_sheet_as_a_table(app: Flask, format: str) -> None:
    """Any revision is a table whose columns the first row names, in a file of the right name and type."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice, CELLS, "Käse 2026")
    with app.app_context():
        commits.commit(alice, workbook_id, 1, [SetCells(1, {(1, 0): Entered(7)})], now=NOW, via="grid")
        old, new = (exports.export(alice, workbook_id, number, format) for number in (1, None))
    with old.file, new.file:
        assert READERS[format](old.file) == ROWS
        mixed = "7" if format == "parquet" else 7
        assert READERS[format](new.file) == [{"Item": mixed, "Price": 2.0}, *ROWS[1:]]
    assert (old.name, old.media_type) == (f"Käse 2026 (revision 1).{format}", MEDIA_TYPES[format])
    assert new.name == f"Käse 2026.{format}"


@pytest.mark.parametrize("format", READERS)
def test_an_empty_sheet(app: Flask, format: str) -> None:
    """A sheet without cells is a file without rows."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice)
    with app.app_context():
        made = exports.export(alice, workbook_id, None, format)
    with made.file:
        assert READERS[format](made.file) == []


def test_a_sheet_that_is_mostly_empty(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells far apart cost nothing in the sheet; a table of what lies between is refused."""
    monkeypatch.setattr(tables, "_MOST_CELLS", 1_000)
    alice = make_user(app)
    near, far = make_grid(app, alice, {"A1": 1, "Z9": 2}), make_grid(app, alice, {"A1": 1, "Z999": 2}, "far")
    with app.app_context():
        exports.export(alice, near, None, "parquet").file.close()
        with pytest.raises(tables.TooSparse):
            exports.export(alice, far, None, "parquet")


def test_pandas_reads_the_frame(app: Flask) -> None:
    """The Parquet file of a sheet reads as the frame of the sheet."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice, CELLS)
    with app.app_context():
        made = exports.export(alice, workbook_id, None, "parquet")
        frame = sheet_frame(alice, workbook_id)
    with made.file:
        pd.testing.assert_frame_equal(pd.read_parquet(made.file), frame)  # type: ignore[arg-type]
