"""A fault at every statement of a change: the old state or the new one, nothing between, and work goes on.

The statements are counted on the wire, so every one that a change sends is met, whoever sends it.
"""

import random
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.formats.guard import Limits
from app.models.revision import Revision
from app.models.user import User
from app.services import commits, imports, integrity, restores, revisions
from app.sheet.address import parse_range
from app.sheet.cell import Cell
from app.sheet.operations import Entered, FillRange
from app.store import postgres, state
from tests.databases import config_for
from tests.factories import NOW, make_grid, make_user
from tests.services.edits import edit, values

from .proxy import Fault, Proxy

TALL = 300
"""Rows of the sheet in which a whole column changes: some seven blocks."""


class Kept(NamedTuple):
    """Every row of a workbook, by table."""

    tables: dict[str, list[tuple[Any, ...]]]

    @classmethod
    def of(cls, workbook_id: UUID) -> "Kept":
        """What is committed of a workbook now."""
        tables = {}
        for table in db.metadata.sorted_tables:
            key = table.c.get("workbook_id") if table.name != "workbooks" else table.c.id
            if key is not None:
                rows = db.session.execute(select(table).where(key == workbook_id))
                tables[table.name] = sorted((_plain(row) for row in rows), key=repr)
        db.session.rollback()
        return cls(tables)

    @property
    def addresses(self) -> set[bytes]:
        """The addresses of the chunks."""
        return {row[1] for row in self.tables["chunks"]}


class World(NamedTuple):
    """The product on a database behind a proxy, the same in front of it, and somebody who works there."""

    app: Flask
    beside: Flask
    alice: User
    proxy: Proxy


class Change(NamedTuple):
    """Something that is one transaction.

    prepare: makes what it starts from, a workbook's id. make: does it, with a key that it may be told by.
    copies: how many COPYs it takes at least.
    """

    prepare: Callable[[World], UUID]
    make: Callable[[World, UUID, UUID], object]
    copies: int = 0


def sheet(rows: int) -> dict[str, object]:
    """The cells of a sheet."""
    chance = random.Random(7)  # noqa: S311 (a test that can be repeated)
    cells: dict[str, object] = {f"A{row}": chance.randrange(10**9) / 100 for row in range(1, rows + 1)}
    cells |= {f"B{row}": f"{chance.getrandbits(1200):0300x}" for row in range(1, rows + 1)}
    return cells | {"C1": Cell(formula="1+1", computed=2, style=3)}


SMALL, LARGE = sheet(40), sheet(TALL)
FILL = [FillRange(1, parse_range(f"A1:A{TALL}"), Entered("filled"))]


def grid(world: World, cells: dict[str, object]) -> UUID:
    """A workbook of three revisions."""
    workbook_id = make_grid(world.app, world.alice, cells)
    with world.app.app_context():
        edit(world.alice, workbook_id, 1, {"A2": "two", "D30": 4})
        edit(world.alice, workbook_id, 2, {"A3": "three"})
    return workbook_id


def edits(cells: dict[str, object]) -> Callable[[World, UUID, UUID], object]:
    return lambda world, workbook_id, key: edit(world.alice, workbook_id, 3, cells, key=key)


def imports_file(name: str, content: Callable[[], bytes]) -> Change:
    def make(world: World, workbook_id: UUID, _key: UUID) -> object:
        file = BytesIO(content())
        limits = Limits(upload_bytes=10**8)
        importing = imports.import_file(world.alice, workbook_id, file, name, limits=limits, now=NOW)
        return imports.finish(importing)

    return Change(lambda _world: uuid4(), make, copies=2)


@cache
def csv() -> bytes:
    """A text file of some seven blocks."""
    return "".join(f"{LARGE[f'A{row}']},{LARGE[f'B{row}']}\n" for row in range(1, TALL + 1)).encode()


