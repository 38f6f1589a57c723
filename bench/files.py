"""How large rows are as files, for comparison with what the store takes."""

import csv
import gzip
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from app.formats import plain_xlsx
from bench import data

XLSX_SAMPLE = 20_000
"""Rows up to which an xlsx file is written whole; a larger one's size is scaled up from as many."""


class _Counting(BytesIO):
    """Takes bytes and keeps their number only."""

    count = 0

    def write(self, piece: object) -> int:
        size = memoryview(piece).nbytes  # type: ignore[arg-type]
        self.count += size
        return size


def write_csv(rows: int, width: int, out: BinaryIO) -> None:
    """The rows as CSV: UTF-8, commas, CRLF; prices with two decimals."""
    text = TextIOWrapper(out, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    for _, row in data.rows(rows, width):
        held = dict(zip(row.columns, row.values, strict=True))
        fields = (held.get(column, "") for column in range(width))
        writer.writerow([f"{field:.2f}" if isinstance(field, float) else field for field in fields])
    text.detach()


def csv_file(rows: int, width: int, path: Path) -> int:
    """Write the rows as a CSV file; its size in bytes."""
    with path.open("wb") as out:
        write_csv(rows, width, out)
    return path.stat().st_size


def csv_gz_bytes(rows: int, width: int) -> int:
    """The size of the CSV file under gzip, at its usual level 6."""
    counting = _Counting()
    with gzip.GzipFile(fileobj=counting, mode="wb", compresslevel=6, mtime=0) as packed:
        write_csv(rows, width, packed)  # type: ignore[arg-type]
    return counting.count


def xlsx_bytes(rows: int, width: int) -> tuple[int, str]:
    """(the size of the xlsx file, how it was found)."""
    sample = min(rows, XLSX_SAMPLE)
    out = BytesIO()
    plain_xlsx.write(data.document(sample, width), out)
    size = len(out.getvalue())
    if sample == rows:
        return size, "xlsx_bytes: measured, a file written by Cellar's own plain xlsx writer."
    return size * rows // sample, f"xlsx_bytes: scaled up from a plain xlsx file of {sample:,} rows."
