"""The product as `make run` starts it, in processes that a test may kill."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.02
"""Between two looks whether something is so yet."""
PASSWORD = "grey-otter-lamp"

# What a client sees of a server that has just died, or is about to answer again.
GONE = (OSError, HTTPException)


class Server:
    """A gunicorn over an instance folder of its own."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._master: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        self._master = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=self._environment, start_new_session=True
        )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """Returns when a request that needs the database succeeds."""
        assert self._master

        def answers() -> bool:
            assert self._master
            assert self._master.poll() is None
            try:
                build_opener().open(f"{self.url}/healthz", timeout=5).close()
            except GONE:
                return False
            return True

        wait_until(answers)

    def stop(self) -> None:
        """Ends the server as Ctrl+C does."""
        if self._master and self._master.poll() is None:
            self._master.terminate()
            self._master.wait()

    def fsck(self) -> int:
        """The exit code of `flask fsck`: 0 where all that is stored is whole."""
        command = [sys.executable, "-m", "flask", "fsck"]
        return subprocess.run(command, cwd=ROOT, env=self._environment, check=False).returncode

    def kill_web(self) -> None:
        """kill -9 of gunicorn and all its workers."""
        assert self._master
        os.killpg(self._master.pid, signal.SIGKILL)
        self._master.wait()

    def kill_worker(self) -> None:
        """kill -9 of one of gunicorn's workers."""
        assert self._master
        os.kill(children(self._master.pid)[0], signal.SIGKILL)

    def kill_postmaster(self) -> None:
        """kill -9 of PostgreSQL's first process."""
        os.kill(self.postmaster, signal.SIGKILL)

    def kill_backend(self) -> None:
        """kill -9 of the newest of PostgreSQL's processes: it then throws out all others and recovers."""
        os.kill(children(self.postmaster)[-1], signal.SIGKILL)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "INSTANCE": str(self.instance), "PORT": str(self.port), "DATABASE_URL": ""}

    @property
    def postmaster(self) -> int:
        """The process id of PostgreSQL's first process."""
        return int((self.instance / "postgres/data/postmaster.pid").read_text().split()[0])


class Client:
    """A program that is signed in, and speaks to the API over a real connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def register(self, email: str) -> None:
        """Makes an account and signs in to it."""
        self._read_token("/register")
        form = {"email": email, "name": email, "password": PASSWORD}
        data = urlencode({**form, "csrf_token": self._token}).encode()
        request = Request(f"{self.url}/register", data, {"Referer": self.url})  # noqa: S310 - it is http
        self._opener.open(request, timeout=30).close()
        self._read_token("/")

    def call(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        """The status and the JSON of the answer. Raises one of GONE where there was none."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token, "Referer": self.url}
        request = Request(f"{self.url}/api/v1{path}", data, headers, method=method)  # noqa: S310 - it is http
        try:
            with self._opener.open(request, timeout=30) as response:
                return response.status, _decoded(response)
        except HTTPError as error:
            with error:
                return error.code, _decoded(error)

    def _read_token(self, path: str) -> None:
        with self._opener.open(f"{self.url}{path}", timeout=30) as response:
            page = response.read().decode()
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found
        self._token = found[1]


def _decoded(response: IO[bytes]) -> dict[str, object]:
    """The JSON of an answer. Shows what was answered instead, where it is none."""
    body = response.read()
    try:
        found = json.loads(body)
    except ValueError:
        raise AssertionError(body) from None
    assert isinstance(found, dict)
    return found


def children(pid: int) -> list[int]:
    """The process ids of the children of `pid`, oldest first."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns when `condition` holds; fails where it does not for PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)
