"""The product as `make run` starts it, over an instance of its own, and a client that is signed in to it."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 120.0
_POLL = 0.05
_PASSWORD = "grey-otter-lamp"  # noqa: S105 (of a server that lives for one run)
_BOUNDARY = "cellar-bench-5f1c"
_JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class RequestFailed(RuntimeError):
    """The server answered a request with an error; the message has its status and body."""


class Server:
    """A gunicorn on a free port, with its database in `instance`."""

    def __init__(self, instance: Path, port: int, master: "subprocess.Popen[bytes]") -> None:
        self.instance = instance
        self.port = port
        self._master = master

    def peak_rss_mb(self) -> float:
        """The peaks of the master's and the workers' memory, added up, in 10^6 bytes.

        Pages that they share count for each; the database's processes do not count.
        """
        return sum(self.peaks_mb())

    def peaks_mb(self) -> list[float]:
        """The peak of the master, then of each worker."""
        pid = self._master.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [_peak_kib(int(one)) * 1024 / 1e6 for one in [str(pid), *children]]


class Client:
    """A program that is signed in, on one connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=900)
        self._origin = f"http://127.0.0.1:{port}"
        self._cookies: SimpleCookie = SimpleCookie()
        self._token = ""

    def register(self) -> None:
        """Make an account and sign in to it."""
        self._read_token("/register")
        form = {
            "email": "bench@example.com",
            "name": "Bench",
            "password": _PASSWORD,
            "csrf_token": self._token,
        }
        self._send(
            "POST",
            "/register",
            urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        self._read_token("/workbooks")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of the API's answer. Raises RequestFailed."""
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self._send(method, f"/api/v1{path}", data, _JSON))

    def upload(self, name: str, file: BinaryIO, size: int) -> Any:
        """Upload a file of `size` bytes, read as it is sent; the JSON of the answer. Raises RequestFailed."""
        disposition = f'form-data; name="file"; filename="{name}"'
        head = f"--{_BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
        tail = f"\r\n--{_BOUNDARY}--\r\n".encode()

        def pieces() -> Iterator[bytes]:
            yield head
            yield from iter(lambda: file.read(1 << 20), b"")
            yield tail

        headers = {
            "Accept": "application/json",
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Content-Length": str(len(head) + size + len(tail)),
        }
        return json.loads(self._send("POST", "/api/v1/workbooks", pieces(), headers))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(
        self, method: str, path: str, body: bytes | Iterator[bytes] | None, headers: dict[str, str]
    ) -> bytes:
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self._cookies.items())
        own = {"Cookie": cookies, "X-CSRFToken": self._token, "Referer": self._origin}
        self._connection.request(method, path, body, {**own, **headers})
        response: HTTPResponse = self._connection.getresponse()
        answer = response.read()
        for set_cookie in response.headers.get_all("Set-Cookie", []):
            self._cookies.load(set_cookie)
        if response.status >= 400:
            raise RequestFailed(f"{method} {path}: {response.status} {answer[:500].decode(errors='replace')}")
        return answer

    def _read_token(self, path: str) -> None:
        found = re.search(rb'name="csrf-token" content="([^"]+)"', self._send("GET", path, None, {}))
        if not found:
            raise RequestFailed(f"GET {path}: the page has no CSRF token")
        self._token = found[1].decode()


@contextmanager
def serving(instance: Path) -> Iterator[Server]:
    """A server that answers; it is stopped, with its database, afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = {"INSTANCE": str(instance), "PORT": str(port), "DATABASE_URL": "", "UPLOAD_LIMIT": "2GB"}
    master = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port, master)
        yield Server(instance, port, master)
    finally:
        master.terminate()
        master.wait()


def _wait(port: int, master: "subprocess.Popen[bytes]") -> None:
    """Return when the server answers. Raises RequestFailed where it does not come up."""
    deadline = time.monotonic() + _PATIENCE
    while master.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            time.sleep(_POLL)
        finally:
            connection.close()
    raise RequestFailed("The server did not come up.")


def _peak_kib(pid: int) -> int:
    found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0
