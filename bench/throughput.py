"""`python -m bench files`: how fast files come in and go out, beside pandas, openpyxl and calamine."""

import gc
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from statistics import median
from typing import BinaryIO, TypeVar, cast

import openpyxl
import pandas as pd
import python_calamine

from app.formats import registry
from app.formats.guard import Limits
from app.formats.xlsx import writer
from app.sheet.operations import Entered, SetCells
from app.store.memory import MemoryChunks
from app.store.state import State
from bench import data, excel, files
from bench.figures import FileFigures, Report
from bench.scratch import Stopwatch, yardstick

ROUNDS = 3
_T = TypeVar("_T")
_PRICE = data.PRICE
_PEAK = [sys.executable, "-m", "bench.peak"]


class _Sink:
    """Takes bytes and forgets them."""

    def write(self, piece: bytes) -> int:
        return len(piece)


def measure(rows: int) -> Report[FileFigures]:
    """Read and write workbooks of so many rows by 10 columns; every figure is the median of some rounds.

    The rounds go through all the programs in turn, so that a machine whose speed changes by the minute
    changes it for all of them.
    """
    report = Report(FileFigures(rows))
    with tempfile.TemporaryDirectory(prefix="cellar-bench-") as folder:
        plain, formulas, csv = (Path(folder) / name for name in ("plain.xlsx", "formulas.xlsx", "rows.csv"))
        cells = excel.write_plain(rows, plain)
        formula_cells = excel.write_formulas(rows, formulas)
        files.csv_file(rows, data.WIDTH, csv)
        runs: dict[str, tuple[int, Callable[[], object]]] = {
            "read": (cells, lambda: _state(plain)),
            "pandas_read": (cells, lambda: pd.read_excel(plain, header=None, engine="openpyxl")),
            "openpyxl_read": (cells, lambda: _openpyxl_values(plain)),
            "calamine_read": (cells, lambda: _calamine_values(plain)),
            "export": (cells, _exporting(_state(plain))),
            "edited_export": (cells, _exporting(_edited(_state(plain)))),
            "openpyxl_roundtrip": (cells, lambda: _openpyxl_roundtrip(plain)),
            "csv": (cells, lambda: _rows(csv)),
            "csv_to_blocks": (cells, lambda: _state(csv)),
            "formulas_read": (formula_cells, lambda: _state(formulas)),
            "formulas_export": (formula_cells, _exporting(_state(formulas))),
        }
        speeds: dict[str, list[float]] = {name: [] for name in runs}
        yards = []
        for _ in range(ROUNDS):
            yards.append(yardstick())
            for name, (count, run) in runs.items():
                speeds[name].append(count / _cpu(run))
        _fill(report, {name: median(found) for name, found in speeds.items()})
        peaks = {name: _peak_mb(plain, name) for name in ("reader", "application")}
        report.figures.peak_rss_mb, before = peaks["reader"]
        whole, whole_before = peaks["application"]
        sizes = {path.name: path.stat().st_size for path in (plain, formulas, csv)}
    report.tell("cells", f"{cells:,} constants; with formulas {formula_cells:,}, half of them formulas")
    report.tell("files", ", ".join(f"{name} {size:,} bytes" for name, size in sizes.items()))
    report.tell("peak of the reader and the store alone", f"{before:.0f} MB before reading")
    report.tell(
        "peak with the whole application loaded", f"{whole:.0f} MB; {whole_before:.0f} MB before reading"
    )
    report.tell("yardstick", ", ".join(f"{yard * 1e3:.0f}" for yard in yards) + " ms")
    report.notes += [
        "Reading is through to blocks in a store in memory; pandas and calamine give values alone.",
        "csv_cells_per_s is reading to rows, as far as other programs read.",
        "openpyxl reads in its read-only mode; its round trip is load_workbook and save.",
    ]
    return report


def _fill(report: Report[FileFigures], speeds: dict[str, float]) -> None:
    figures = report.figures
    for name, speed in speeds.items():
        if hasattr(figures, f"{name}_cells_per_s"):
            setattr(figures, f"{name}_cells_per_s", round(speed))
        else:
            report.tell(name.replace("_", " "), f"{speed:,.0f} cells/s")
    for ours, theirs in (
        ("read", "pandas_read"),
        ("read", "openpyxl_read"),
        ("read", "calamine_read"),
        ("export", "openpyxl_roundtrip"),
        ("edited_export", "openpyxl_roundtrip"),
    ):
        times = speeds[ours] / speeds[theirs]
        report.tell(f"{ours} against {theirs}".replace("_", " "), f"{times:.2f} ×")


def _cpu(run: Callable[[], object]) -> float:
    """Seconds of CPU a run takes, as if alone: what others hold or left behind costs it no collections."""
    gc.collect()
    gc.freeze()
    with Stopwatch() as watch:
        run()
    gc.unfreeze()
    return watch.cpu


def _state(path: Path) -> State:
    """A file through to blocks."""
    with path.open("rb") as file:
        importing = State.importing(MemoryChunks(), registry.read(file, path.name, Limits()), None)
        return _finished(importing)[0]


def _rows(path: Path) -> int:
    """A file to rows; how many there are."""
    with path.open("rb") as file:
        document = registry.read(file, path.name, Limits())
        return sum(1 for sheet in document.sheets for _ in sheet.rows())


def _exporting(state: State) -> Callable[[], object]:
    return lambda: writer.write(state.document(), cast(BinaryIO, _Sink()))


def _edited(state: State) -> State:
    """The state after one price in its middle changed."""
    sheet = state.sheets[0].id
    row = state.tree(sheet).count // 2
    return state.applied(SetCells(sheet, {(row, _PRICE): Entered(value=0.5)}))[0]


def _openpyxl_values(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    found = sum(len(row) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
    book.close()
    return found


def _openpyxl_roundtrip(path: Path) -> None:
    openpyxl.load_workbook(path).save(cast(str, path.with_suffix(".copy.xlsx")))


def _calamine_values(path: Path) -> int:
    book = python_calamine.CalamineWorkbook.from_path(path)
    return sum(len(row) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())


def _peak_mb(path: Path, loaded: str) -> tuple[float, float]:
    """Most memory of a process of its own that reads a file, and what it held before, in 10^6 bytes."""
    told = subprocess.run([*_PEAK, loaded, str(path)], check=True, capture_output=True, text=True)  # noqa: S603
    peak, before = map(float, told.stdout.split())
    return peak, before


def _finished(steps: Generator[None, None, _T]) -> _T:
    """What a generator returns, once it has run to its end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast(_T, end.value)
