"""Tables as JSON, a row an object."""

import json
from datetime import datetime
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pytest

from app.formats import json_rows, registry
from app.formats.guard import Limits, UnreadableFile
from app.sheet.address import MAX_TEXT
from app.sheet.cell import plain_text

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


def read(lines, name="rows.jsonl", limits=None):
    """The names, and the rows as exact texts by (row, column)."""
    document = registry.read(BytesIO(lines.encode()), name, limits or Limits())
    (_, head), *content = document.sheets[0].rows()
    cells = {
        (at, column): plain_text(value)
        for at, row in content
        for column, value in zip(row.columns, row.values, strict=True)
    }
    return head.values, cells


def test_objects_are_rows():
    """Names are gathered from all objects; what one lacks is empty, and a row of nothing is none."""
    lines = '{"a": 1, "b": "x"}\n\n{"b": null}\r\n{"c": true, "a": "007"}'
    assert read(lines) == (
        ("a", "b", "c"),
        {(1, 0): "1", (1, 1): "x", (3, 0): "007", (3, 2): "TRUE"},
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12345678901234567890123", "12345678901234567890123"),
        ("9007199254740993", "9007199254740993"),
        ("1.50", "1.50"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("1e3", "1e3"),
        ("1e999", "1e999"),
        ('"\\u00e4"', "ä"),
        ('{"x": [1.50, null]}', '{"x":[1.50,null]}'),
        ("[]", "[]"),
        ('""', ""),
    ],
)
def test_values_keep_their_spelling(written, expected):
    """No digit is lost, whatever float64 holds; objects and lists are JSON text."""
    assert read(f'{{"a": {written}}}')[1] == {(1, 0): expected}


@pytest.mark.parametrize("name", ["a.jsonl", "a.NDJSON", "a.json"])
def test_names_of_files(name):
    """JSON is told by the file's name, since a text file may begin with a brace too."""
    assert read('\ufeff{"a": 1}', name)[0] == ("a",)
    assert registry.sniff(BytesIO(b"{a},b\n"), "a.csv") == "csv"


@pytest.mark.parametrize(
    ("lines", "reason", "message"),
    [
        ('{"a": 1}\n{"a": ', "broken", "line 2 is no JSON object"),
        ('{"a": 1}\n[1]', "broken", "line 2 is no JSON object"),
        ("{\n", "broken", "line 1 is no JSON object"),
        ('{"a": ' + "[" * 100_000, "broken", "line 1 is no JSON object"),
        ('{"a": "\\ud800"}', "broken", "line 1 is no JSON object"),
        ('{"a": "' + "x" * (MAX_TEXT + 1) + '"}', "too-large", "characters in a cell"),
        ('{"a": 1}\n' * 11, "too-large", "too many cells: the limit is 10"),
        ('{"a": "' + "x" * 2_000_000 + '"}', "too-large", "bytes in a line"),
        ("{" + ",".join(f'"{at}":1' for at in range(16_385)) + "}", "too-large", "too many columns"),
        ('[{"a": 1}]', "unsupported-format", "not an object a line"),
    ],
    ids=range(10),
)
def test_refusals(lines, reason, message):
    """What is no table of a sheet's size is refused in words."""
    with pytest.raises(UnreadableFile, match=message) as caught:
        read(lines, limits=Limits(cells=10, row_bytes=1_000_000))
    assert caught.value.reason == reason


def test_there_and_back():
    """Rows that were written are read as the same rows."""
    names, cells = read(written(json_rows.write_lines, {name: FIRST[name][:1] for name in FIRST}).decode())
    assert names == tuple(FIRST)
    assert list(cells.values()) == ["1", "0.5", "2026-03-14T12:30:00", 'ä "quoted"\n', str(2**70)]
