"""Pooled connections: the dead ones are noticed before they are used, mostly without a round trip.

A server that ended or restarted has closed its side, and that can be seen on the socket for nothing. What
cannot be seen, such as a firewall that forgot a connection nobody used for long, is asked for.
"""

import select
import time
from typing import Any

import psycopg2
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

ASK_AFTER = 30.0
"""Seconds without use after which a connection is asked whether it still answers."""


def watch(engine: Engine) -> None:
    """Replace dead connections of the engine's pool when they are about to be used."""
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _check)


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _check(connection: "psycopg2.extensions.connection", record: Any, _proxy: Any) -> None:
    """Raises InvalidatePoolError, upon which the pool connects anew, where the server is gone."""
    used = record.info.get("used")
    if used is None:  # it was made just now
        return
    if time.monotonic() - used < ASK_AFTER and not _stirs(connection):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except psycopg2.Error as error:
        raise InvalidatePoolError from error


def _stirs(connection: "psycopg2.extensions.connection") -> bool:
    """Whether the server has sent what nobody asked for: its farewell, the end of the stream, or a notice."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
