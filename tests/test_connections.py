"""Claims about pooled connections whose server went away."""

from collections.abc import Iterator

import psycopg2
import pytest
from flask import Flask
from sqlalchemy import text

from app import connections
from app.extensions import db

from .databases import connect
from .faults.server import wait_until


@pytest.fixture(autouse=True)
def alone(app: Flask) -> Iterator[None]:
    """A context of the application, whose pool is empty: the connection a test makes is the only one."""
    with app.app_context():
        db.engine.dispose()
        yield


def _backend() -> int:
    """The process that serves the pool's next connection."""
    with db.engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def _end(database_url: str, backend: int) -> None:
    """End a process of the server, as a restart does, and wait until it is gone."""
    operator = connect(database_url)
    try:
        with operator.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (backend,))
            assert cursor.fetchone() == (True,)
    finally:
        operator.close()


def test_a_connection_that_was_ended_is_replaced(database_url: str) -> None:
    """What comes after a restart of the server gets a new connection and notices nothing."""
    before = _backend()
    _end(database_url, before)
    assert _backend() != before


def test_a_live_connection_is_kept_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection used a moment ago costs no round trip: the server hears nothing between two uses."""
    before = _backend()
    asked = []
    monkeypatch.setattr(connections, "_stirs", lambda connection: asked.append(connection) or False)
    assert (_backend(), len(asked)) == (before, 1)


def test_a_connection_nobody_used_for_long_is_asked(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be seen on the socket, the server is asked, and a dead connection replaced."""
    before = _backend()
    _end(database_url, before)
    monkeypatch.setattr(connections, "_stirs", lambda _connection: False)
    monkeypatch.setattr(connections, "ASK_AFTER", 0.0)
    assert _backend() != before


def test_a_notice_on_a_live_connection_costs_it_nothing(database_url: str) -> None:
    """A server that says something unasked is asked back, and the connection stays."""
    with db.engine.connect() as connection:
        connection.execute(text("LISTEN news"))
        connection.commit()
        before = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        raw = connection.connection.driver_connection
    operator = connect(database_url)
    try:
        operator.cursor().execute("NOTIFY news")
    finally:
        operator.close()
    assert isinstance(raw, psycopg2.extensions.connection)
    wait_until(lambda: connections._stirs(raw))
    assert _backend() == before
