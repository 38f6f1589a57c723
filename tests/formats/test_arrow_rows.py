"""Arrow columns as cells: nothing is lost, and what a spreadsheet has no type for is text."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from app.formats.arrow_rows import is_fine, reading, rows
from app.formats.guard import Limits, UnreadableFile
from app.formats.typed_workbook import Style
from app.sheet.address import MAX_TEXT
from app.sheet.cell import plain_text

NOON = dt.datetime(2023, 3, 15, 12)
US = dt.timedelta(microseconds=1)


def cells(array):
    """(style, values as exact text) of an array."""
    style, values = reading(array.type, is_fine(array))
    return style, [None if value is None else plain_text(value) for value in values(array)]


def columns_of(*batches):
    """The styles of record batches' columns, and their values."""
    readings = [reading(field.type) for field in batches[0].schema]
    columns = [[r.values(c) for r, c in zip(readings, batch.columns, strict=True)] for batch in batches]
    return [found.style for found in readings], columns


@pytest.mark.parametrize(
    ("array", "style", "expected"),
    [
        (pa.array([1, None, -5], pa.int8()), Style.PLAIN, ["1", None, "-5"]),
        (pa.array([2**53, 2**53 + 1, -(2**63)]), Style.PLAIN, [str(2**53), str(2**53 + 1), str(-(2**63))]),
        (pa.array([2**64 - 1, None], pa.uint64()), Style.PLAIN, [str(2**64 - 1), None]),
        (pa.array([0.1, None, float("nan")]), Style.PLAIN, ["0.1", None, None]),
        (pa.array([float("inf"), -float("inf"), 2.0]), Style.PLAIN, ["inf", "-inf", "2"]),
        (pa.array([0.5, None], pa.float32()), Style.PLAIN, ["0.5", None]),
        (pa.array([0.5, None], pa.float16()), Style.PLAIN, ["0.5", None]),
        (pa.array([True, None]), Style.PLAIN, ["TRUE", None]),
        (pa.array(["", "007", None]), Style.PLAIN, ["", "007", None]),
        (pa.array(["a", None, "a"]).dictionary_encode(), Style.PLAIN, ["a", None, "a"]),
        (pa.nulls(2), Style.PLAIN, [None, None]),
        (
            pa.array([Decimal("1.50"), None, Decimal("12345678901234567890.12")], pa.decimal128(38, 2)),
            Style.PLAIN,
            ["1.50", None, "12345678901234567890.12"],
        ),
        (pa.array([Decimal("-0.10")], pa.decimal256(50, 2)), Style.PLAIN, ["-0.10"]),
        (pa.array([Decimal(7), Decimal(10**30)], pa.decimal128(38, 0)), Style.PLAIN, ["7", str(10**30)]),
        (pa.array([NOON.date(), None], pa.date32()), Style.DAY, ["45000", None]),
        (pa.array([NOON.date()], pa.date64()), Style.DAY, ["45000"]),
        (pa.array([dt.date(1900, 2, 28), dt.date(1900, 3, 1)]), Style.DAY, ["1900-02-28", "61"]),
        (pa.array([NOON, None], pa.timestamp("s")), Style.MOMENT, ["45000.5", None]),
        (pa.array([NOON], pa.timestamp("us")), Style.MOMENT, ["45000.5"]),
        (pa.array([NOON], pa.timestamp("ns", "UTC")), Style.MOMENT, ["45000.5"]),
        (pa.array([dt.datetime(1850, 1, 1)], pa.timestamp("ms")), Style.MOMENT, ["1850-01-01T00:00:00.000"]),
        (
            pa.array([NOON, None, NOON + US], pa.timestamp("us")),
            Style.PLAIN,
            ["2023-03-15T12:00:00.000000", None, "2023-03-15T12:00:00.000001"],
        ),
        (pa.array([NOON + US], pa.timestamp("us", "UTC")), Style.PLAIN, ["2023-03-15T12:00:00.000001Z"]),
        (
            pa.array(
                [NOON.replace(tzinfo=ZoneInfo("Europe/Berlin")), None], pa.timestamp("ms", "Europe/Berlin")
            ),
            Style.PLAIN,
            ["2023-03-15T12:00:00.000+0100", None],
        ),
        (pa.array([1], pa.timestamp("s", "No/Where")), Style.PLAIN, ["1970-01-01T00:00:01Z"]),
        (pa.array([dt.time(6), None], pa.time32("s")), Style.TIME, ["0.25", None]),
        (pa.array([dt.time(12)], pa.time64("ns")), Style.TIME, ["0.5"]),
        (pa.array([dt.timedelta(hours=36), None], pa.duration("ms")), Style.ELAPSED, ["1.5", None]),
        (pa.array([2**62 + 1], pa.duration("ns")), Style.ELAPSED, [f"{2**62 + 1} ns"]),
        (pa.array([b"\x00\xff", None]), Style.PLAIN, ["AP8=", None]),
        (pa.array([[1, None], None]), Style.PLAIN, ["[1,null]", None]),
        (pa.array([{"a": 1, "b": Decimal("1.50")}]), Style.PLAIN, ['{"a":1,"b":"1.50"}']),
    ],
    ids=lambda value: str(value.type).replace("\n", "") if isinstance(value, pa.Array) else "",
)
def test_values(array, style, expected):
    """A column's cells have the style that shows what it holds, and give it all back."""
    assert cells(array) == (style, expected)


def test_rows():
    """Names first, then the rows of each batch in their places; empty cells and rows are none."""
    batch = pa.record_batch({"n": pa.array([1, None, 3]), "day": pa.array([None, None, NOON.date()])})
    made = list(rows(["n", "day"], *columns_of(batch, batch), Limits()))
    assert [(at, row.columns, row.values, tuple(row.styles)) for at, row in made] == [
        (0, (0, 1), ("n", "day"), ()),
        (1, (0,), (1,), (Style.PLAIN,)),
        (3, (0, 1), (3, 45_000), (Style.PLAIN, Style.DAY)),
        (4, (0,), (1,), (Style.PLAIN,)),
        (6, (0, 1), (3, 45_000), (Style.PLAIN, Style.DAY)),
    ]


@pytest.mark.parametrize(
    ("batch", "what"),
    [
        (pa.record_batch({"a": pa.array(["x" * (MAX_TEXT + 1)])}), "characters in a cell"),
        (pa.record_batch({"a": pa.nulls(1_048_576)}), "rows"),
        (pa.record_batch({"a": pa.array([1] * 20)}), "cells"),
        (pa.record_batch([pa.array([1])] * 16_385, [str(at) for at in range(16_385)]), "columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_limits(batch, what):
    """What no sheet holds is refused by name."""
    with pytest.raises(UnreadableFile, match=f"too many {what}") as caught:
        list(rows(batch.schema.names, *columns_of(batch), Limits(cells=10)))
    assert caught.value.reason == "too-large"
