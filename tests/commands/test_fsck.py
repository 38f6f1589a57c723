"""Claims about `flask fsck`."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from app.extensions import db
from app.models.chunk import Chunk
from app.models.revision import Revision
from tests.factories import make_grid, make_user
from tests.services.edits import edit


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["fsck", *arguments])


@pytest.fixture
def workbook_id(app):
    """A workbook with five revisions."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice, {"A1": 1})
    with app.app_context():
        for number in range(1, 5):
            edit(alice, workbook_id, number, {"B1": number})
    return workbook_id


def test_sound(app, workbook_id):
    """Where all is well a line says what was looked at, and the exit code is 0."""
    result = run(app)
    assert result.exit_code == 0
    assert result.output.startswith("1 workbooks, 5 revisions, ")
    assert result.output.endswith("0 chunks are not needed; all is well.\n")
    assert run(app, "--workbook", str(workbook_id)).output == result.output


def test_damage(app, workbook_id):
    """Damage is exit code 1, and a line that names the workbook, the chunk and the revisions."""
    with app.app_context():
        root = db.session.get(Revision, (workbook_id, 2)).root
        db.session.execute(delete(Chunk).where(Chunk.hash == root))
        db.session.execute(update(Revision).where(Revision.number == 4).values(message="other"))
        db.session.commit()
    result = run(app)
    assert result.exit_code == 1
    assert f"workbook {workbook_id}: missing: chunk {root.hex()}" in result.output
    assert f"workbook {workbook_id}: digest: " in result.output
    document = json.loads(run(app, "--json").output)
    assert [(one["kind"], one["workbook"]) for one in document["problems"]] == [
        ("digest", str(workbook_id)),
        ("missing", str(workbook_id)),
    ]
    digest, missing = document["problems"]
    assert "address" not in digest
    assert (digest["revisions"], missing["address"]) == ([4], root.hex())
    assert 2 in missing["revisions"]


@pytest.mark.usefixtures("workbook_id")
def test_runs_of_revisions_are_told_by_their_ends(app):
    """Many revisions hurt alike take one short line."""
    with app.app_context():
        db.session.execute(delete(Chunk))
        db.session.execute(update(Revision).values(digest=bytes(32)))
        db.session.execute(delete(Revision).where(Revision.number.in_([2, 3])))
        db.session.commit()
    assert "revisions 2 to 3 are missing (revisions 2–3)" in run(app).output


@pytest.mark.usefixtures("workbook_id")
def test_json(app):
    """`--json` prints one object with every count."""
    result = run(app, "--json")
    assert result.exit_code == 0
    document = json.loads(result.output)
    assert document.keys() == {"workbooks", "revisions", "chunks", "unreachable", "problems"}
    assert (document["workbooks"], document["revisions"], document["problems"]) == (1, 5, [])


@pytest.mark.parametrize("arguments", [["--workbook", "budget"], ["--workbook", str(uuid4())], ["--fix"]])
def test_wrong_command_line(app, arguments):
    """What is no workbook, and no option, is exit code 2."""
    result = run(app, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error" in result.stderr
