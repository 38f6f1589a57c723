"""One PostgreSQL cluster in a folder of ours: made once, started and stopped.

    instance/postgres/          ours alone (mode 700)
        start.lock              held while the server is started or stopped
        users.lock              shared by every process that uses the database
        server.lock             held by the server's own processes, all of them, and by nothing else
        password                of the database account (mode 600)
        socket-directory        where the socket is, if the path of this folder is too long for one
        server.log
        data/                   the cluster; it belongs to the account that the server runs as

`server.lock` is what tells a living server from a dead one. The server's processes inherit it, so it is free
exactly when none of them is left, orphans of a killed postmaster included. A process id in a stale
postmaster.pid proves nothing: since then another program may have been given that number.

Callers hold start.lock around everything here that is not a question.
"""

import contextlib
import logging
import os
import secrets
import shutil
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2

from app.embedded import binaries, locks
from app.embedded.account import Account, account_for
from app.embedded.binaries import Binaries
from app.embedded.errors import StartFailed

ROLE = "cellar"
MAINTENANCE_DATABASE = "postgres"
START_SECONDS = 300.0  # recovery after a crash replays the log; a healthy start takes a fraction of a second
STOP_SECONDS = 60.0
POLL_SECONDS = 0.01
LOG_BYTES = 5_000_000
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 103  # 107 on Linux, 103 on macOS
BUILTIN_LOCALES_SINCE = 17

# Passed at each start rather than written to postgresql.conf, so that a new release of ours can change them.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "logging_collector": "off",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}

# What is said while it starts, stops, or throws everyone out because one of its processes was killed.
PASSING = ("the database system is", "terminating connection", "closed the connection", "reset by peer")

_log = logging.getLogger(__name__)


