"""The arrows of the map run one way: what a module may import is decided by where it lies."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODECS = {"msgspec", "zstandard"}
ARRAYS = {"numpy", "pyarrow"}
"""What columns are handed over in: their memory is filled from stored bytes without an object a cell."""
MAY_IMPORT = {
    "app/sheet": {"app.sheet", *CODECS},
    "app/store": {"app.sheet", "app.store", *CODECS},
    "app/store/arrays.py": {"app.sheet", "app.store", *ARRAYS},
    "app/store/columns.py": {"app.sheet", "app.store", *ARRAYS},
    "app/store/postgres.py": {"app.sheet", "app.store", "app.models", "sqlalchemy", *CODECS},
    "app/formats": {"app.sheet", "app.formats", "defusedxml", "openpyxl", *CODECS, *ARRAYS},
    "app/formats/frames.py": {"app.sheet", "app.formats", "pandas", *ARRAYS},
    "app/formats/calamine_child.py": {"msgspec", "python_calamine"},
    "app/models": {"app.models", "app.extensions", "sqlalchemy"},
}
"""By folder or file, the longest that fits: everything beyond the standard library a module may import."""
MAY_NOT_IMPORT = {
    "app/services": {"flask", "flask_login", "flask_wtf", "wtforms", "app.routes", "app.forms"},
    "app/routes": {
        "app.models.chunk",
        "app.models.revision",
        "sqlalchemy",
        "app.store.postgres",
        "app.store.leaf",
        "app.store.node",
        "app.store.tree",
    },
    "app/forms": {"app.models", "app.routes", "app.store", "sqlalchemy"},
}
"""What lies beyond an arrow's reach where listing all that is allowed would say nothing."""


def modules(folder: str) -> Iterator[Path]:
    place = ROOT / folder
    yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The full names of what a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_module_imports_only_what_its_place_allows(folder):
    """The heart and the formats see nothing of the web, the database, the environment."""
    closer = [other for other in MAY_IMPORT if other != folder and other.startswith(folder)]
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in modules(folder)
        if not any(str(path.relative_to(ROOT)).startswith(other) for other in closer)
        for name in imports(path)
        if not within(name, MAY_IMPORT[folder] | set(sys.stdlib_module_names))
    }
    assert wrong == set()


@pytest.mark.parametrize("folder", MAY_NOT_IMPORT)
def test_no_arrow_runs_the_wrong_way(folder):
    """Services know no request, routes no database, forms neither."""
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in modules(folder)
        for name in imports(path)
        if within(name, MAY_NOT_IMPORT[folder])
    }
    assert wrong == set()


def test_only_services_commit():
    """A transaction ends in one place: the use case it belongs to."""
    committing = {
        str(path.relative_to(ROOT)) for path in modules("app") if ".session.commit()" in path.read_text()
    }
    assert {path for path in committing if not path.startswith("app/services/")} == set()


@pytest.mark.parametrize("folder", ["app/sheet", "app/store"])
def test_the_heart_is_pure(folder):
    """No clock, no randomness, no environment: time, ids and actors come in as arguments."""
    impure = {"random", "secrets", "time", "os"}
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in modules(folder)
        for name in imports(path)
        if within(name, impure)
    }
    assert wrong == set()


def test_no_pattern_repeats_a_group_possessively():
    """CPython before 3.11.5 matches ``(…)*+`` wrongly (gh-106052); ``(?>(…)*)`` means the same."""
    repeats = re.compile(r"[^\\]\)(?:[*?]\+|\+\+)")
    found = {str(path.relative_to(ROOT)) for path in modules("app") if repeats.search(path.read_text())}
    assert found == set()
