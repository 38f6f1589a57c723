"""Windows of revisions of every age, as the grid reads them."""

from typing import NamedTuple
from uuid import UUID

import numpy as np

from app.services.revisions import chunks_of, open_revision, revision_of
from app.services.windows import View
from app.store.postgres import CACHE
from app.store.state import State
from bench import data, edits
from bench.data import Size
from bench.figures import Report, StoreFigures
from bench.scratch import Scratch, Stopwatch, percentile, percentiles

WINDOW = 100
_SAMPLES = 40


class _Times(NamedTuple):
    """Watches that ran while windows were read."""

    watches: list[Stopwatch]

    @property
    def p50_ms(self) -> float:
        """What half of them took at most, in milliseconds."""
        return percentile([watch.wall for watch in self.watches], 50) * 1e3

    def tell(self, name: str, report: Report[StoreFigures]) -> None:
        """Report their wall and CPU."""
        report.tell(f"{name}, wall", percentiles([watch.wall for watch in self.watches]))
        report.tell(f"{name}, CPU", percentiles([watch.cpu for watch in self.watches]))


def measure(scratch: Scratch, size: Size, workbook_id: UUID, head: int, report: Report[StoreFigures]) -> None:
    """Windows of the head and of revisions of every age, with nothing cached and again."""
    figures = report.figures
    random = np.random.default_rng([data.SEED, size.rows])
    samples = [
        (int(random.integers(1, head)), int(random.integers(0, max(1, size.rows - WINDOW))))
        for _ in range(_SAMPLES)
    ]
    cold, warm = _read(scratch, workbook_id, samples)
    figures.old_window_cold_ms, figures.old_window_warm_ms = cold.p50_ms, warm.p50_ms
    cold.tell("window of an old revision, nothing cached", report)
    warm.tell("window of an old revision, warm", report)
    ages = (("the first revision", 1), ("a revision half as old", head // 2 or 1), ("the head", head))
    for name, at in ages:
        cold, warm = _read(scratch, workbook_id, [(at, start) for _, start in samples[:20]])
        cold.tell(f"window of {name}, nothing cached", report)
        warm.tell(f"window of {name}, warm", report)
    shown = _Times([_shown(scratch, size, workbook_id, *sample) for sample in samples])
    shown.tell("the same as the grid gets it, permissions and texts included", report)


def _read(scratch: Scratch, workbook_id: UUID, places: list[tuple[int, int]]) -> tuple[_Times, _Times]:
    """Times with nothing cached, and when it was just read, for (revision, first row) pairs."""
    cold, warm = _Times([]), _Times([])
    for number, start in places:
        with scratch.app.app_context():
            root = revision_of(workbook_id, number).root
            CACHE.clear()
            for times in (cold, warm):
                with Stopwatch() as watch:
                    state = State.load(chunks_of(workbook_id), root)
                    list(state.tree(edits.SHEET).rows(start, start + WINDOW))
                times.watches.append(watch)
    return cold, warm


def _shown(scratch: Scratch, size: Size, workbook_id: UUID, number: int, start: int) -> Stopwatch:
    """The time of a window as a request reads it, with nothing cached."""
    CACHE.clear()
    with scratch.app.app_context(), Stopwatch() as watch:
        opened = open_revision(scratch.user, workbook_id, number)
        View(opened.state, edits.SHEET).window(start, WINDOW, 0, size.width)
    return watch
