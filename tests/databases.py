"""Reaching, configuring and emptying the databases of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from config import Config


def connect(url: str) -> "psycopg2.extensions.connection":
    """A plain connection, in autocommit mode, to the database at a SQLAlchemy URL."""
    parts = make_url(url)
    connection = psycopg2.connect(
        dbname=parts.database, user=parts.username, password=parts.password, host=parts.query["host"]
    )
    connection.autocommit = True
    return connection


def config_for(url: str, instance: Path, **settings: object) -> dict[str, object]:
    """The settings of the product on the database at `url`, with hashing made cheap."""
    config = Config(SECRET_KEY="only for tests " * 3, DATABASE_URL=url, INSTANCE=instance)
    product = {name: getattr(config, name) for name in dir(config) if name.isupper()}
    return {**product, "TESTING": True, "BCRYPT_LOG_ROUNDS": 4, **settings}


def empty(url: str) -> None:
    """Empties every table but Alembic's, without waiting for connections that a failed test left open."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            cursor.execute(
                "SELECT tablename FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
            tables = [sql.Identifier(name) for (name,) in cursor.fetchall()]
            cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(tables)))
    finally:
        connection.close()


@contextmanager
def sent(engine: Engine) -> Iterator[list[str]]:
    """What an engine sends to its server while this is entered, round trip by round trip, without the
    BEGIN and COMMIT of transactions."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
