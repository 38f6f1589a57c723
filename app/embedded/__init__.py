"""A PostgreSQL of our own, for where DATABASE_URL is unset.

    database_url / connector      a process asks for the database (here)
        └ Cluster                 makes it once, starts it, stops it (cluster.py)
            ├ Account             whom the server runs as (account.py)
            ├ find                PostgreSQL's programs: the wheel's, or PG_BIN's (binaries.py)
            └ locks               what the kernel frees when a process dies (locks.py)

Every process that uses the database (server, commands, migrations, tests) holds a shared lock for as long as
it lives. The first starts the server; the one that finds itself the last, as it leaves, stops it. A process
that is killed leaves nothing but its lock, which the kernel frees; a server left running is taken over by the
next one.
"""

import atexit
import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from app.embedded import locks
from app.embedded.cluster import MAINTENANCE_DATABASE, ROLE, SETTINGS, Cluster

DATABASE = "cellar"
FOLDER = "postgres"  # under the instance folder

_guard = threading.Lock()
_joined: dict[Path, tuple[Cluster, int]] = {}  # by folder: the cluster, and our shared lock on its users


def database_url(instance: Path, database: str = DATABASE) -> str:
    """Starts or joins the server in `instance` and gives the URL of `database` there, for SQLAlchemy.

    The database of the default name is made where missing. May be called again at any time: it starts the
    server anew if it has died. Raises EmbeddedDatabaseError.
    """
    return _url(_join(instance), database)


def connector(instance: Path, database: str = DATABASE) -> Callable[[], "psycopg2.extensions.connection"]:
    """What SQLAlchemy takes as `creator`: connects to `database`; starts the server where it has died."""
    cluster = _cluster(instance)

    def connect() -> "psycopg2.extensions.connection":
        try:
            return cluster.connect(database)
        except (psycopg2.OperationalError, FileNotFoundError):
            return _join(instance).connect(database)

    return connect


def environment(instance: Path, database: str = DATABASE) -> dict[str, str]:
    """The environment variables by which PostgreSQL's own programs find `database`."""
    cluster = _join(instance)
    return {
        "PGHOST": str(cluster.socket_directory),
        "PGPORT": SETTINGS["port"],
        "PGUSER": ROLE,
        "PGPASSWORD": cluster.password,
        "PGDATABASE": database,
    }


def new_database(instance: Path, name: str, template: str = "template1") -> str:
    """Makes the database `name`, a copy of `template`, and gives its URL. One of that name is replaced."""
    cluster = _join(instance)
    drop_database(instance, name)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(cluster, statement.format(sql.Identifier(name), sql.Identifier(template)))
    return _url(cluster, name)


def drop_database(instance: Path, name: str) -> None:
    """Removes the database `name`, if there is one, and ends the connections to it."""
    _execute(_join(instance), sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def leave(instance: Path) -> None:
    """Gives the server up; stops it if no other process uses it. Happens by itself when the process ends."""
    _leave((instance / FOLDER).absolute())


def _cluster(instance: Path) -> Cluster:
    return Cluster(instance / FOLDER)


def _join(instance: Path) -> Cluster:
    cluster = _cluster(instance)
    with _guard, locks.exclusive(cluster.start_lock):
        if cluster.folder not in _joined:
            held = locks.try_shared(cluster.users_lock)
            # It is locked exclusively only by those who leave, and they hold the start lock, as we do now.
            assert held is not None  # noqa: S101
            _joined[cluster.folder] = cluster, held
        cluster.start()
        exists = sql.SQL("SELECT 1 FROM pg_database WHERE datname = {}").format(sql.Literal(DATABASE))
        if not _execute(cluster, exists):
            _execute(cluster, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    return cluster


def _leave(folder: Path) -> None:
    if folder not in _joined:
        return
    cluster = _joined[folder][0]
    with _guard, locks.exclusive(cluster.start_lock):
        _, held = _joined.pop(folder)
        # Closing, not unlocking: forked children share the lock, which holds until the last of them leaves.
        os.close(held)
        alone = locks.try_exclusive(cluster.users_lock)
        if alone is not None:
            try:
                cluster.stop()
            finally:
                os.close(alone)


@atexit.register
def _leave_all() -> None:
    for folder in list(_joined):
        with contextlib.suppress(OSError):  # the folder has been deleted: the server stops by itself
            _leave(folder)


def _execute(cluster: Cluster, statement: sql.Composable) -> int:
    """Runs one statement, outside a transaction, and gives the number of its rows."""
    connection = cluster.connect(MAINTENANCE_DATABASE)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)
    finally:
        connection.close()


def _url(cluster: Cluster, database: str) -> str:
    password, host = quote(cluster.password, safe=""), quote(str(cluster.socket_directory), safe="")
    return f"postgresql+psycopg2://{ROLE}:{password}@/{quote(database, safe='')}?host={host}"
