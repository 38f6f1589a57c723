"""Tables as DataFrames: each column has the dtype that people who use pandas expect."""

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest

from app.formats.frames import data_frame


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
