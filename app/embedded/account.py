"""The system account that the server's processes run as.

PostgreSQL refuses to run as root, so root lends it an account without rights. That account need not be able
to reach the program's folders (they may lie under /root): they are handed to it as open descriptors.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# The account of a PostgreSQL of the system's own, else the one that every system has.
UNPRIVILEGED_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs the server: ourselves, or (`lent`) another account that we, as root, start it under."""

    uid: int
    gid: int
    lent: bool

    def run(
        self, command: Sequence[str], *, stdout: int | None = None, descriptors: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs `command` to its end under this account, with its errors in the same place as its output.

        It gets a bare environment: the user's LANG, LC_ALL, PGDATA, PGOPTIONS and the like must not change
        what the server does. `descriptors` stay open in it; no other descriptor of ours does.
        """
        return subprocess.run(  # noqa: S603 - a list, no shell; the program comes from `binaries.find`
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.STDOUT,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            cwd="/",
            pass_fds=descriptors,
            start_new_session=True,  # Ctrl+C is meant for us; the server stops when the last one leaves
            check=False,
            user=self.uid if self.lent else None,
            group=self.gid if self.lent else None,
            extra_groups=[] if self.lent else None,
        )

    def give(self, path: Path) -> None:
        """Makes this account the owner of `path`."""
        if self.lent:
            os.chown(path, self.uid, self.gid)


def account_for(data: Path) -> Account:
    """The account for the cluster in `data`.

    Ours; for root the one that owns the data, or, where there is none yet, one without rights.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), lent=False)
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, lent=True)
    for name in UNPRIVILEGED_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, lent=True)
    return Account(65534, 65534, lent=True)  # what nobody is numbered where the list of accounts is empty
