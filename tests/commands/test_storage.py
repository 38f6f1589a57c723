"""Claims about `flask storage`."""

import json

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models.chunk import Chunk
from app.services import storage
from tests.factories import make_grid, make_user
from tests.services.edits import edit


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["storage", *arguments])


@pytest.fixture
def workbook_id(app):
    """A workbook whose revisions are patches of each other, and a small one beside it."""
    alice = make_user(app, admin=True)
    make_grid(app, alice, {"A1": 1}, name="Small")
    workbook_id = make_grid(app, alice, {f"A{row}": f"{row} apples" for row in range(1, 400)}, name="Large")
    with app.app_context():
        for number in range(1, 6):
            edit(alice, workbook_id, number, {"A5": number})
    return workbook_id


def test_json(app, workbook_id):
    """Every chunk and byte of a workbook is counted once, by its kind and by its place in a chain."""
    result = run(app, "--json")
    assert result.exit_code == 0
    large, small = json.loads(result.output)["workbooks"]
    assert (large["workbook"], large["name"], small["name"]) == (str(workbook_id), "Large", "Small")
    with app.app_context():
        chunks = select(func.count()).where(Chunk.workbook_id == workbook_id)
        assert large["chunks"] == db.session.scalar(chunks) == sum(large["depths"].values())
        used = storage.used(make_user(app, "root@example.org", admin=True)).workbooks[0]
        assert (large["bytes"], large["history_bytes"]) == (used.total_bytes, used.history_bytes)
    assert sum(share["chunks"] for share in large["kinds"].values()) == large["chunks"]
    assert sum(share["bytes"] for share in large["kinds"].values()) == used.content_bytes
    assert {"manifest", "block", "report"} <= large["kinds"].keys()
    assert large["kinds"]["manifest"]["chunks"] == large["revisions"] == 6
    assert large["bytes_per_revision"] == round(large["bytes"] / 6, 1)
    assert large["depth_max"] == max(map(int, large["depths"])) == 5
    assert 0 < large["depth_mean"] < 5


def test_lines(app, workbook_id):
    """A person reads a paragraph a workbook, the largest first."""
    lines = run(app).output.splitlines()
    assert lines[0] == f"Large ({workbook_id})"
    assert any(line.split()[0] == "block" for line in lines)
    assert sum(line.startswith("Small (") for line in lines) == 1
