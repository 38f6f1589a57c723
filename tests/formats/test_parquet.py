"""Tables as Parquet files, as other programs read them."""

from datetime import datetime
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.formats import parquet

FIRST = {
    "id": pa.array([1, None]),
    "price": pa.array([0.5, 2.0]),
    "day": pa.array([datetime(2026, 3, 14), None], pa.timestamp("ms")),
    "name": pa.array(["ä", None], pa.large_string()),
    "mixed": [1, "x"],
}
SECOND = {name: values[:1] for name, values in FIRST.items()}


def written(*batches):
    out = BytesIO()
    parquet.write(iter(batches), out)
    out.seek(0)
    return out


def test_types_are_kept():
    """Each column has its type in the file; one of several sorts is text."""
    table = pq.read_table(written(FIRST))
    assert table.to_pydict() == {
        **{name: values.to_pylist() for name, values in FIRST.items() if name != "mixed"},
        "mixed": ["1", "x"],
    }
    kinds = [str(kind) for kind in table.schema.types]
    assert kinds == ["int64", "double", "timestamp[ms]", "large_string", "large_string"]


def test_a_row_group_a_batch():
    """Tables that continue one another are one file, of which one is in memory at a time."""
    file = pq.ParquetFile(written(FIRST, SECOND))
    assert (file.metadata.num_rows, file.metadata.num_row_groups) == (3, 2)


def test_pandas_reads_it():
    """pandas finds the columns as they are."""
    frame = pd.read_parquet(written(FIRST))
    assert [str(dtype) for dtype in frame.dtypes] == ["float64", "float64", "datetime64[ms]", "str", "str"]


def test_nothing():
    """A table without rows keeps its columns, and one without columns is a file too."""
    assert pq.read_table(written({"a": pa.array([], pa.int64())})).schema.names == ["a"]
    assert pq.read_table(written({})).shape == (0, 0)


def test_lone_surrogates():
    """What is no text becomes the character that says so."""
    assert pq.read_table(written({"a": ["\ud800!"]})).to_pydict() == {"a": ["\ufffd!"]}
