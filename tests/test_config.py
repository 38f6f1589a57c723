"""Settings come from the environment, and bad ones are refused by name."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.formats.guard import Limits
from config import ROOT, BadSetting, Config

SECRET = "s" * 40


def settings(instance: Path, **environ: str) -> Config:
    return Config.from_environment({"INSTANCE": str(instance), **environ})


def test_everything_has_a_default(tmp_path: Path) -> None:
    """An empty environment is enough, and is on the safe side."""
    config = settings(tmp_path)
    assert config == Config(SECRET_KEY=config.SECRET_KEY, INSTANCE=tmp_path)
    assert config.TRUSTED_HOSTS == ("127.0.0.1", "localhost")


def test_an_empty_value_is_the_default(tmp_path: Path) -> None:
    """`NAME=` in .env says nothing."""
    assert settings(tmp_path, PORT="", UPLOAD_LIMIT=" ") == settings(tmp_path)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_the_driver_is_named(tmp_path: Path, scheme: str) -> None:
    """Any way to write a PostgreSQL address means the driver that is installed."""
    config = settings(tmp_path, DATABASE_URL=f"{scheme}://u:p%40@host:5432/db?sslmode=require")
    assert config.SQLALCHEMY_DATABASE_URI == "postgresql+psycopg2://u:p%40@host:5432/db?sslmode=require"


def test_the_secret_key_is_made_once(tmp_path: Path) -> None:
    """The first start makes a key of its own, which only its owner can read; later starts find it."""
    instance = tmp_path / "instance"
    first, second = settings(instance), settings(instance)
    assert len(first.SECRET_KEY) >= 64
    assert first == second
    assert stat.S_IMODE((instance / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert [path.name for path in instance.iterdir()] == ["secret-key"]


def test_several_machines_share_a_key(tmp_path: Path) -> None:
    """A key that is given is used, and none is made."""
    assert settings(tmp_path, SECRET_KEY=SECRET).SECRET_KEY == SECRET
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "size"), [("100MB", 100_000_000), ("1 gb", 10**9), ("64k", 64_000), ("500000", 500_000)]
)
def test_sizes_have_units(tmp_path: Path, text: str, size: int) -> None:
    """Sizes are bytes, or decimal multiples with their unit."""
    assert vars(settings(tmp_path, UPLOAD_LIMIT=text))["UPLOAD_LIMIT"] == size


def test_what_a_file_may_hold_is_set(tmp_path: Path) -> None:
    """Each limit of a file is a setting; those that are left out have their default."""
    found = settings(
        tmp_path,
        UPLOAD_LIMIT="1MB",
        UNPACKED_LIMIT="10MB",
        CELLS_LIMIT="9",
        TEXTS_LIMIT="8",
        PARTS_LIMIT="7",
        RATIO_LIMIT="6",
    ).FILE_LIMITS
    assert found == Limits(10**6, 10**7, member_ratio=6, members=7, cells=9, strings=8)
    assert settings(tmp_path).FILE_LIMITS.cells == Limits().cells


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "postgresql://host:port/db"),
        ("SECRET_KEY", "changeme"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("REGISTRATION", "maybe"),
        ("UPLOAD_LIMIT", "0"),
        ("UPLOAD_LIMIT", "much"),
        ("CELLS_LIMIT", "0"),
        ("RATIO_LIMIT", "1.5"),
        ("COOKIE_SECURE", "2"),
        ("TRUSTED_PROXIES", "-1"),
        ("ALLOW_UNSAFE_DATABASE", "everything"),
    ],
)
def test_a_bad_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    """The message says which setting, and what it may be."""
    with pytest.raises(BadSetting, match=f"^{name} must be "):
        settings(tmp_path, **{name: value})


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """Printing the settings, or refusing one, as a log may keep it, gives away neither key nor password."""
    with pytest.raises(BadSetting) as refusal:
        settings(tmp_path, DATABASE_URL="oracle://u:hidden@host/db")
    assert "hidden" not in str(refusal.value)
    config = settings(tmp_path, SECRET_KEY=SECRET, DATABASE_URL="postgresql://u:hidden@host/db")
    assert SECRET not in repr(config)
    assert "hidden" not in repr(config)


def test_flask_takes_them(tmp_path: Path) -> None:
    """The settings arrive in `app.config` under the names that Flask and its extensions know."""
    app = Flask("test")
    app.config.from_object(settings(tmp_path, DATABASE_URL="postgresql://host/db", COOKIE_SECURE="yes"))
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert app.config["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg2://host/db"
    assert app.config["SQLALCHEMY_ENGINE_OPTIONS"]["pool_size"] == 8


@pytest.mark.parametrize(
    ("command", "environment", "message"),
    [
        (["gunicorn"], {"PORT": "no"}, "Cellar cannot start. PORT must be a whole number"),
        (["flask", "db", "current"], {"PORT": "no"}, "Cellar cannot start. PORT must be a whole number"),
        (
            ["gunicorn"],
            {"DATABASE_URL": "postgresql://127.0.0.1:1/none"},
            "Cellar cannot start. The database cannot be reached",
        ),
    ],
)
def test_a_start_that_cannot_be_says_why(
    tmp_path: Path, command: list[str], environment: dict[str, str], message: str
) -> None:
    """Every program ends with the reason in words, not with a traceback."""
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "INSTANCE": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr
