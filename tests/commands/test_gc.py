"""Claims about `flask gc`."""

import pytest
from sqlalchemy import delete, func, insert, select

from app.extensions import db
from app.models.chunk import Chunk
from tests.factories import make_grid, make_user


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["gc", *arguments])


def count(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Chunk))


@pytest.fixture
def workbook_id(app):
    """A workbook, and a chunk of it that nothing refers to."""
    workbook_id = make_grid(app, make_user(app), {"A1": 1})
    with app.app_context():
        planted = {"workbook_id": workbook_id, "hash": bytes(16), "base": None, "data": b"\x00garbage"}
        db.session.execute(insert(Chunk).values(planted))
        db.session.commit()
    return workbook_id


@pytest.mark.usefixtures("workbook_id")
def test_removes_and_tells(app):
    """`--dry-run` tells what would go, the command itself what went; the second time there is nothing."""
    before = count(app)
    assert run(app, "--dry-run").output.startswith("Would remove 1 chunks, ")
    assert count(app) == before
    result = run(app)
    assert (result.exit_code, result.output.startswith("Removed 1 chunks, ")) == (0, True)
    assert count(app) == before - 1
    assert run(app).output == "Removed 0 chunks, 0 bytes.\n"


def test_damaged(app, workbook_id):
    """A damaged workbook is named and left alone, and the exit code is 1."""
    with app.app_context():
        db.session.execute(delete(Chunk).where(Chunk.hash != bytes(16)))
        db.session.commit()
    result = run(app)
    assert result.exit_code == 1
    assert f"flask fsck --workbook {workbook_id}" in result.stderr
    assert count(app) == 1
