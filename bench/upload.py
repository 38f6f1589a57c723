"""`python -m bench upload`: a CSV file through the product's own doors, and edits of what it became."""

import tempfile
import time
from pathlib import Path
from uuid import uuid4

import numpy as np

from app import embedded
from bench import data, files
from bench.figures import Report, UploadFigures
from bench.scratch import TABLES, percentile
from bench.server import Client, Server, serving

EDITS = 500
_WINDOWS = 50
_SHEET = 1


def measure(rows: int) -> Report[UploadFigures]:
    """Serve the product, upload a CSV of so many rows by 10 columns, read a window, make one-cell edits."""
    figures = UploadFigures(rows)
    report = Report(figures)
    with tempfile.TemporaryDirectory(prefix="cellar-bench-") as folder:
        path = Path(folder) / "orders.csv"
        figures.csv_bytes = files.csv_file(rows, data.WIDTH, path)
        instance = Path(folder) / "instance"
        try:
            with serving(instance) as server:
                client = Client(server.port)
                _measure(server, client, path, report)
                client.close()
                embedded.leave(instance)
        finally:
            embedded.leave(instance)
    return report


def _measure(server: Server, client: Client, path: Path, report: Report[UploadFigures]) -> None:
    figures = report.figures
    client.register()
    idle = server.peak_rss_mb()
    begin = time.perf_counter()
    with path.open("rb") as file:
        workbook = client.upload(path.name, file, figures.csv_bytes)
    figures.upload_wall_s = time.perf_counter() - begin
    report.tell("server before the upload", f"{idle:.0f} MB")
    peaks = ", ".join(f"{peak:.0f}" for peak in server.peaks_mb())
    report.tell("master and workers after the upload", f"{peaks} MB")
    report.tell("stored by the upload", f"{_stored_bytes(server.instance):,} bytes")
    base = f"/workbooks/{workbook['id']}/revisions"
    begin = time.perf_counter()
    client.call("GET", f"{base}/head/sheets/{_SHEET}/rows?start=0&count=100")
    figures.first_window_ms = (time.perf_counter() - begin) * 1e3
    random = np.random.default_rng([data.SEED, figures.rows])
    windows = []
    for start in random.integers(0, max(1, figures.rows - 100), _WINDOWS).tolist():
        begin = time.perf_counter()
        client.call("GET", f"{base}/head/sheets/{_SHEET}/rows?start={start}&count=100")
        windows.append(time.perf_counter() - begin)
    report.tell("windows anywhere", f"p50 {percentile(windows, 50) * 1e3:.1f} ms")
    _edit(server, client, base, report)
    figures.server_peak_rss_mb = server.peak_rss_mb()
    report.notes.append(f"{EDITS:,} one-cell edits, one after the other, evenly over the sheet.")
    report.notes.append(
        "The server's memory is the sum of each process's own peak; PostgreSQL's is not in it."
    )


def _edit(server: Server, client: Client, base: str, report: Report[UploadFigures]) -> None:
    """One-cell edits over the whole sheet, one after the other."""
    figures = report.figures
    random = np.random.default_rng([data.SEED, figures.rows, EDITS])
    before, head = _stored_bytes(server.instance), 1
    seconds: list[float] = []
    for _ in range(EDITS):
        row, price = int(random.integers(2, figures.rows + 1)), int(random.integers(100, 100_000))
        cells = {f"H{row}": {"input": f"{price / 100:.2f}"}}
        operation = {"op": "set_cells", "sheet": _SHEET, "cells": cells}
        body = {"base": head, "key": str(uuid4()), "operations": [operation]}
        begin = time.perf_counter()
        head = client.call("POST", base, body)["number"]
        seconds.append(time.perf_counter() - begin)
    figures.edit_ms_p50 = percentile(seconds, 50) * 1e3
    figures.edit_ms_p99 = percentile(seconds, 99) * 1e3
    figures.bytes_per_edit = (_stored_bytes(server.instance) - before) // EDITS


def _stored_bytes(instance: Path) -> int:
    """Bytes of the tables a revision is written to, with indexes and TOAST."""
    connection = embedded.connector(instance)()
    try:
        with connection.cursor() as cursor:
            query = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s) AS name"
            cursor.execute(query, (list(TABLES),))
            (size,) = cursor.fetchone() or (0,)
            return int(size)
    finally:
        connection.close()
