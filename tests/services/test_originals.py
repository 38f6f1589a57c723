"""Uploaded files come back as they came, from any revision, or it is said why not."""

from collections.abc import Iterator
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.extensions import db
from app.formats.guard import Limits
from app.formats.xlsx import packing
from app.models.user import User
from app.services import commits, exports, imports, integrity, originals, restores, revisions
from app.sheet.operations import Entered, SetCells
from app.store.manifest import StoredParts
from tests.factories import NOW, make_grid, make_user
from tests.formats.xlsx.packages import package, parts, worksheet

XLSX = package(parts(worksheet('<row r="1"><c r="A1"><v>1</v></c></row>'))).getvalue()
CSV = "name;price\r\nCafé;1,50\r\n".encode("cp1252")
JSON = b'{"a": 1}\n{"a": 2.50}\n'


def uploaded(alice: User, file: bytes, name: str, *, keep: bool = False) -> UUID:
    workbook_id = uuid4()
    limits = Limits()
    for _ in imports.import_file(
        alice, workbook_id, BytesIO(file), name, limits=limits, now=NOW, keep_original=keep
    ):
        pass
    return workbook_id


def edit(alice: User, workbook_id: UUID, base: int) -> None:
    operation = SetCells(1, {(5, 5): Entered(7)})
    commits.commit(alice, workbook_id, base, [operation], now=NOW, via="grid")


def original(alice: User, workbook_id: UUID, number: int | None = None) -> tuple[bytes, str, str]:
    made = exports.export(alice, workbook_id, number, "original")
    with made.file:
        return made.file.read(), made.name, made.media_type


@pytest.fixture
def alice(app: Flask) -> Iterator[User]:
    """Somebody, and an application context for as long as the test takes."""
    somebody = make_user(app)
    with app.app_context():
        yield somebody


@pytest.mark.parametrize(
    ("file", "name", "media_type"),
    [
        (XLSX, "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (CSV, "preise.csv", "text/csv"),
        (CSV, "preise.txt", "application/octet-stream"),
        (JSON, "lines.jsonl", "application/jsonl"),
    ],
)
@pytest.mark.parametrize("keep", [True, False])
def test_a_file_comes_back_from_any_revision(
    alice: User, file: bytes, name: str, media_type: str, keep: bool
) -> None:
    """Kept or made again: under its own name, before and after edits and restores."""
    workbook_id = uploaded(alice, file, name, keep=keep)
    edit(alice, workbook_id, 1)
    restores.restore(alice, workbook_id, 1, now=NOW)
    edit(alice, workbook_id, 3)
    for number in (1, 2, 3, 4, None):
        assert original(alice, workbook_id, number) == (file, name, media_type)
        assert originals.source(alice, workbook_id, number)


def test_what_is_kept_is_kept_in_pieces(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept file is a list of chunks, which checks reach; where it is not asked for, none is."""
    monkeypatch.setattr(imports, "_PIECE", 1000)
    workbook_id = uploaded(alice, XLSX, "a.xlsx", keep=True)
    state = revisions.open_revision(alice, workbook_id, 1).state
    source = state.manifest.source
    assert source
    assert source.original
    pieces = list(StoredParts(state.store, source.original))
    assert b"".join(pieces) == XLSX
    assert {len(piece) for piece in pieces[:-1]} == {1000}
    other = revisions.open_revision(alice, uploaded(alice, XLSX, "a.xlsx"), 1).state.manifest.source
    assert other
    assert (other.name, other.size, other.sha256) == (source.name, len(XLSX), source.sha256)
    assert other.original is None
    db.session.commit()
    found = integrity.check(workbook_id)
    assert (found.problems, found.unreachable) == ([], 0)


def test_a_file_that_was_not_uploaded(app: Flask) -> None:
    """A workbook made here came from no file."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice)
    with app.app_context():
        assert originals.source(alice, workbook_id, None) is None
        with pytest.raises(originals.NoOriginal, match="made here"):
            exports.export(alice, workbook_id, None, "original")


def test_a_file_packed_in_a_way_of_its_own(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be made again is refused, unless it is kept."""
    monkeypatch.setattr(packing, "_CANDIDATES", ())
    workbook_id = uploaded(alice, XLSX, "a.xlsx")
    assert originals.source(alice, workbook_id, None) is None
    with pytest.raises(originals.NoOriginal, match="was not kept"):
        exports.export(alice, workbook_id, None, "original")
    kept = uploaded(alice, XLSX, "a.xlsx", keep=True)
    assert original(alice, kept)[0] == XLSX


def test_what_is_made_again_is_proved(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose zlib gives other bytes says so, and gives no file that is not the one."""
    workbook_id = uploaded(alice, XLSX, "a.xlsx")
    monkeypatch.setattr(packing, "_stream", lambda *_: packing.zlib.compressobj(1, 8, -15))
    with pytest.raises(originals.NoOriginal, match="in another way"):
        exports.export(alice, workbook_id, None, "original")
