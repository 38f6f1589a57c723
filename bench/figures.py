"""What the benchmarks print: the figures that are compared, and what else is worth telling."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

Told: TypeAlias = tuple[str, str]
"""A line of a report: what, and how much of it."""


@dataclass
class StoreFigures:
    """The figures of one sheet. `_s` seconds, `_ms` milliseconds, `_mb` 10^6 bytes.

    import_cpu_s: without making the rows. import_bytes: of the tables, with indexes and TOAST.
    commit_*: of one-cell edits. floor_*: one INSERT and commit in the same run.
    bytes_per_revision, wal_per_revision: of all revisions but the fills. *_window_*: 100 rows of a
    revision by its root. fill_column_s: one fill of a whole column, the median. peak_rss_mb: of this process.
    """

    rows: int
    import_cpu_s: float = 0
    import_bytes: int = 0
    csv_gz_bytes: int = 0
    xlsx_bytes: int = 0
    commit_cpu_ms_p50: float = 0
    commit_wall_ms_p50: float = 0
    commit_wall_ms_p99: float = 0
    floor_wall_ms_p50: float = 0
    bytes_per_revision: int = 0
    wal_per_revision: int = 0
    old_window_cold_ms: float = 0
    old_window_warm_ms: float = 0
    full_to_pandas_s: float = 0
    restore_wall_ms_p50: float = 0
    fill_column_s: float = 0
    peak_rss_mb: float = 0


@dataclass
class UploadFigures:
    """The figures of one upload through HTTP.

    upload_wall_s: from the first byte sent to the answer that tells of the committed revision.
    server_peak_rss_mb: the peaks of gunicorn's master and workers, added up.
    first_window_ms: the first 100 rows, asked for once, right after the upload.
    edit_ms_*: a one-cell edit, from sending it to its acknowledgement. bytes_per_edit: of the tables.
    """

    rows: int
    csv_bytes: int = 0
    upload_wall_s: float = 0
    server_peak_rss_mb: float = 0
    first_window_ms: float = 0
    edit_ms_p50: float = 0
    edit_ms_p99: float = 0
    bytes_per_edit: int = 0


@dataclass
class FileFigures:
    """The figures of files, beside other programs' in the same run; cells of each second of CPU.

    read_*: xlsx through to blocks. export_*: an untouched workbook from its blocks to a file.
    openpyxl_roundtrip_*: load and save. csv_*: CSV to rows. peak_rss_mb: of a process that reads the xlsx.
    """

    rows: int
    read_cells_per_s: int = 0
    pandas_read_cells_per_s: int = 0
    openpyxl_read_cells_per_s: int = 0
    calamine_read_cells_per_s: int = 0
    export_cells_per_s: int = 0
    openpyxl_roundtrip_cells_per_s: int = 0
    csv_cells_per_s: int = 0
    peak_rss_mb: float = 0


Figures = TypeVar("Figures", bound=StoreFigures | UploadFigures | FileFigures)


@dataclass
class Report(Generic[Figures]):
    """Figures, further lines that explain them, and notes on how they came about."""

    figures: Figures
    details: list[Told] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def tell(self, what: str, much: str) -> None:
        """Add a line."""
        self.details.append((what, much))

    def text(self) -> str:
        """The report as people read it."""
        figures = [(name, _number(value)) for name, value in asdict(self.figures).items()]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([*_aligned(figures), "", *_aligned(self.details), "", *notes])

    def json(self) -> str:
        """The figures as one JSON object."""
        return json.dumps({name: _rounded(value) for name, value in asdict(self.figures).items()})


def machine() -> str:
    """The processor, how many of it, and how busy they are."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text() if cpuinfo.exists() else "")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} × {model[1] if model else 'unknown'}; load {load}"


def _aligned(lines: Sequence[Told]) -> list[str]:
    width = max((len(what) for what, _ in lines), default=0)
    return [f"{what:<{width}}  {much}" for what, much in lines]


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{_rounded(value):,}"


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, 3)
