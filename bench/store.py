"""`python -m bench store`: a sheet goes in, through its revisions, and out again."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

import numpy as np

from app.extensions import db
from app.formats.guard import Limits
from app.services import commits, exports, imports, restores
from app.services.frames import sheet_frame
from app.services.revisions import open_revision
from app.sheet.document import Document, SheetSource
from app.sheet.row import Row
from app.store.postgres import CACHE
from bench import data, edits, files, windows
from bench.data import Size
from bench.figures import Report, StoreFigures
from bench.growth import Growth, Meter, tell_growth
from bench.scratch import Scratch, Stopwatch, peak_rss_mb, percentile, percentiles, yardstick

_FLOORS_EVERY = 10
_RESTORES = 20


class _Made(NamedTuple):
    """One revision of the script: its sort, its number, and the seconds it took."""

    sort: str
    head: int
    wall: float
    cpu: float


def measure(scratch: Scratch, size: Size) -> Report[StoreFigures]:
    """Everything there is to measure of one sheet, on an empty scratch database."""
    figures = StoreFigures(size.rows)
    report = Report(figures, notes=list(edits.NOTES))
    report.tell("sheet", f"{size.rows:,} rows × {size.width} columns, {size.revisions:,} revisions")
    yardsticks = [yardstick()]
    workbook_id = _import(scratch, size, report)
    _compare(size, report)
    yardsticks.append(yardstick())
    head = _revise(scratch, size, workbook_id, report)
    yardsticks.append(yardstick())
    windows.measure(scratch, size, workbook_id, head, report)
    _whole(scratch, workbook_id, report)
    _parquet(scratch, workbook_id, report)
    _restore(scratch, workbook_id, head, report)
    figures.peak_rss_mb = peak_rss_mb()
    told = ", ".join(f"{seconds * 1e3:.0f}" for seconds in [*yardsticks, yardstick()])
    report.tell("yardstick: CPU of a fixed loop, before import, revisions, windows, at the end", f"{told} ms")
    return report


def _import(scratch: Scratch, size: Size, report: Report[StoreFigures]) -> UUID:
    figures = report.figures
    making, keeping = Stopwatch(), Stopwatch()
    document = Document("blank", [SheetSource("Orders", b"", partial(_metered, size, making))])
    workbook_id = uuid4()
    memory, stored, log = peak_rss_mb(), scratch.stored_bytes(), scratch.wal_position()
    with keeping, scratch.app.app_context():
        for _ in imports.keep(scratch.user, workbook_id, "Orders", document, None, _now(), "upload"):
            pass
    figures.import_cpu_s = keeping.cpu - making.cpu
    figures.import_bytes = scratch.stored_bytes() - stored
    grown, wal = peak_rss_mb() - memory, scratch.wal_position() - log
    report.tell("import", f"{keeping.wall - making.wall:.2f} s wall, {figures.import_cpu_s:.2f} s CPU")
    report.tell("import, write-ahead log", f"{wal:,} bytes")
    report.tell("import, memory", f"{grown:.0f} MB above the peak before it, making the rows included")
    return workbook_id


def _compare(size: Size, report: Report[StoreFigures]) -> None:
    """How large the same rows are as files."""
    figures = report.figures
    figures.csv_gz_bytes = files.csv_gz_bytes(size.rows, size.width)
    figures.xlsx_bytes, how = files.xlsx_bytes(size.rows, size.width)
    report.notes.append(how)
    report.tell("import, against csv.gz", f"{figures.import_bytes / figures.csv_gz_bytes:.2f} ×")
    report.tell("import, against xlsx", f"{figures.import_bytes / figures.xlsx_bytes:.2f} ×")


def _metered(size: Size, making: Stopwatch) -> Iterator[tuple[int, Row]]:
    """The rows, made a batch at a time under a watch, so that it is known what making them took."""
    for start in range(0, size.rows, data.BATCH):
        with making:
            batch = data.batch(start, min(data.BATCH, size.rows - start), size.width)
        yield from batch


def _revise(scratch: Scratch, size: Size, workbook_id: UUID, report: Report[StoreFigures]) -> int:
    """Make the revisions, and a few floors after every ten; the number of the newest."""
    made: list[_Made] = []
    floors: list[float] = []
    grown: list[Growth] = []  # of all revisions but the fills
    head, meter = 1, Meter(scratch)
    for number, edit in enumerate(edits.script(size.revisions, size.rows, size.width), start=1):
        if edit.sort == edits.FILL:
            grown.append(meter.read())
        made.append(_committed(scratch, workbook_id, head, edit))
        head = made[-1].head
        meter.count()
        if edit.sort == edits.FILL:
            report.notes.append(f"The fill that made revision {head:,} took {meter.read().stored:,} bytes.")
        if number % _FLOORS_EVERY == 0 or number == size.revisions:
            grown.append(meter.read())
            floors += [scratch.floor() for _ in range(3)]
            meter.reset()
    tell_growth(grown, report)
    _tell_times(made, floors, report)
    return head


def _tell_times(made: Sequence[_Made], floors: Sequence[float], report: Report[StoreFigures]) -> None:
    figures = report.figures
    one = [edit for edit in made if edit.sort == edits.ONE]
    figures.commit_cpu_ms_p50 = percentile([edit.cpu for edit in one], 50) * 1e3
    figures.commit_wall_ms_p50 = percentile([edit.wall for edit in one], 50) * 1e3
    figures.commit_wall_ms_p99 = percentile([edit.wall for edit in one], 99) * 1e3
    figures.floor_wall_ms_p50 = percentile(floors, 50) * 1e3
    figures.fill_column_s = percentile([edit.wall for edit in made if edit.sort == edits.FILL], 50)
    for sort in (edits.ONE, edits.PASTE, edits.FILL):
        of_sort = [edit for edit in made if edit.sort == sort]
        report.tell(f"{sort} ({len(of_sort)}), CPU", percentiles([edit.cpu for edit in of_sort]))
        report.tell(f"{sort} ({len(of_sort)}), wall", percentiles([edit.wall for edit in of_sort]))
    report.tell(f"floor: INSERT + commit ({len(floors)}), wall", percentiles(floors))
    quarter = max(1, len(one) // 4)
    for name, some in (("first", one[:quarter]), ("last", one[-quarter:])):
        report.tell(f"one cell, {name} quarter of the revisions, CPU", percentiles([e.cpu for e in some]))


def _committed(scratch: Scratch, workbook_id: UUID, base: int, edit: edits.Edit) -> _Made:
    """Commit one edit on the head, as a request does: in a context and session of its own."""
    with Stopwatch() as watch, scratch.app.app_context():
        made = commits.commit(
            scratch.user, workbook_id, base, [edit.operation], now=_now(), via="grid", key=uuid4()
        )
        head = made.revision.number
    return _Made(edit.sort, head, watch.wall, watch.cpu)


def _whole(scratch: Scratch, workbook_id: UUID, report: Report[StoreFigures]) -> None:
    """Full loads of the head, with nothing cached."""
    figures = report.figures

    def load(use: Callable[[], object]) -> Stopwatch:
        CACHE.clear()
        with scratch.app.app_context(), Stopwatch() as watch:
            use()
        return watch

    def each_row() -> None:
        for _ in open_revision(scratch.user, workbook_id, None).state.tree(edits.SHEET).rows():
            pass

    rows = load(each_row)
    frame = load(lambda: sheet_frame(scratch.user, workbook_id))
    figures.full_to_pandas_s = frame.wall
    report.tell("full load to rows", f"{rows.wall:.2f} s wall, {rows.cpu:.2f} s CPU")
    report.tell("full load to pandas", f"{frame.wall:.2f} s wall, {frame.cpu:.2f} s CPU")


def _parquet(scratch: Scratch, workbook_id: UUID, report: Report[StoreFigures]) -> None:
    """The head as a Parquet file, with nothing cached, and that file as another workbook."""
    CACHE.clear()
    with scratch.app.app_context(), Stopwatch() as out:
        made = exports.export(scratch.user, workbook_id, None, "parquet")
    with made.file, scratch.app.app_context(), Stopwatch() as back:
        size = made.file.seek(0, 2)
        limits = Limits(upload_bytes=size)
        imports.finish(
            imports.import_file(scratch.user, uuid4(), made.file, made.name, limits=limits, now=_now())
        )
    report.tell("export to Parquet", f"{out.wall:.2f} s wall, {out.cpu:.2f} s CPU, {size:,} bytes")
    report.tell("import of that Parquet file", f"{back.wall:.2f} s wall, {back.cpu:.2f} s CPU")


def _restore(scratch: Scratch, workbook_id: UUID, head: int, report: Report[StoreFigures]) -> None:
    """Bring back revisions of every age, one after the other."""
    figures = report.figures
    walls, cpus = [], []
    for number in np.linspace(1, head - 1, min(_RESTORES, head - 1), dtype=int).tolist():
        with Stopwatch() as watch, scratch.app.app_context():
            restores.restore(scratch.user, workbook_id, number, now=_now(), key=uuid4())
        walls.append(watch.wall)
        cpus.append(watch.cpu)
    db.session.remove()
    figures.restore_wall_ms_p50 = percentile(walls, 50) * 1e3
    report.tell(f"restore ({len(walls)}), CPU", percentiles(cpus))
    report.tell(f"restore ({len(walls)}), wall", percentiles(walls))


def _now() -> datetime:
    return datetime.now(UTC)
