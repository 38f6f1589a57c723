"""`python -m bench.peak reader|application FILE`: the most memory that reading a file takes.

Prints two numbers in 10^6 bytes: the peak, and what the process held before it read. `reader` loads the
reader and the store alone, without the pages, the database and the formats around them.
"""

import sys
from pathlib import Path
from types import ModuleType

_STATUS = Path("/proc/self/status")
_APP = Path(__file__).resolve().parent.parent / "app"


def main(loaded: str, path: str) -> None:
    """Read an xlsx file through to blocks, which are counted and let go, and print its peak."""
    if loaded == "reader":
        # A package of the name whose __init__, the whole application, is not run.
        bare = ModuleType("app")
        bare.__path__ = [str(_APP)]
        sys.modules["app"] = bare
    from app.formats.guard import Limits
    from app.formats.xlsx import reader
    from app.store.leaf import entries_of
    from app.store.protocol import address_of

    class Addresses:
        """A store that keeps nothing, as one whose chunks are in a database."""

        def put(self, raw: bytes, replaces: bytes | None = None) -> bytes:  # noqa: ARG002
            return address_of(raw)

    before = _peak_mb()
    with Path(path).open("rb") as file:
        for sheet in reader.read(file, Limits()).sheets:
            for _ in entries_of(Addresses(), sheet.rows()):  # type: ignore[arg-type]
                pass
    print(f"{_peak_mb():.1f} {before:.1f}")


def _peak_mb() -> float:
    """The most this process has held, from Linux; getrusage's would be its parent's, were that larger."""
    told = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(told.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
