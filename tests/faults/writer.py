"""A process that edits one workbook: `python -m tests.faults.writer DATABASE_URL WORKBOOK SEED EDITS`.

Prints a JSON line for each edit that was acknowledged: its revision and the cells it set.
"""

import json
import random
import sys
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models.user import User
from app.services import commits, revisions
from app.services.commits import Conflict
from app.sheet.operations import Entered, SetCells
from config import Config

ROWS = 12
"""Few enough that the writers meet in the same cells."""


def main(url: str, workbook_id: UUID, seed: int, edits: int) -> None:
    """Edit random cells until `edits` edits are acknowledged, each on the head as it was seen before it."""
    chance = random.Random(seed)  # noqa: S311 (a test that can be repeated)
    app = create_app(Config(SECRET_KEY="only for tests " * 3, DATABASE_URL=url))
    done = 0
    while done < edits:
        with app.app_context():
            actor = db.session.scalars(select(User)).one()
            base = max(1, revisions.head_of(workbook_id) - chance.randrange(3))
            cells = {(chance.randrange(ROWS), chance.randrange(3)): f"{seed}/{done}" for _ in range(2)}
            operation = SetCells(1, {at: Entered(text) for at, text in cells.items()})
            try:
                made = commits.commit(
                    actor, workbook_id, base, [operation], now=datetime.now(UTC), via="grid", key=uuid4()
                )
            except Conflict:
                continue
        told = {f"{row},{column}": text for (row, column), text in cells.items()}
        print(json.dumps([made.revision.number, told]), flush=True)
        done += 1


if __name__ == "__main__":
    main(sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
