"""Parquet files of tables, and documents of Parquet files."""

from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from app.formats import guard
from app.formats.arrow_rows import Reading, is_fine, reading, rows
from app.formats.guard import Limits, UnreadableFile
from app.formats.tables import Table, arrow_table
from app.formats.typed_workbook import workbook
from app.sheet.address import MAX_COLUMNS, MAX_ROWS
from app.sheet.document import Document
from app.sheet.row import Row

MAGIC, ENCRYPTED_MAGIC = b"PAR1", b"PARE"
"""What files begin with; those whose footer is encrypted with the latter."""

_BATCH_CELLS = 100_000
"""Cells that are read at a time."""


def read(file: BinaryIO, sheet_name: str, limits: Limits) -> Document:
    """The file as a workbook of one sheet, its first row the columns' names; rows are read as they are taken.

    The file stays open as long as that. Raises UnreadableFile: here where the file is none of ours or says
    itself that it is too large, and while rows are read where a limit is passed.
    """
    with _told():
        parquet = pq.ParquetFile(file)
        metadata, schema = parquet.metadata, parquet.schema_arrow
    if len(schema) > MAX_COLUMNS:
        raise guard.too_large("columns", MAX_COLUMNS)
    if metadata.num_rows >= MAX_ROWS:
        raise guard.too_large("rows", MAX_ROWS)
    if metadata.num_rows * len(schema) > limits.cells:
        raise guard.too_large("cells", limits.cells)
    unpacked = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    if unpacked > limits.unpacked_bytes:
        raise guard.too_large("bytes when unpacked", limits.unpacked_bytes)
    types = {field.name: str(field.type) for field in schema}
    report: dict[str, object] = {"rows": metadata.num_rows, "columns": len(schema), "types": types}
    return workbook(sheet_name, lambda: _rows(parquet, limits), report)


def _rows(parquet: Any, limits: Limits) -> Iterator[tuple[int, Row]]:
    schema = parquet.schema_arrow
    with _told():
        readings = _readings(parquet)
        batches = (
            [one.values(column) for one, column in zip(readings, batch.columns, strict=True)]
            for batch in _batches(parquet, limits)
        )
        yield from rows(schema.names, [one.style for one in readings], batches, limits)


def _readings(parquet: Any) -> Sequence[Reading]:
    """How each column is read; how fine timestamps are is known when all were seen."""
    schema = parquet.schema_arrow
    stamps = [at for at, field in enumerate(schema) if pa.types.is_timestamp(field.type)]
    # Columns are chosen by name, where a point leads into a struct: names that are not clear choose all.
    clear = len(set(schema.names)) == len(schema) and not any("." in name for name in schema.names)
    chosen = [schema.names[at] for at in stamps] if clear else None
    fine: set[int] = set()
    if stamps:
        for batch in parquet.iter_batches(_step(stamps if clear else schema), columns=chosen):
            columns = batch.columns if clear else [batch.columns[at] for at in stamps]
            fine |= {at for at, column in zip(stamps, columns, strict=True) if is_fine(column)}
    return [reading(field.type, at in fine) for at, field in enumerate(schema)]


def _step(columns: Sized) -> int:
    """How many rows of so many columns are read at a time."""
    return max(1, _BATCH_CELLS // max(1, len(columns)))


def _batches(parquet: Any, limits: Limits) -> Iterator[Any]:
    """Record batches, counted as they are unpacked: what a file says of its size proves nothing."""
    unpacked = 0
    for batch in parquet.iter_batches(_step(parquet.schema_arrow)):
        unpacked += batch.nbytes
        if unpacked > limits.unpacked_bytes:
            raise guard.too_large("bytes when unpacked", limits.unpacked_bytes)
        yield batch


@contextmanager
def _told() -> Iterator[None]:
    """Says in our words what Arrow finds wrong with a file."""
    try:
        yield
    except UnreadableFile:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise guard.damaged(f"its Parquet data cannot be read ({str(error)[:200]})") from None


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
