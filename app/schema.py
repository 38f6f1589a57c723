"""Bringing the database's tables up to this release's migrations."""

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

ROOT = Path(__file__).resolve().parent.parent


class UpgradeFailed(RuntimeError):
    """`flask db upgrade` failed; what it printed says why."""


def upgrade_if_pending(engine: Engine) -> bool:
    """Runs `flask db upgrade` if a migration is missing in the database; whether it did.

    Looking costs milliseconds, running it seconds: a start with nothing to do stays quick. Of several servers
    that start at once, one upgrades and the others wait for it (`migrations/env.py`). Raises UpgradeFailed.
    """
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    wanted = set(ScriptDirectory.from_config(config).get_heads())
    with engine.connect() as connection:
        if set(MigrationContext.configure(connection).get_current_heads()) == wanted:
            return False
    # Not in this process: it is about to fork the workers, and must not hold connections or threads then.
    command = [sys.executable, "-m", "flask", "--app", "wsgi.py", "db", "upgrade"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:  # noqa: S603 - a list, no shell
        raise UpgradeFailed("`flask db upgrade` failed; the messages above say why.")
    return True
