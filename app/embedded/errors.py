"""What can go wrong with the embedded PostgreSQL, said to the person who starts the program."""

from pathlib import Path

LOG_TAIL_LINES = 20


class EmbeddedDatabaseError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


class BinariesMissing(EmbeddedDatabaseError):
    """There is no PostgreSQL on this machine that the embedded database could run."""


class StartFailed(EmbeddedDatabaseError):
    """The server could not be set up or started; the message ends with the tail of its log."""

    def __init__(self, reason: str, log: Path | None = None) -> None:
        super().__init__(reason + (_tail(log) if log else ""))
        self.reason = reason


def _tail(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    except OSError:
        return f"\n(The server's log {log} cannot be read.)"
    return "\n".join([f"\nThe last lines of the server's log, {log}:", *(f"  {line}" for line in lines)])
