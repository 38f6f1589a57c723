"""File locks (flock), which the kernel lets go of however their holder ends, kill -9 included.

A lock belongs to the open file, not to the process: children made by fork share it, and it is free once the
last of them has closed it. Programs started by exec hold it only where its descriptor is handed to them.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def try_exclusive(path: Path) -> int | None:
    """The descriptor of the file at `path`, made where missing and locked for us alone; None: others hold it.

    Close the descriptor to let go.
    """
    return _try(path, fcntl.LOCK_EX)


def try_shared(path: Path) -> int | None:
    """As `try_exclusive`, but any number of processes may hold it together."""
    return _try(path, fcntl.LOCK_SH)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Waits until the file at `path` is ours alone, for as long as the block runs."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        # Unlocking, where closing would not do: a child forked meanwhile has the descriptor too.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _try(path: Path, kind: int) -> int | None:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
