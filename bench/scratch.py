"""A scratch database with the product's tables on an embedded PostgreSQL, and what is measured there."""

import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app, embedded
from app.extensions import db
from app.models.user import User
from app.services import accounts
from config import Config

TABLES = ("chunks", "revisions", "workbooks")
"""The tables a revision is written to."""
_PASSWORD = "grey-otter-lamp"  # noqa: S105 (nobody else can reach the database)
_FLOOR_TABLE = """
    CREATE TABLE floor_rows (
        workbook_id uuid, number integer, created_at timestamptz, author_id uuid, key uuid,
        root bytea, digest bytea, changeset bytea, data bytea, PRIMARY KEY (workbook_id, number))
"""
_FLOOR = text(
    "INSERT INTO floor_rows VALUES"
    " (:workbook, :number, :now, :workbook, :workbook, :root, :digest, :change, :data)"
)


class Stopwatch:
    """Seconds that pass, and seconds of CPU that this process uses, while it is entered.

    The database's processes are not among the latter: on a busy machine CPU is what can be compared.
    """

    wall = cpu = 0.0

    def __enter__(self) -> Self:
        self._begin = time.perf_counter(), time.process_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall += time.perf_counter() - self._begin[0]
        self.cpu += time.process_time() - self._begin[1]


class Scratch:
    """The application on an empty database, and a user. Used within a context of the application."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._floor_workbook, self._floor_number = uuid4(), 0
        with app.app_context():
            now = datetime.now(UTC)
            self.user: User = accounts.create("bench@example.com", "Bench", _PASSWORD, False, now)
            db.session.refresh(self.user)
            db.session.expunge(self.user)
            db.session.execute(text(_FLOOR_TABLE))
            db.session.commit()

    def floor(self) -> float:
        """Seconds that one INSERT of a row as long as a revision's, and its commit, take on the pool."""
        self._floor_number += 1
        row = {
            "workbook": self._floor_workbook,
            "number": self._floor_number,
            "now": datetime.now(UTC),
            "root": bytes(16),
            "digest": bytes(32),
            "change": bytes(40),
            "data": bytes(400),
        }
        with Stopwatch() as watch, db.engine.begin() as connection:
            connection.execute(_FLOOR, row)
        return watch.wall

    def stored_bytes(self) -> int:
        """Bytes of the tables, with indexes and TOAST."""
        query = text("SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(:names) AS name")
        with db.engine.connect() as connection:
            return int(connection.execute(query, {"names": list(TABLES)}).scalar_one())

    def wal_position(self) -> int:
        """Bytes of write-ahead log so far."""
        query = text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        with db.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """A scratch database in a temporary folder, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="cellar-bench-") as folder:
        instance = Path(folder) / "instance"
        try:
            url = embedded.database_url(instance)
            settings = Config(SECRET_KEY=_PASSWORD * 3, DATABASE_URL=url, INSTANCE=instance)
            app = create_app(settings)
            with app.app_context():
                upgrade()
                yield Scratch(app)
                db.session.remove()
                db.engine.dispose()
        finally:
            embedded.leave(instance)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of the values do not exceed; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


def percentiles(seconds: Sequence[float]) -> str:
    """What half, nine tenths and nearly all of some durations do not exceed, in words."""
    p50, p90, p99 = (percentile(seconds, percent) * 1e3 for percent in (50, 90, 99))
    return f"p50 {p50:,.2f}  p90 {p90:,.2f}  p99 {p99:,.2f} ms"


def yardstick() -> float:
    """Seconds of CPU that a fixed loop takes: shared machines run at speeds that differ by the minute."""
    with Stopwatch() as watch:
        sum(number % 7 for number in range(1_000_000))
    return watch.cpu


def peak_rss_mb() -> float:
    """The most memory this process has held so far, in 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
