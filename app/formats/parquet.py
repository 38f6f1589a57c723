"""Parquet files of tables, and documents of Parquet files."""

from collections.abc import Iterable
from typing import BinaryIO

import pyarrow.parquet as pq

from app.formats.tables import Table, arrow_table


def write(batches: Iterable[Table], out: BinaryIO) -> None:
    """Write tables that continue one another, at least one, as one Parquet file, a row group each."""
    writer = None
    try:
        for batch in map(arrow_table, batches):
            writer = writer or pq.ParquetWriter(out, batch.schema, compression="zstd")
            writer.write_table(batch)
    finally:
        if writer:
            writer.close()