@cache
def xlsx() -> bytes:
    """A workbook of two sheets, one of some four blocks."""
    book = openpyxl.Workbook()
    for row in range(1, TALL // 2):
        book.active.append([LARGE[f"A{row}"], LARGE[f"B{row}"], f"=A{row}*2"])
    book.create_sheet("Second").append([1, "one", True])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


CHANGES = {
    "one cell": Change(lambda world: grid(world, SMALL), edits({"A7": "seven"})),
    "twenty cells": Change(
        lambda world: grid(world, SMALL), edits({f"E{row}": f"cell {row}" for row in range(1, 21)})
    ),
    "a column": Change(
        lambda world: grid(world, LARGE), edits({f"A{row}": row for row in range(1, TALL + 1)}), copies=1
    ),
    "a filled column": Change(
        lambda world: grid(world, LARGE),
        lambda world, workbook_id, key: commits.commit(
            world.alice, workbook_id, 3, FILL, now=NOW, via="grid", key=key
        ),
        copies=1,
    ),
    "restore": Change(
        lambda world: grid(world, SMALL),
        lambda world, workbook_id, key: restores.restore(world.alice, workbook_id, 1, now=NOW, key=key),
    ),
    "revert": Change(
        lambda world: grid(world, SMALL),
        lambda world, workbook_id, key: restores.revert(world.alice, workbook_id, 2, now=NOW, key=key),
    ),
    "import of csv": imports_file("budget.csv", csv),
    "import of xlsx": imports_file("budget.xlsx", xlsx),
}


@pytest.fixture
def world(app, instance, monkeypatch):
    """The product behind a proxy; columns are filled as a whole, and bulk writes begin and leave for the
    database, earlier than usual, so that a few blocks are several of them."""
    monkeypatch.setattr(postgres, "_COPY_FROM", 3)
    monkeypatch.setattr(postgres, "_FLUSH_BYTES", 15_000)
    monkeypatch.setattr(state, "_MANY", TALL // 2)
    proxy = Proxy(app.config["SQLALCHEMY_DATABASE_URI"])
    behind = create_app(config_for(proxy.url, instance))
    yield World(behind, app, make_user(app), proxy)
    with behind.app_context():
        db.engine.dispose()
    proxy.close()


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(bytes(field) if isinstance(field, memoryview) else field for field in row)


def cells_of(world: World, workbook_id: UUID) -> object:
    """All cells of all sheets of the newest revision, read with nothing cached."""
    postgres.CACHE.clear()
    newest = revisions.open_revision(world.alice, workbook_id, None).state
    return {one.id: list(newest.tree(one.id).rows()) for one in newest.sheets}


def revisions_of(workbook_id: UUID) -> list[tuple[int, bytes]]:
    """(number, root) of each revision."""
    rows = db.session.execute(
        select(Revision.number, Revision.root)
        .where(Revision.workbook_id == workbook_id)
        .order_by(Revision.number)
    )
    return [(number, bytes(root)) for number, root in rows]


class Undisturbed(NamedTuple):
    """A change as it goes without a fault: its statements, what it leaves, and the chunks it adds."""

    statements: list[str]
    history: list[tuple[int, bytes]]
    cells: object
    added: set[bytes]


def undisturbed(world: World, change: Change) -> Undisturbed:
    workbook_id = change.prepare(world)
    with world.app.app_context():
        before = Kept.of(workbook_id)
        postgres.CACHE.clear()
        world.proxy.arm(None)
        change.make(world, workbook_id, uuid4())
        statements = world.proxy.statements
        world.proxy.disarm()
        added = Kept.of(workbook_id).addresses - before.addresses
        return Undisturbed(statements, revisions_of(workbook_id), cells_of(world, workbook_id), added)


def status_of(world: World, error: Exception) -> int:
    """The status of the answer to a request that raised an error; raises it where it has none of its own."""
    with world.app.test_request_context("/api/v1/workbooks"):
        return world.app.make_response(world.app.handle_user_exception(error)).status_code


def strike(world: World, change: Change, fault: Fault, at: int, expected: Undisturbed) -> bool:
    """Makes a change with a fault at one of its statements, and proves what there is then.

    Returns whether it happened: the change may have fewer statements.
    """
    workbook_id, key = change.prepare(world), uuid4()
    with world.app.app_context():
        before = Kept.of(workbook_id)
        postgres.CACHE.clear()
        world.proxy.arm(fault, at)
        status = 201
        try:
            change.make(world, workbook_id, key)
        except Exception as error:
            status = status_of(world, error)
        struck = world.proxy.struck
        world.proxy.disarm()
        committed = status == 201 or (fault is Fault.LOST_AFTER and struck == "COMMIT")
        assert status in (201, 503)
        if not committed:
            assert Kept.of(workbook_id) == before
            known = {one for one in expected.added if postgres.CACHE.get(workbook_id, one)}
            assert known == set()
        # Whoever heard no answer asks again with the same key; an import has none.
        if before.tables["workbooks"] or not committed:
            change.make(world, workbook_id, key)
        assert revisions_of(workbook_id) == expected.history
        after = Kept.of(workbook_id)
        assert after.addresses == before.addresses | expected.added
        assert cells_of(world, workbook_id) == expected.cells
        # On a connection of its own: a check leaves one in another isolation level, which costs statements.
        with world.beside.app_context():
            findings = integrity.check(workbook_id)
        assert (findings.problems, findings.unreachable) == ([], 0)
        edit(world.alice, workbook_id, len(expected.history), {"Z9": "next"})
        assert values(world.alice, workbook_id)[8, 25] == "next"
        return struck is not None


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_old_or_new_and_nothing_between(world, change, fault):
    """Wherever the connection is lost or the server fails, the workbook is as it was, every row of it, or as
    the whole change leaves it; the latter where its commit was carried out, though nobody heard of it. The
    cache knows nothing of what was not committed, the same request again makes one revision, not two, and
    the next edit in the same process works. Requests answer it as a failure of the database (503)."""
    expected = undisturbed(world, change)
    assert expected.statements[-1] == "COMMIT"
    assert expected.statements.count("COPY") >= change.copies
    met = 0
    while strike(world, change, fault, met, expected):
        met += 1
    assert met == len(expected.statements)
