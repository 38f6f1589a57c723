"""Tables as DataFrames, in the dtypes that people who use pandas expect, and frames as sheets."""

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest

from app.formats.frames import data_frame, document
from app.formats.guard import Limits
from app.formats.typed_workbook import Style
from app.sheet.cell import plain_text


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (pa.array([1, 2]), "int64"),
        (pa.array([1, None]), "Int64"),
        (pa.array([2**63 - 1, None]), "Int64"),
        (pa.array([0.5, None]), "float64"),
        (pa.array(["a", None], pa.large_string()), "str"),
        (pa.array([True, False]), "bool"),
        (pa.array([True, None]), "boolean"),
        (pa.array([datetime(2026, 3, 14), None], pa.timestamp("ms")), "datetime64[ms]"),
        (pa.nulls(2), "float64"),
        ([1, "a"], "object"),
        ([2**70, None], "object"),
    ],
)
def test_dtypes(values, dtype):
    """The values come in their dtype, all of them, missing where they are."""
    series = data_frame({"it": values})["it"]
    expected = values if isinstance(values, list) else values.to_pylist()
    assert str(series.dtype) == dtype
    assert [None if pd.isna(value) else value for value in series.tolist()] == expected


def test_columns_in_order():
    """Columns keep their names and order; a table without rows has them too."""
    frame = data_frame({"b": pa.array([1]), "a": pa.array(["x"], pa.large_string())})
    assert (list(frame.columns), frame.shape) == (["b", "a"], (1, 2))
    assert data_frame({"b": pa.array([], pa.int64())}).shape == (0, 1)
    assert data_frame({}).shape == (0, 0)


def cells(frame):
    """The rows of a frame's sheet as exact texts."""
    made = document(frame, "Sheet1", Limits())
    return [(list(map(plain_text, row.values)), list(row.styles)) for _, row in made.sheets[0].rows()]


def test_a_frame_becomes_a_sheet():
    """Names come first, and an index that says something; missing values are empty cells."""
    frame = pd.DataFrame(
        {"n": [2**60 + 1, 2], "day": [pd.Timestamp(2023, 3, 15), pd.NaT], 5: [None, "x"]},
        index=pd.Index(["a", "b"], name="key"),
    )
    assert cells(frame) == [
        (["key", "n", "day", "5"], []),
        (["a", str(2**60 + 1), "45000"], [Style.PLAIN, Style.PLAIN, Style.MOMENT]),
        (["b", "2", "x"], [Style.PLAIN] * 3),
    ]


def test_columns_of_several_sorts():
    """Each value is what it would be alone; dates among others are text."""
    odd = [1, "x", None, 2.5, True, 2**70, pd.Timestamp(2023, 3, 15, 12), {"a": [1]}, pd.NaT]
    assert [row[0] for row, _ in cells(pd.DataFrame({"odd": odd}))] == [
        "odd", "1", "x", "2.5", "TRUE", str(2**70), "2023-03-15T12:00:00", '{"a":[1]}'
    ]  # fmt: skip


def test_columns_of_one_name():
    """Columns are told by their place, whatever they are called."""
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert [row for row, _ in cells(frame)] == [["a", "a"], ["1", "2"]]
