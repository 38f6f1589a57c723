"""A proxy between clients and PostgreSQL that counts statements as they go over the wire and fails one.

It speaks the frontend/backend protocol, version 3 (https://www.postgresql.org/docs/current/protocol.html),
so it does not matter by which library or cursor a statement is sent.
"""

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from sqlalchemy.engine import make_url

SOCKET = ".s.PGSQL.5432"
QUERY, COPIED, COPY_DONE, COPY_FAIL = b"Q", b"d", b"c", b"f"
READY, COPY_IN = b"Z", b"G"

_RAISE = b"DO $$BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END$$\0"


class Fault(StrEnum):
    """What happens at a statement: the connection is lost before it reaches the server, or after the server
    has carried it out and before it says so; or the server answers with an error."""

    LOST_BEFORE = "lost before"
    LOST_AFTER = "lost after"
    ERROR = "error"


class Proxy:
    """Listens where `url` says, and passes everything on to the server's socket until a fault is due.

    statements: what was sent since `arm`, each by its first word; of a COPY its query, the first of its data
    and its end. struck: the statement at which the fault happened, or None.
    """

    def __init__(self, url: str) -> None:
        """url: a SQLAlchemy URL of a server that listens on a Unix socket."""
        parts = make_url(url)
        self._folder = tempfile.mkdtemp(prefix="proxy-", dir="/tmp")
        self.url = parts.update_query_dict({"host": self._folder}).render_as_string(hide_password=False)
        self._server = f"{parts.query['host']}/{SOCKET}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._folder}/{SOCKET}")
        self._listener.listen()
        self._lock = threading.Lock()
        self._links: list[threading.Thread] = []
        self.disarm()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def arm(self, fault: Fault | None, at: int = 0) -> None:
        """Count from now on, and let `fault` happen once, at the statement number `at` from zero."""
        with self._lock:
            self.statements: list[str] = []
            self.struck: str | None = None
            self._counting, self._fault, self._at = True, fault, at

    def disarm(self) -> None:
        """Pass everything on from now on, and count nothing."""
        with self._lock:
            self.statements, self.struck = [], None
            self._counting, self._fault, self._at = False, None, 0

    def close(self) -> None:
        """Listen no more. Clients must have closed their connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for link in self._links:
            link.join()
        shutil.rmtree(self._folder)

    def due(self, message: bytes) -> Fault | None:
        """Counts a client's message; the fault that is to happen to it."""
        with self._lock:
            statement = _statement(message)
            if not self._counting or statement is None:
                return None
            if statement == "COPY data" and self.statements[-1] == statement:
                return None  # a COPY's data are many messages: its first stands for all
            self.statements.append(statement)
            if self._fault is None or len(self.statements) != self._at + 1:
                return None
            self.struck = statement
            return self._fault

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            link = threading.Thread(target=_Link(self, client, self._server).run)
            self._links.append(link)
            link.start()


class _Link:
    """One client's connection through the proxy."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: str) -> None:
        self._proxy = proxy
        self._client = client
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(server)
        self._mute = False

    def run(self) -> None:
        """Pass messages on, both ways, until one side ends the connection or a fault does."""
        back = threading.Thread(target=self._pass_answers)
        back.start()
        with self._client, self._server, contextlib.suppress(OSError), self._client.makefile("rb") as client:
            try:
                self._pass_queries(client, back)
            finally:
                for end in (self._client, self._server):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                back.join()

    def _pass_queries(self, client: BinaryIO, back: threading.Thread) -> None:
        length = client.read(4)  # the first message has no type
        self._server.sendall(length + client.read(int.from_bytes(length) - 4))
        for message in _messages(client):
            fault = self._proxy.due(message)
            if fault is Fault.LOST_BEFORE:
                return
            if fault is Fault.ERROR:
                message = _failing(message)
            self._mute = fault is Fault.LOST_AFTER
            self._server.sendall(message)
            if self._mute:
                if message[:1] != COPIED:  # data are not answered
                    back.join()
                return

    def _pass_answers(self) -> None:
        with contextlib.suppress(OSError), self._server.makefile("rb") as server:
            for message in _messages(server):
                if not self._mute:
                    self._client.sendall(message)
                elif message[:1] in (READY, COPY_IN):  # the server has carried it out
                    return
        if not self._mute:
            with contextlib.suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    """The messages of a stream, each with its type and length, to its end."""
    while len(head := stream.read(5)) == 5:
        yield head + stream.read(int.from_bytes(head[1:]) - 4)


def _statement(message: bytes) -> str | None:
    """What a client's message does, in a word or two; None for what is no statement."""
    kind = message[:1]
    if kind == QUERY:
        return message[5:-1].split()[0].decode().rstrip(";").upper()
    return {COPIED: "COPY data", COPY_DONE: "COPY end"}.get(kind)


def _failing(message: bytes) -> bytes:
    """A message in place of another that makes the server answer with an error."""
    kind, body = (QUERY, _RAISE) if message[:1] == QUERY else (COPY_FAIL, b"the disk is full\0")
    if _statement(message) == "COMMIT":
        body = b"ROLLBACK; " + _RAISE  # a transaction that fails to commit is over
    return kind + (len(body) + 4).to_bytes(4) + body
