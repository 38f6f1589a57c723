"""Many processes editing one workbook at once.

EDITS: how many edits each makes (`make faults` has time for more).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from app.services import integrity, revisions
from tests.factories import make_grid, make_user

ROOT = Path(__file__).resolve().parent.parent.parent
WRITERS = 8
EDITS = int(os.environ.get("EDITS") or 200)


def test_no_acknowledged_edit_is_lost(app, database_url):
    """Numbers have no gaps, every acknowledged edit is one revision, and replaying them in order gives the
    cells the workbook has."""
    alice = make_user(app)
    workbook_id = make_grid(app, alice)
    command = [sys.executable, "-m", "tests.faults.writer", database_url, str(workbook_id)]
    writers = [
        subprocess.Popen([*command, str(seed), str(EDITS)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for seed in range(WRITERS)
    ]
    acknowledged = []
    for writer in writers:
        out, _ = writer.communicate()
        assert writer.returncode == 0
        acknowledged += [json.loads(line) for line in out.splitlines()]
    assert sorted(number for number, _ in acknowledged) == list(range(2, WRITERS * EDITS + 2))
    replayed = {}
    for _, cells in sorted(acknowledged):
        replayed |= cells
    with app.app_context():
        head = revisions.open_revision(alice, workbook_id, None)
        assert head.revision.number == WRITERS * EDITS + 1
        rows = head.state.tree(1).rows()
        assert {f"{row},{column}": cell.value for row, r in rows for column, cell in r.cells()} == replayed
        assert integrity.check().problems == []
