"""Runs one of PostgreSQL's own programs on the embedded database, which is started if need be.

python -m app.embedded psql
python -m app.embedded pg_dump --format=custom --file=cellar.dump
"""

import os
import subprocess
import sys
from pathlib import Path

from app import embedded
from app.embedded import binaries
from app.embedded.account import Account
from app.embedded.errors import EmbeddedDatabaseError
from config import BadSetting, Config


def main(arguments: list[str]) -> int:
    """Runs the program named first with the arguments that follow; its exit status."""
    if not arguments or Path(arguments[0]).name != arguments[0]:
        sys.exit("Name a program of PostgreSQL. For example: python -m app.embedded psql")
    try:
        config = Config.from_environment()
        if config.DATABASE_URL:
            sys.exit("DATABASE_URL is set, so there is no embedded database: use that server's own programs.")
        environment = embedded.environment(config.INSTANCE)
        # As ourselves, not as the server's account: it reads and writes the user's files.
        programs = binaries.find(None, Account(os.geteuid(), os.getegid(), lent=False))
    except (BadSetting, EmbeddedDatabaseError) as error:
        sys.exit(str(error))
    program = programs.folder / arguments[0]
    if not program.exists():
        sys.exit(f"There is no {arguments[0]} among PostgreSQL's programs in {programs.folder}.")
    command = [str(program), *arguments[1:]]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode  # noqa: S603 - a list


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
