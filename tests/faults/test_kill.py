"""kill -9 of anything, while people edit: what was acknowledged is there, once."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.sheet.address import cell_name

from .server import GONE, Client, Server, wait_until

EDITORS = 3
BEFORE, AFTER = 5, 5
"""Acknowledged edits of every editor before and after the fault."""

FAULTS: dict[str, tuple[Callable[[Server], None], ...]] = {
    "the server": (Server.kill_web,),
    "a worker": (Server.kill_worker,),
    "PostgreSQL": (Server.kill_postmaster,),
    "a process of PostgreSQL": (Server.kill_backend,),
    "both": (Server.kill_web, Server.kill_postmaster),
    "both, PostgreSQL first": (Server.kill_postmaster, Server.kill_web),
}


class Editor:
    """Types 1, 2, 3 … down a column of its own, each until it is acknowledged, whatever happens."""

    def __init__(self, client: Client, workbook: str, column: int) -> None:
        self._client = client
        self._path = f"/workbooks/{workbook}/revisions"
        self._column = column
        self.acknowledged: dict[int, str] = {}
        """By revision: the cell that it set."""
        self._stopped = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def wait_for(self, edits: int) -> None:
        """Returns when `edits` edits have been acknowledged."""
        wait_until(lambda: len(self.acknowledged) >= edits or self._failed is not None)
        assert self._failed is None

    def stop(self) -> None:
        """Finishes the edit under way, and types no more."""
        self._stopped.set()
        self._thread.join()
        assert self._failed is None

    def _work(self) -> None:
        try:
            row = 0
            while not self._stopped.is_set():
                cell = cell_name(row, self._column)
                self.acknowledged[self._commit(cell, row + 1)] = cell
                row += 1
        except BaseException as error:
            self._failed = error

    def _commit(self, cell: str, value: int) -> int:
        """The number of the revision that set `cell`. The same key at each try: it is one edit."""
        operations = [{"op": "set_cells", "sheet": 1, "cells": {cell: {"value": value}}}]
        body = {"base": 1, "key": str(uuid4()), "operations": operations}
        while True:
            try:
                status, answer = self._client.call("POST", self._path, body)
            except GONE:
                continue
            assert status in (201, 503), (status, answer)
            if status == 201:
                number = answer["number"]
                assert isinstance(number, int)
                return number


@pytest.fixture
def server() -> Iterator[Server]:
    """The product, started for the first time."""
    instance = Path(tempfile.mkdtemp())
    server = Server(instance)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(instance)


def cells_of(client: Client, workbook: str) -> dict[str, str]:
    """The texts of all cells of the newest revision."""
    status, answer = client.call(
        "GET", f"/workbooks/{workbook}/revisions/head/sheets/1/rows?start=0&count=500"
    )
    assert status == 200
    rows = answer["rows"]
    assert isinstance(rows, list)
    return {cell_name(row["i"], cell[0]): cell[1] for row in rows for cell in row["cells"]}


def numbers_of(client: Client, workbook: str) -> list[int]:
    """The numbers of all revisions, newest first."""
    numbers: list[int] = []
    before = ""
    while True:
        status, answer = client.call("GET", f"/workbooks/{workbook}/revisions?limit=100{before}")
        assert status == 200
        items = answer["items"]
        assert isinstance(items, list)
        numbers += [item["number"] for item in items]
        if not answer["next"]:
            return numbers
        before = f"&before={answer['next']}"


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_acknowledged_is_lost(server: Server, fault: str) -> None:
    """Three people edit, the fault strikes, they go on where they were: every acknowledged edit is there,
    each as one revision, without a gap in the numbers; and none was answered by an error of the program."""
    client = Client(server.url)
    client.register("alice@example.org")
    status, made = client.call("POST", "/workbooks", {"name": "Budget"})
    assert status == 201
    workbook = str(made["id"])
    editors = [Editor(client, workbook, column) for column in range(EDITORS)]
    for editor in editors:
        editor.wait_for(BEFORE)

    for strike in FAULTS[fault]:
        strike(server)
    if Server.kill_web in FAULTS[fault]:
        server.start()
    reached = [len(editor.acknowledged) for editor in editors]
    for editor, edits in zip(editors, reached, strict=True):
        editor.wait_for(edits + AFTER)
    for editor in editors:
        editor.stop()

    acknowledged = {number: cell for editor in editors for number, cell in editor.acknowledged.items()}
    assert numbers_of(client, workbook) == [*sorted(acknowledged, reverse=True), 1]
    expected = {
        cell: str(row + 1) for editor in editors for row, cell in enumerate(editor.acknowledged.values())
    }
    assert cells_of(client, workbook) == expected
