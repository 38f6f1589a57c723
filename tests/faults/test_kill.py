"""kill -9 of anything at any moment, while people edit: what was acknowledged is there, once.

POINTS, SEED: how many moments, and which (`make faults`).
"""

import os
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.sheet.address import cell_name

from .server import GONE, PAUSE_SECONDS, Client, Server, wait_until

POINTS = int(os.environ.get("POINTS") or 25)
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**9))

EDITORS = 3
MOST_EDITS = 12
"""Acknowledged edits of all between two faults, at most: the next one strikes while others are under way."""
PAGE = 1_000

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
        self._stopped, self._abandoned = threading.Event(), threading.Event()
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def stop(self) -> None:
        """Finishes the edit under way, and types no more."""
        self._stopped.set()
        self._thread.join()
        assert self.failed is None

    def abandon(self) -> None:
        """Types no more, and does not wait for a server that is gone."""
        self._stopped.set()
        self._abandoned.set()

    def _work(self) -> None:
        try:
            row = 0
            while not self._stopped.is_set():
                cell = cell_name(row, self._column)
                self.acknowledged[self._commit(cell, row + 1)] = cell
                row += 1
        except BaseException as error:
            self.failed = error

    def _commit(self, cell: str, value: int) -> int:
        """The number of the revision that set `cell`. The same key at each try: it is one edit."""
        operations = [{"op": "set_cells", "sheet": 1, "cells": {cell: {"value": value}}}]
        body = {"base": 1, "key": str(uuid4()), "operations": operations}
        while True:
            try:
                status, answer = self._client.call("POST", self._path, body)
            except GONE:
                if self._abandoned.wait(PAUSE_SECONDS):
                    raise
                continue
            assert status in (201, 503), (status, answer)
            if status == 201:
                number = answer["number"]
                assert isinstance(number, int)
                return number


def wait_for(editors: list[Editor], edits: int) -> None:
    """Returns when so many more edits of these editors have been acknowledged."""
    reached = sum(len(editor.acknowledged) for editor in editors) + edits
    wait_until(
        lambda: (
            any(editor.failed for editor in editors)
            or sum(len(editor.acknowledged) for editor in editors) >= reached
        )
    )
    assert [editor.failed for editor in editors] == [None] * len(editors)


@pytest.fixture
def server() -> Iterator[Server]:
    """The product, started for the first time."""
    instance = Path(tempfile.mkdtemp())
    server = Server(instance)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(instance)


def cells_of(client: Client, workbook: str, rows: int) -> dict[str, str]:
    """The texts of all cells of the newest revision, which has so many rows."""
    cells: dict[str, str] = {}
    for start in range(0, rows + PAGE, PAGE):
        status, answer = client.call(
            "GET", f"/workbooks/{workbook}/revisions/head/sheets/1/rows?start={start}&count={PAGE}"
        )
        assert status == 200
        found = answer["rows"]
        assert isinstance(found, list)
        cells |= {cell_name(row["i"], cell[0]): cell[1] for row in found for cell in row["cells"]}
    return cells


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


def test_nothing_acknowledged_is_lost(server: Server) -> None:
    """Three people edit; again and again a fault strikes, a random one after a random number of edits, and
    they go on where they were: every acknowledged edit is there, each as one revision, without a gap in the
    numbers; none was answered by an error of the program; and all that is stored is whole."""
    print(f"{POINTS} faults, SEED={SEED}")
    chance = random.Random(SEED)  # noqa: S311 (a test that can be repeated)
    # Every fault strikes about as often, in any order.
    faults = [list(FAULTS)[point % len(FAULTS)] for point in range(POINTS)]
    chance.shuffle(faults)
    client = Client(server.url)
    client.register("alice@example.org")
    status, made = client.call("POST", "/workbooks", {"name": "Budget"})
    assert status == 201
    workbook = str(made["id"])
    editors = [Editor(client, workbook, column) for column in range(EDITORS)]
    try:
        for fault in faults:
            wait_for(editors, chance.randrange(MOST_EDITS))
            for strike in FAULTS[fault]:
                strike(server)
            if Server.kill_web in FAULTS[fault]:
                server.start()
            for editor in editors:
                wait_for([editor], 1)
        for editor in editors:
            editor.stop()
    finally:
        for editor in editors:
            editor.abandon()

    acknowledged = {number: cell for editor in editors for number, cell in editor.acknowledged.items()}
    assert numbers_of(client, workbook) == [*sorted(acknowledged, reverse=True), 1]
    expected = {
        cell: str(row + 1) for editor in editors for row, cell in enumerate(editor.acknowledged.values())
    }
    rows = max(len(editor.acknowledged) for editor in editors)
    assert cells_of(client, workbook, rows) == expected
    assert server.fsck() == 0
