"""A file as the next revision of a workbook that is there."""

import threading
from collections.abc import Callable, Generator
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

import pytest
from flask import Flask
from openpyxl import Workbook as Package
from sqlalchemy import delete, func, select, update

from app.extensions import db
from app.formats.guard import Limits
from app.models.chunk import Chunk
from app.models.revision import Revision
from app.models.user import User
from app.models.workbook import Workbook
from app.services import exports, garbage, history, imports, integrity, restores, reuploads, revisions
from app.services.commits import Committed
from app.services.reuploads import HeadMoved
from app.sheet.step import Replaced
from tests.factories import NOW, make_user
from tests.services.edits import edit, values
from tests.services.test_commits import blocked, wait_until

ROWS = [f"{at},customer {crc32(b'%d' % at) % 9999},{crc32(b'x%d' % at) % 99999}.50" for at in range(10_000)]


@pytest.fixture
def alice(app: Flask) -> User:
    """Who uploads."""
    return make_user(app)


def _upload(actor: User, content: bytes, name: str) -> UUID:
    workbook_id = uuid4()
    imports.finish(imports.import_file(actor, workbook_id, BytesIO(content), name, limits=Limits(), now=NOW))
    return workbook_id


def _again(actor: User, workbook_id: UUID, content: bytes, name: str, **more: Any) -> Committed:
    return imports.finish(_reading(actor, workbook_id, content, name, **more))


def _reading(
    actor: User, workbook_id: UUID, content: bytes, name: str, **more: Any
) -> Generator[float, None, Committed]:
    file = BytesIO(content)
    return reuploads.reupload(actor, workbook_id, file, name, limits=Limits(), now=NOW, **more)


def _step(made: Committed) -> Replaced:
    (step,) = revisions.changeset_of(made.revision).steps
    assert isinstance(step, Replaced)
    return step


def _stored(workbook_id: UUID) -> int:
    return (
        db.session.scalar(select(func.sum(func.length(Chunk.data))).where(Chunk.workbook_id == workbook_id))
        or 0
    )


def _csv(rows: list[str]) -> bytes:
    return "\n".join(rows).encode() + b"\n"


