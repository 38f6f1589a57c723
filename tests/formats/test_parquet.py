"""Tables as Parquet files, as other programs read them."""

from datetime import datetime
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.formats import parquet, registry
from app.formats.guard import Limits, UnreadableFile
from app.sheet.cell import plain_text

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


def file_of(table, **how):
    out = BytesIO()
    pq.write_table(table, out, **how)
    return out


def read(file, limits=None):
    """The names, and the rows as exact texts by zero-based row."""
    document = registry.read(file, "Some data.parquet", limits or Limits())
    (_, head), *content = document.sheets[0].rows()
    return head.values, {at: list(map(plain_text, row.values)) for at, row in content}


FRAME = pd.DataFrame(
    {
        "id": [2**60 + 1, 2, 3],
        "day": pd.to_datetime(["2023-03-15 12:00", None, "2026-03-14 00:00"]),
        "zone": pd.to_datetime(["2023-03-15 12:00"] * 3).tz_localize("Europe/Berlin"),
        "kind": pd.Categorical(["a", "b", None]),
        "price": [0.1, None, 2.5],
    }
)


def test_a_frame_of_pandas():
    """What pandas saves is a workbook of one sheet: all digits, dates as numbers, nothing for missing."""
    out = BytesIO()
    FRAME.to_parquet(out)
    assert read(out) == (
        ("id", "day", "zone", "kind", "price"),
        {
            1: [str(2**60 + 1), "45000.5", "2023-03-15T12:00:00.000000+0100", "a", "0.1"],
            2: ["2", "2023-03-15T12:00:00.000000+0100", "b"],
            3: ["3", "46095", "2023-03-15T12:00:00.000000+0100", "2.5"],
        },
    )


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "lz4", "brotli"])
def test_compressions(compression):
    """Files come in any compression that Parquet has."""
    table = pa.table({"a": list(range(100))})
    assert read(file_of(table, compression=compression))[1][100] == ["99"]


def test_what_is_written_is_read():
    """A table that went out comes in again, its dates as dates."""
    names, content = read(written(FIRST, SECOND))
    assert names == ("id", "price", "day", "name", "mixed")
    assert content == {1: ["1", "0.5", "46095", "ä", "1"], 2: ["2", "x"], 3: ["1", "0.5", "46095", "ä", "1"]}


def test_one_fine_timestamp_makes_its_column_text():
    """A column's timestamps are of one kind, also where only its last is finer than milliseconds."""
    fine = pa.array([0] * 9 + [1], pa.timestamp("us"))
    table = pa.table({"fine": fine, "coarse": pa.array([0] * 10, pa.timestamp("us"))})
    assert read(file_of(table, row_group_size=2))[1][1] == ["1970-01-01T00:00:00.000000", "25569"]


@pytest.mark.parametrize("names", [["a", "a", "a"], ["a.b", "b", "a"]])
def test_columns_are_told_by_their_place(names):
    """Names that repeat, or look like a way into a struct, mix no columns up."""
    coarse, fine = pa.array([0], pa.timestamp("us")), pa.array([1], pa.timestamp("us"))
    table = pa.table([coarse, fine, pa.array([{"b": 1}])], names=names)
    assert read(file_of(table)) == (tuple(names), {1: ["25569", "1970-01-01T00:00:00.000001", '{"b":1}']})


def test_no_rows_and_no_columns():
    """A file of names alone is a row of names; one of nothing is an empty sheet."""
    assert read(file_of(pa.table({"a": pa.array([], pa.int64())}))) == (("a",), {})
    document = registry.read(file_of(pa.table({})), "a.parquet", Limits())
    assert list(document.sheets[0].rows()) == []


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (Limits(cells=100), "cells"),
        (Limits(unpacked_bytes=100), "bytes when unpacked"),
        (Limits(upload_bytes=100), "bytes"),
    ],
)
def test_limits(limits, what):
    """More than the limits allow is refused by name, before a row is read."""
    with pytest.raises(UnreadableFile, match=f"too many {what}: the limit is 100") as caught:
        registry.read(file_of(pa.table({"a": list(range(1_000))})), "a.parquet", limits)
    assert caught.value.reason == "too-large"


def test_too_many_rows():
    """More rows than a sheet has, its names counted, are refused."""
    with pytest.raises(UnreadableFile, match="too many rows: the limit is 1,048,576"):
        registry.read(file_of(pa.table({"a": pa.nulls(1_048_576, pa.int8())})), "a.parquet", Limits())


def test_texts_that_unpack_to_far_more():
    """Bytes are counted as they are unpacked: a text that stands for a million costs the limit at most."""
    table = pa.table({"a": pa.array(["x" * 30_000]).take(pa.array([0] * 1_000))})
    file = file_of(table, compression="zstd")
    document = registry.read(file, "a.parquet", Limits(unpacked_bytes=1_000_000))
    with pytest.raises(UnreadableFile, match="too many bytes when unpacked"):
        list(document.sheets[0].rows())


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_damage_is_told(flip):
    """Whatever byte is damaged, the file is read as it stands or refused in words."""
    whole = file_of(pa.table({"a": ["text"] * 9, "b": [0.5] * 9})).getvalue()
    reasons = set()
    for at in range(len(whole)):
        raw = bytearray(whole)
        raw[at] ^= flip
        try:
            read(BytesIO(raw))
        except UnreadableFile as error:
            reasons.add(error.reason)
    assert {"broken"} <= reasons <= {"broken", "too-large", "not-a-spreadsheet", "encrypted"}


def test_encrypted_files():
    """A file whose footer is encrypted is told to be so."""
    with pytest.raises(UnreadableFile) as caught:
        registry.read(BytesIO(b"PARE" + bytes(40) + b"PARE"), "a.parquet", Limits())
    assert caught.value.reason == "encrypted"


@pytest.mark.parametrize("raw", [b"PAR1", b"PAR1PAR1", b"PAR1" + bytes(50), b"PAR1" + bytes(50) + b"PAR1"])
def test_what_only_begins_like_parquet(raw):
    """A file without a footer is damaged."""
    with pytest.raises(UnreadableFile) as caught:
        registry.read(BytesIO(raw), "a.parquet", Limits())
    assert caught.value.reason == "broken"
