"""The embedded PostgreSQL starts, is shared, stops, and survives the death of anyone."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import create_engine, text

from app import embedded
from app.embedded import binaries, cluster
from app.embedded.account import Account, account_for
from app.embedded.errors import BinariesMissing, StartFailed

from .databases import connect

ROOT = Path(__file__).resolve().parent.parent

# A process that uses the database until its input ends.
USER = """
import sys
from pathlib import Path
from app import embedded
print(embedded.database_url(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""

# One that forks, and ends while its child goes on using the database until the input ends.
FORKING_USER = """
import os, sys
from pathlib import Path
from app import embedded
embedded.database_url(Path(sys.argv[1]))
if os.fork():
    sys.exit()
print("forked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def own() -> Iterator[Path]:
    """A new instance folder, with a server of its own once it is asked for."""
    # Not under pytest's folder: there the path may be too long for a socket, which is a case of its own.
    folder = Path(tempfile.mkdtemp())
    yield folder
    if folder.exists():
        embedded.leave(folder)
        shutil.rmtree(folder)


@contextmanager
def user(instance: Path, script: str = USER, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the database; it has joined when the block begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(instance)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    with process:
        assert process.stdout.readline()
        yield process
        process.stdin.close()
        process.stdout.read()  # ends when the last of its children has


def query(instance: Path, statement: str) -> list[tuple[object, ...]]:
    connection = connect(embedded.database_url(instance))
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def postmaster(instance: Path) -> int:
    return int((instance / "postgres/data/postmaster.pid").read_text().split()[0])


def runs(instance: Path) -> bool:
    return cluster.Cluster(instance / "postgres")._listens()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kill_postmaster(instance: Path) -> None:
    os.kill(postmaster(instance), signal.SIGKILL)
    wait_until(lambda: not runs(instance))


def test_nothing_acknowledged_can_be_lost(instance: Path) -> None:
    """The server waits for the disk, and notices pages that the disk changed."""
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
    assert [query(instance, f"SHOW {name}") for name in names] == [[("on",)]] * 4


def test_text_is_unicode_everywhere(instance: Path) -> None:
    """Text is UTF-8, sorts by code point, and has the letter cases of all scripts, on any machine."""
    assert query(instance, "SHOW server_encoding") == [("UTF8",)]
    assert query(instance, "SELECT 'ä' > 'z', lower('ÄÖΩЖ')") == [(True, "äöωж")]


def test_reachable_by_its_socket_alone(instance: Path) -> None:
    """The server listens on no network address, and its socket lies in a directory that only it may enter."""
    assert query(instance, "SHOW listen_addresses") == [("",)]
    directory = cluster.Cluster(instance / "postgres").socket_directory.lstat()
    assert stat.S_ISDIR(directory.st_mode)
    assert stat.S_IMODE(directory.st_mode) == 0o700
    assert directory.st_uid == account_for(instance / "postgres/data").uid


def test_a_password_is_asked_for(instance: Path) -> None:
    """Whoever reaches the socket still needs the password, which only the owner can read."""
    password = instance / "postgres/password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    socket_directory = str(cluster.Cluster(instance / "postgres").socket_directory)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(dbname="cellar", user="cellar", password="guess", host=socket_directory)


def test_it_keeps_what_it_was_given(own: Path) -> None:
    """After a stop and a start everything is there."""
    query(own, "CREATE TABLE kept AS SELECT 1 AS one")
    embedded.leave(own)
    assert not runs(own)
    assert query(own, "SELECT one FROM kept") == [(1,)]


def test_it_stops_cleanly(own: Path) -> None:
    """A stop leaves neither socket nor process id, here or under /tmp."""
    embedded.database_url(own)
    directory = cluster.Cluster(own / "postgres").socket_directory
    embedded.leave(own)
    assert not (own / "postgres/data/postmaster.pid").exists()
    assert not (directory / cluster.SOCKET_NAME).exists()
    assert directory == own / "postgres" or not directory.exists()


def test_the_last_to_leave_stops_it(own: Path) -> None:
    """The server runs for as long as one process uses it, whoever started it."""
    embedded.database_url(own)
    with user(own):
        embedded.leave(own)
        assert runs(own)
    assert not runs(own)


def test_a_forked_child_counts(own: Path) -> None:
    """The child of a process that used the database keeps the server running after its parent has left."""
    with user(own, FORKING_USER) as parent:
        parent.wait()
        assert runs(own)
    assert not runs(own)


def test_several_start_at_once(own: Path) -> None:
    """Processes that all find nothing set up end with one server."""
    with ExitStack() as stack:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", USER, str(own)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        for process in processes:
            stack.enter_context(process)
        addresses = {process.stdout.readline() for process in processes if process.stdout}
        assert addresses == {embedded.database_url(own) + "\n"}
        embedded.leave(own)
        for process in processes:
            assert process.stdin
            process.stdin.close()
    assert not runs(own)


def test_a_killed_process_is_no_user(own: Path) -> None:
    """kill -9 of the process that started the server: the next one takes it over, and stops it."""
    with user(own) as process:
        process.kill()
    assert runs(own)
    assert query(own, "SELECT 1") == [(1,)]
    embedded.leave(own)
    assert not runs(own)


def test_a_killed_postmaster_is_started_again(own: Path) -> None:
    """kill -9 of the postmaster: the next to ask gets a server, with everything that was committed."""
    query(own, "CREATE TABLE kept AS SELECT 1 AS one")
    kill_postmaster(own)
    assert query(own, "SELECT one FROM kept") == [(1,)]


def test_an_engine_survives_the_postmaster(own: Path) -> None:
    """An engine made with `connector` goes on after a kill -9 of the postmaster, without being told."""
    engine = create_engine(
        embedded.database_url(own), creator=embedded.connector(own), pool_pre_ping=True, pool_size=1
    )
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    kill_postmaster(own)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_orphans_of_the_postmaster_are_waited_for(own: Path) -> None:
    """kill -9 of the postmaster while one of its processes is busy: the start waits for that one's end."""
    query(own, "CREATE TABLE kept AS SELECT 1 AS one")

    def keep_busy() -> None:
        with suppress(psycopg2.OperationalError):
            query(own, "SELECT count(*) FROM generate_series(1, 10000000)")

    busy = threading.Thread(target=keep_busy)
    busy.start()
    active = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT count%'"
    wait_until(lambda: query(own, active) != [])
    kill_postmaster(own)
    # PostgreSQL itself refuses to start beside such a process.
    assert query(own, "SELECT one FROM kept") == [(1,)]
    busy.join()


def test_a_process_id_given_away(own: Path) -> None:
    """A stale postmaster.pid that names a process of somebody else's keeps no server from starting."""
    embedded.database_url(own)
    kill_postmaster(own)
    # The same user's process, as PostgreSQL itself only believes in those.
    account = account_for(own / "postgres/data")
    with subprocess.Popen(
        ["/bin/sleep", "60"], user=account.uid if account.lent else None, cwd="/"
    ) as stranger:
        stale = own / "postgres/data/postmaster.pid"
        stale.write_text(stale.read_text().replace(stale.read_text().split()[0], str(stranger.pid), 1))
        assert query(own, "SELECT 1") == [(1,)]
        assert postmaster(own) != stranger.pid
        embedded.leave(own)
        assert stranger.poll() is None
        stranger.kill()


def test_a_stale_process_id_is_never_told_to_stop(own: Path) -> None:
    """Where the postmaster is dead, leaving does not signal the process that has its number now."""
    embedded.database_url(own)
    kill_postmaster(own)
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        (own / "postgres/data/postmaster.pid").write_text(f"{stranger.pid}\n")
        embedded.leave(own)
        assert stranger.poll() is None
        stranger.kill()


def test_a_killed_initdb_leaves_no_half_cluster(own: Path) -> None:
    """kill -9 while the cluster is being made: the next start makes a whole one, and clears up."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(own)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        wait_until(lambda: any(own.glob("postgres/new-*/data/base")))
        process.kill()
    assert not (own / "postgres/data").exists()
    assert query(own, "SELECT 1") == [(1,)]
    assert list(own.glob("postgres/new-*")) == []


@pytest.mark.parametrize("name", ["with a space, and a comma", 'with "quotes" and ü %', "deep/" + "d" * 150])
def test_any_path_will_do(own: Path, name: str) -> None:
    """The instance may lie in a folder of any name, also one too long for a socket."""
    folder = own / name
    assert query(folder, "SELECT 1") == [(1,)]
    embedded.leave(folder)


@pytest.mark.parametrize("locale", ["xx_YY.nonsense", "tr_TR.UTF-8", "de_DE@euro"])
def test_any_locale_will_do(own: Path, locale: str) -> None:
    """The locale and PostgreSQL settings in the user's environment do not reach the server."""
    with user(own, LANG=locale, LC_ALL=locale, PGDATA="/nowhere", PGOPTIONS="-c fsync=off"):
        assert query(own, "SELECT lower('I'), current_setting('lc_messages')") == [("i", "C")]


def test_a_backup_can_be_put_back(own: Path) -> None:
    """What pg_dump wrote, pg_restore puts into the empty database of another instance."""
    dump = own / "cellar.dump"

    def run(instance: Path, *command: str) -> None:
        environment = {**os.environ, "INSTANCE": str(instance), "DATABASE_URL": ""}
        program = [sys.executable, "-m", "app.embedded", *command]
        subprocess.run(program, cwd=ROOT, env=environment, check=True)

    query(own / "old", "CREATE TABLE kept AS SELECT 1 AS one")
    run(own / "old", "pg_dump", "--format=custom", f"--file={dump}")
    embedded.leave(own / "old")
    run(own / "new", "pg_restore", "--single-transaction", "--dbname=cellar", str(dump))
    assert query(own / "new", "SELECT one FROM kept") == [(1,)]
    embedded.leave(own / "new")


def test_a_failed_start_shows_the_log(own: Path) -> None:
    """A server that does not start says why: the error ends with what it wrote to its log."""
    embedded.database_url(own)
    embedded.leave(own)
    with (own / "postgres/data/postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(
        StartFailed, match=r"(?s)stopped as soon as.*unrecognized configuration.*no_such_setting"
    ):
        embedded.database_url(own)


def test_a_wrong_password_is_said_at_once(own: Path) -> None:
    """Where the password file is not the cluster's, the start fails with the server's own words."""
    embedded.database_url(own)
    (own / "postgres/password").write_text("another")
    with pytest.raises(StartFailed, match="password authentication failed"):
        embedded.database_url(own)


def test_a_foreign_socket_directory_is_not_used(own: Path) -> None:
    """A directory that others may enter is not used for the socket: a new one is made."""
    folder = own / ("d" * 150)
    embedded.database_url(folder)
    embedded.leave(folder)
    with tempfile.TemporaryDirectory() as foreign:
        Path(foreign).chmod(0o777)
        (folder / "postgres/socket-directory").write_text(foreign)
        assert query(folder, "SELECT 1") == [(1,)]
        assert cluster.Cluster(folder / "postgres").socket_directory != Path(foreign)
        embedded.leave(folder)


def test_pg_bin_where_there_is_no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel the programs in PG_BIN are used."""
    account = Account(os.geteuid(), os.getegid(), lent=False)
    wheel = binaries.find(None, account, {})
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    assert binaries.find(None, account, {"PG_BIN": str(wheel.folder)}) == wheel


def test_no_programs_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel and PG_BIN the error names the ways out."""
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    with pytest.raises(BinariesMissing, match=r"(?s)pip install.*PG_BIN.*DATABASE_URL"):
        binaries.find(None, Account(os.geteuid(), os.getegid(), lent=False), {})


def test_programs_of_another_version() -> None:
    """A cluster is opened by the version that made it, and by no other."""
    account = Account(os.geteuid(), os.getegid(), lent=False)
    with pytest.raises(BinariesMissing, match="made by PostgreSQL 9"):
        binaries.find(9, account, {})


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_lends_an_account(instance: Path) -> None:
    """Started by root, the server runs as an account without rights, and the data are that account's."""
    embedded.database_url(instance)
    owner = (instance / "postgres/data").stat().st_uid
    assert owner != 0
    assert Path(f"/proc/{postmaster(instance)}").stat().st_uid == owner


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_unreadable_programs_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that the lent account cannot read run from a copy that it can."""
    account = account_for(Path("/nonexistent"))
    found = binaries.find(None, account, {})
    with tempfile.TemporaryDirectory() as private, tempfile.TemporaryDirectory() as copies:
        Path(copies).chmod(0o755)
        monkeypatch.setattr(binaries, "COPIES", Path(copies) / "cellar")
        wheel = Path(private) / "site-packages" / binaries.WHEEL
        original = found.folder.parent
        shutil.copytree(original, wheel / original.name)
        shutil.copytree(
            original.parent.parent / f"{binaries.WHEEL}.libs", wheel.parent / f"{binaries.WHEEL}.libs"
        )
        (wheel / "__init__.py").touch()
        monkeypatch.setattr(sys, "path", [str(wheel.parent)])
        copy = binaries.find(None, account, {})
        assert copy.folder.is_relative_to(copies)
        assert account.run([str(copy.folder / "initdb"), "--version"]).returncode == 0
