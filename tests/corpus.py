"""Real files that tests read: a folder of spreadsheets, which is not part of the repository."""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.corpus.__main__ import FOLDER as BESIDE

FOLDER = Path(os.environ.get("CELLAR_CORPUS") or BESIDE)


def files(*suffixes: str) -> list[Path]:
    """Every file of the corpus with one of the suffixes, such as ``.xlsx``; none without a corpus."""
    return sorted(path for path in FOLDER.rglob("*") if path.suffix.lower() in suffixes)


def sample(paths: Sequence[Path], every: int, *named: str) -> list[Path]:
    """Every n-th of some files, and those with one of the names."""
    return [path for n, path in enumerate(paths) if n % every == 0 or path.name in named]


def file(name: str) -> Path:
    """The file of the corpus at a path within it; the test is skipped where it is absent."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"the corpus has no {name} (set CELLAR_CORPUS)")
    return path


def part(path: Path, name: str) -> bytes | None:
    """A part of a package of the corpus; None where it has none of that name, or is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    except (zipfile.BadZipFile, KeyError):
        return None
