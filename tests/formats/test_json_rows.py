"""Tables as JSON, a row an object."""

import json
from datetime import datetime
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pytest

from app.formats import json_rows

FIRST = {
    "id": pa.array([1, None]),
    "price": pa.array([0.5, float("nan")]),
    "day": pa.array([datetime(2026, 3, 14, 12, 30), None], pa.timestamp("ms")),
    "name": pa.array(['ä "quoted"\n', None], pa.large_string()),
    "mixed": [2**70, "\ud800"],
}
ROWS = [
    {"id": 1, "price": 0.5, "day": "2026-03-14T12:30:00", "name": 'ä "quoted"\n', "mixed": 2**70},
    {"id": None, "price": None, "day": None, "name": None, "mixed": "\ufffd"},
]
EMPTY = {name: values[:0] for name, values in FIRST.items()}


def written(write, *batches):
    out = BytesIO()
    write(iter(batches), out)
    return out.getvalue()


def test_lines():
    """A line a row, of all columns; empty cells are null, and no number loses a digit."""
    lines = written(json_rows.write_lines, FIRST, EMPTY, FIRST).decode().splitlines()
    assert [json.loads(line) for line in lines] == ROWS * 2


def test_an_array():
    """One array of all rows of all batches."""
    assert json.loads(written(json_rows.write_array, FIRST, EMPTY, FIRST)) == ROWS * 2


@pytest.mark.parametrize(
    ("write", "expected"), [(json_rows.write_lines, b""), (json_rows.write_array, b"[]\n")]
)
def test_no_rows(write, expected):
    """A table without rows is no line, or an empty array."""
    assert written(write, EMPTY) == written(write, {}) == expected


def test_pandas_reads_them():
    """pandas reads the lines back."""
    batch = {name: FIRST[name] for name in ("price", "name")}
    frame = pd.read_json(BytesIO(written(json_rows.write_lines, batch)), lines=True)
    assert (list(frame.columns), frame["price"].tolist()[0]) == (["price", "name"], 0.5)