def _xlsx(**sheets: list[list[object]]) -> bytes:
    package = Package()
    package.remove(package.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = package.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    package.save(file)
    return file.getvalue()


def _file(actor: User, workbook_id: UUID, format: str, number: int | None = None) -> bytes:
    made = exports.export(actor, workbook_id, number, format)
    with made.file:
        return made.file.read()


def test_a_changed_file_is_the_next_revision(app: Flask, alice: User) -> None:
    """Its step names the file and counts; the file comes back byte for byte, and so does the one before."""
    first, second = _csv(ROWS[:5]), _csv([*ROWS[:2], "2,somebody else,1.00", *ROWS[3:5]])
    with app.app_context():
        workbook_id = _upload(alice, first, "orders.csv")
        made = _again(alice, workbook_id, second, "orders (2).csv", message="as corrected")
        assert (made.revision.number, made.made, made.revision.via) == (2, True, "upload")
        assert (made.revision.message, made.revision.changed) == ("as corrected", 2)
        assert _step(made) == Replaced("orders (2).csv", 1, 15, 2)
        assert _file(alice, workbook_id, "csv") == second
        assert _file(alice, workbook_id, "csv", 1) == first
        state = revisions.state_of(made.revision)
        assert [(sheet.id, sheet.name) for sheet in state.sheets] == [(1, "orders")]


def test_the_same_file_makes_no_revision(app: Flask, alice: User) -> None:
    """There is nothing to save where a file, whatever its name, says what the workbook holds."""
    with app.app_context():
        workbook_id = _upload(alice, _csv(ROWS), "orders.csv")
        before = _stored(workbook_id)
        made = _again(alice, workbook_id, _csv(ROWS), "orders (3).csv")
        assert (made.made, made.revision.number) == (False, 1)
        assert _stored(workbook_id) == before


@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx"])
def test_a_lightly_changed_file_costs_little(app: Flask, alice: User, name: str) -> None:
    """Blocks that are the same are shared, others are patches: a row more and ten cells changed."""
    changed = list(ROWS)
    for at in range(500, 10_000, 1_000):
        changed[at] = f"{at},changed {at},1.25"
    changed.insert(9_000, "new,row,1.50")
    first, second = (
        _csv(rows) if name.endswith("csv") else _xlsx(S=[row.split(",") for row in rows])
        for rows in (ROWS, changed)
    )
    with app.app_context():
        workbook_id = _upload(alice, first, name)
        before = _stored(workbook_id)
        made = _again(alice, workbook_id, second, name)
        assert _stored(workbook_id) - before < before / 20
        assert _step(made).changed == 10 * 2 + 3
        assert integrity.check().problems == []


def test_sheets_keep_their_ids(app: Flask, alice: User) -> None:
    """By name, in whatever order; else by their first rows; else by place. A new one gets a new id."""
    rows = [[[n, m] for m in range(9)] for n in range(5)]
    with app.app_context():
        workbook_id = _upload(alice, _xlsx(A=rows[0], B=rows[1], C=rows[2]), "a.xlsx")
        made = _again(alice, workbook_id, _xlsx(C=rows[2], Renamed=rows[1], A=rows[0], New=rows[3]), "a.xlsx")
        state = revisions.state_of(made.revision)
        assert [(s.name, s.id) for s in state.sheets] == [("C", 3), ("Renamed", 2), ("A", 1), ("New", 4)]
        made = _again(alice, workbook_id, _xlsx(C=rows[2], Other=rows[4]), "a.xlsx")
        assert [(s.name, s.id) for s in revisions.state_of(made.revision).sheets] == [("C", 3), ("Other", 2)]
        made = _again(alice, workbook_id, _xlsx(C=rows[2], Other=rows[4], A=rows[0]), "a.xlsx")
        assert [s.id for s in revisions.state_of(made.revision).sheets] == [3, 2, 5]


def test_a_file_of_another_format(app: Flask, alice: User) -> None:
    """A workbook becomes what the file is; going back brings back what it was."""
    with app.app_context():
        workbook_id = _upload(alice, _csv(ROWS[:3]), "orders.csv")
        _again(alice, workbook_id, _xlsx(orders=[["a", 1]]), "orders.xlsx")
        assert _format(workbook_id) == "xlsx"
        assert values(alice, workbook_id) == {(0, 0): "a", (0, 1): 1}
        restores.restore(alice, workbook_id, 1, now=NOW)
        assert _format(workbook_id) == "csv"
        assert _file(alice, workbook_id, "csv") == _csv(ROWS[:3])
        restores.revert(alice, workbook_id, 3, now=NOW)
        assert _format(workbook_id) == "xlsx"


def test_the_history_speaks_in_the_words_of_its_time(app: Flask, alice: User) -> None:
    """What an older revision set is told by the formats and sheet names it had then."""
    package = Package()
    sheet: Any = package.active
    sheet.title = "Days"
    sheet["A1"] = 46095
    sheet["A1"].number_format = "yyyy-mm-dd"
    file = BytesIO()
    package.save(file)
    with app.app_context():
        workbook_id = _upload(alice, file.getvalue(), "days.xlsx")
        edit(alice, workbook_id, 1, {"A1": 46096})
        (before,) = history.one_revision(alice, workbook_id, 2).sheets
        assert (before.name, *before.cells[0][2:4]) == ("Days", "2026-03-14", "2026-03-15")
        _again(alice, workbook_id, _xlsx(Numbers=[[1]]), "numbers.xlsx")
        assert history.one_revision(alice, workbook_id, 2).sheets == [before]
        assert history.list_revisions(alice, workbook_id).items[1].sheets == [before]
        assert history.changes(alice, workbook_id, 2).items == before.cells


def _format(workbook_id: UUID) -> str | None:
    return db.session.scalar(select(Workbook.format).where(Workbook.id == workbook_id))


def test_an_edited_workbook_downloaded_and_uploaded_again(app: Flask, alice: User) -> None:
    """What Cellar gave out is what it holds."""
    with app.app_context():
        workbook_id = _upload(alice, _csv(ROWS), "orders.csv")
        edit(alice, workbook_id, 1, {"B5000": "typed"})
        assert _again(alice, workbook_id, _file(alice, workbook_id, "csv"), "orders.csv").made is False


def test_others_have_changed_it(app: Flask, alice: User) -> None:
    """A file made from an older revision replaces nothing that its author did not see."""
    with app.app_context():
        workbook_id = _upload(alice, _csv(ROWS[:3]), "orders.csv")
        edit(alice, workbook_id, 1, {"A1": 9})
        with pytest.raises(HeadMoved) as refused:
            _again(alice, workbook_id, _csv(ROWS[:2]), "orders.csv", base=1)
        assert (refused.value.base, refused.value.head) == (1, 2)
        assert _again(alice, workbook_id, _csv(ROWS[:2]), "orders.csv", base=2).revision.number == 3


def test_a_repeat_finds_the_first_answer(app: Flask, alice: User) -> None:
    """A key makes one revision, however often the request comes."""
    key = uuid4()
    with app.app_context():
        workbook_id = _upload(alice, _csv(ROWS[:3]), "orders.csv")
        tries = [_again(alice, workbook_id, _csv(ROWS[:2]), "orders.csv", base=1, key=key) for _ in range(2)]
        assert [(made.revision.number, made.made) for made in tries] == [(2, True), (2, True)]


def test_others_commit_while_a_file_is_read(app: Flask, alice: User) -> None:
    """Reading holds nobody up, and what was committed meanwhile is not replaced unseen."""
    with app.app_context():
        workbook_id = _upload(alice, _csv(ROWS[:3]), "orders.csv")
        reading = _reading(alice, workbook_id, _csv(ROWS), "orders.csv")
        next(reading)
        _beside(app, lambda: edit(alice, workbook_id, 1, {"A1": 9})).join()
        with pytest.raises(HeadMoved):
            imports.finish(reading)


def test_garbage_is_not_removed_from_under_an_upload(app: Flask, alice: User, database_url: str) -> None:
    """A chunk that nobody needs stays while a file is read that does need it."""
    file = _csv(["changed", *ROWS[1:]])
    with app.app_context():
        workbook_id = _upload(alice, _csv(ROWS), "orders.csv")
        _leave_garbage_of(alice, workbook_id, file)
        reading = _reading(alice, workbook_id, file, "orders.csv")
        next(reading)
        removal = _beside(app, garbage.collect)
        wait_until(lambda: blocked(database_url))
        made = imports.finish(reading)
        removal.join()
        assert made.revision.number == 2
        assert integrity.check().problems == []


def _leave_garbage_of(actor: User, workbook_id: UUID, content: bytes) -> None:
    """Store what a file is made of, and no revision that needs it."""
    made = _again(actor, workbook_id, content, "orders.csv").revision
    db.session.execute(delete(Revision).where(Revision.number == made.number))
    db.session.execute(update(Workbook).values(head=made.number - 1))
    db.session.commit()


def _beside(app: Flask, work: Callable[[], object]) -> threading.Thread:
    """Work in a thread, as another process would do it."""

    def run() -> None:
        with app.app_context():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