class Cluster:
    """The cluster in `folder`, which is made (mode 700) where missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.start_lock = self.folder / "start.lock"
        self.users_lock = self.folder / "users.lock"
        self._server_lock = self.folder / "server.lock"
        self._password_file = self.folder / "password"
        self._socket_record = self.folder / "socket-directory"
        try:
            # The folder around ours holds the session key too: private from the start if we make it.
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise StartFailed(
                f"The database's folder {self.folder} cannot be used: {error.strerror}. It must belong to the"
                " user who starts the program."
            ) from error

    def connect(self, database: str) -> "psycopg2.extensions.connection":
        """A connection to `database`; raises psycopg2.OperationalError where no server takes it."""
        directory = self.socket_directory
        if directory != self.folder and not _is_private(directory, account_for(self.data)):
            # Under /tmp a directory that was cleaned away may have been made anew by anyone.
            raise psycopg2.OperationalError(f"{directory} is not the directory that the server made")
        return psycopg2.connect(
            dbname=database,
            user=ROLE,
            password=self.password,
            host=str(directory),
            connect_timeout=10,
            # Given, though empty, so that PGPORT, PGHOSTADDR and PGOPTIONS in the environment do not count.
            port=SETTINGS["port"],
            hostaddr="",
            options="",
        )

    @property
    def password(self) -> str:
        """The password of the database account."""
        return self._password_file.read_text().strip()

    @property
    def socket_directory(self) -> Path:
        """Where the server's socket is, or will be at its next start."""
        try:
            return Path(self._socket_record.read_text())
        except FileNotFoundError:
            return self.folder

    def start(self) -> None:
        """Makes the cluster where missing and sees that its server answers. Raises EmbeddedDatabaseError."""
        try:
            self._start()
        except OSError as error:  # a full disk, a file of another user's
            raise StartFailed(f"PostgreSQL could not be started: {error}.", self.log) from error

    def stop(self) -> None:
        """Stops the server and waits until it is gone; does nothing where it is not running."""
        # Only a living postmaster listens, so the process id in its file is its own, not given away since.
        if not self._listens():
            return
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            free = locks.try_exclusive(self._server_lock)
            if free is not None:
                os.close(free)
                self._remove_socket_directory()
                return
            time.sleep(POLL_SECONDS)
        _log.warning("PostgreSQL did not stop within %.0f seconds; it goes on stopping.", STOP_SECONDS)

    def _start(self) -> None:
        account = account_for(self.data)
        launched = False
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._answers():
                return
            free = locks.try_exclusive(self._server_lock)
            if free is not None:
                try:
                    if launched:
                        raise StartFailed("PostgreSQL stopped as soon as it was started.", self.log)
                    if not self.data.exists():
                        self._initialise(account, free)
                    self._remove_remains()
                    self._launch(account, free)
                    launched = True
                finally:
                    os.close(free)
            time.sleep(POLL_SECONDS)
        raise StartFailed(f"PostgreSQL runs but did not answer within {START_SECONDS:.0f} seconds.", self.log)

    def _initialise(self, account: Account, server_lock: int) -> None:
        """Makes the cluster beside its place and moves it there whole: a crash leaves no half of one.

        initdb holds `server_lock` too: if we are killed it goes on for a while, and must not be disturbed.
        """
        programs = binaries.find(None, account)
        for left_over in self.folder.glob("new-*"):
            shutil.rmtree(left_over)
        workshop = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        password = workshop / "password"
        _write_private(password, secrets.token_urlsafe(32))
        account.give(password)
        account.give(workshop)
        with _reachable(workshop, account) as (place, descriptors):
            command = [str(programs.folder / "initdb"), f"--pgdata={place}/data", "--data-checksums"]
            command += [f"--username={ROLE}", f"--pwfile={place}/password", "--auth=scram-sha-256"]
            command += ["--encoding=UTF8", *_locale(programs)]
            result = account.run(command, descriptors=(server_lock, *descriptors))
        if result.returncode:
            self.log.write_bytes(result.stdout)
            shutil.rmtree(workshop)
            raise StartFailed("PostgreSQL's initdb failed.", self.log)
        # The password first: without its data it is nothing, but data without it cannot be opened.
        _write_private(self._password_file, password.read_text())
        (workshop / "data").rename(self.data)
        _sync(self.folder)
        shutil.rmtree(workshop)

    def _launch(self, account: Account, server_lock: int) -> None:
        """Starts the server in the background, with `server_lock` for it to hold."""
        programs = binaries.find(int((self.data / "PG_VERSION").read_text()), account)
        directory = self._prepare_socket_directory(account)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.rename(self.log.with_suffix(".log.1"))
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            with _reachable(self.data, account) as (place, descriptors):
                command = [str(programs.folder / "postgres"), "-D", place]
                # A list of folders, each quoted, for they may have spaces and commas in them.
                quoted = str(directory).replace('"', '""')
                for name, value in {**SETTINGS, "unix_socket_directories": f'"{quoted}"'}.items():
                    command += ["-c", f"{name}={value}"]
                # Through a shell that ends at once, so that the server is not our child: it outlives us if
                # others use it, and it leaves no zombie with us if it dies first.
                shell = ["/bin/sh", "-c", '"$@" &', "sh", *command]
                account.run(shell, stdout=log, descriptors=(server_lock, *descriptors))
        finally:
            os.close(log)

    def _answers(self) -> bool:
        """Whether the server takes connections. Raises StartFailed where it refuses ours for good."""
        if not self._listens() or not self._ready():
            return False
        try:
            self.connect(MAINTENANCE_DATABASE).close()
        except psycopg2.OperationalError as error:
            text = str(error)
            if "too many clients" in text or "remaining connection slots" in text:
                return True
            gone_meanwhile = not self._listens() or not self._ready()
            if gone_meanwhile or any(words in text for words in PASSING):
                return False
            raise StartFailed(f"PostgreSQL runs but refuses us: {text.strip()}", self.log) from error
        return True

    def _ready(self) -> bool:
        """What a server that listens says of itself; to connect before would fill its log with refusals."""
        try:
            return b"ready" in (self.data / "postmaster.pid").read_bytes()
        except FileNotFoundError:  # it is shutting down
            return False

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(self.socket_directory / SOCKET_NAME))
            except OSError:
                return False
        return True

    def _remove_remains(self) -> None:
        """Removes what a killed server left behind; to be called with the server's lock held: none is alive.

        PostgreSQL itself sees to its shared memory. But it takes a process id in these files that is in use
        again for a server that still runs, and would not start.
        """
        for path in (self.data / "postmaster.pid", *self.socket_directory.glob(f"{SOCKET_NAME}*")):
            path.unlink(missing_ok=True)

    def _prepare_socket_directory(self, account: Account) -> Path:
        """A directory for the socket that is the server's alone: our folder, or one under /tmp.

        The latter where the path is too long for a socket, or has a comma, at which clients split it, and
        where the server runs under another account, which cannot reach our folder.
        """
        usable = len(os.fsencode(self.folder / SOCKET_NAME)) <= SOCKET_PATH_BYTES and "," not in str(
            self.folder
        )
        if usable and not account.lent:
            self._socket_record.unlink(missing_ok=True)
            return self.folder
        directory = self.socket_directory
        if directory == self.folder or not _is_private(directory, account):
            directory = Path(tempfile.mkdtemp(prefix="cellar-", dir="/tmp"))
            account.give(directory)
            _write_private(self._socket_record, str(directory))
        return directory

    def _remove_socket_directory(self) -> None:
        directory = self.socket_directory
        if directory != self.folder:
            self._socket_record.unlink()
            with contextlib.suppress(OSError):  # something else lies in it: leave it be
                directory.rmdir()


def _locale(programs: Binaries) -> list[str]:
    """Options of initdb for text that sorts by code point and knows the letter cases of all of Unicode.

    The builtin provider brings its own tables: the same on every machine, so that an upgraded C library
    cannot silently break the order of an index. Before PostgreSQL 17 there is none; there C, which is as
    unchanging, knows the cases of ASCII only.
    """
    if programs.major >= BUILTIN_LOCALES_SINCE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C"]


@contextlib.contextmanager
def _reachable(folder: Path, account: Account) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The name under which `account` reaches `folder`, and the descriptors to hand over for that.

    A lent account may not be able to pass the folders above. It gets the folder as an open descriptor
    instead, so no permission of a folder that is not ours needs to be widened.
    """
    if not account.lent:
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _is_private(directory: Path, account: Account) -> bool:
    """Whether `directory` is a real directory of the server's account that nobody else may enter."""
    try:
        found = directory.lstat()
    except OSError:
        return False
    private = stat.S_IMODE(found.st_mode) == 0o700
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and private


def _write_private(path: Path, text: str) -> None:
    """Writes `path` (mode 600) so that after a crash it is there whole, or as it was."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
