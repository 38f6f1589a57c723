"""By how much the tables and the log grow while revisions are made."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.figures import Report, StoreFigures
from bench.scratch import Scratch


class Growth(NamedTuple):
    """Revisions made one after the other, and by how many bytes they let tables and log grow."""

    revisions: int
    stored: int
    log: int


class Meter:
    """Tells how much the tables and the log grow between its readings."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self.reset()

    def reset(self) -> None:
        """Leave out what grew since the last reading."""
        self._count = 0
        self._before = self._scratch.stored_bytes(), self._scratch.wal_position()

    def count(self) -> None:
        """A revision was made."""
        self._count += 1

    def read(self) -> Growth:
        """The growth since the last reading."""
        count, (stored, log) = self._count, self._before
        self.reset()
        return Growth(count, self._before[0] - stored, self._before[1] - log)


def tell_growth(grown: Sequence[Growth], report: Report[StoreFigures]) -> None:
    """Tell of the growth of revisions, in the order they were made: on the whole, at first and at last."""
    figures = report.figures
    count = max(1, sum(some.revisions for some in grown))
    figures.bytes_per_revision = sum(some.stored for some in grown) // count
    figures.wal_per_revision = sum(some.log for some in grown) // count
    quarter = max(1, len(grown) // 4)
    for name, part in (("first", grown[:quarter]), ("last", grown[-quarter:])):
        stored = sum(some.stored for some in part) // max(1, sum(some.revisions for some in part))
        report.tell(f"bytes per revision, {name} quarter", f"{stored:,}")
