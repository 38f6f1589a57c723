"""The settings, read from the environment and from `.env` beside this file (the environment wins)."""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from dotenv import load_dotenv
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app import durability, embedded
from app.formats.guard import DEFAULTS, Limits

ROOT = Path(__file__).resolve().parent
DRIVER = "postgresql+psycopg2"
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
SECRET_KEY_LENGTH = 32


class BadSetting(ValueError):
    """A setting has a value that cannot be meant; the message says which, and what it may be."""

    def __init__(self, name: str, expected: str) -> None:
        # Without the value: it may be a secret, or be an address with a password in it.
        super().__init__(f"{name} must be {expected}. Correct it in the environment or in .env.")
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting, as `app.config.from_object` takes it. The README's table explains them to operators."""

    SECRET_KEY: str = field(repr=False)
    INSTANCE: Path = ROOT / "instance"
    DATABASE_URL: str | None = field(default=None, repr=False)
    HOST: str = "127.0.0.1"
    PORT: int = 8000
    REGISTRATION: str = "open"
    UPLOAD_LIMIT: int = 100 * 10**6
    KEEP_ORIGINALS: bool = False
    UNPACKED_LIMIT: int = 2 * 10**9
    RATIO_LIMIT: int = DEFAULTS.member_ratio
    PARTS_LIMIT: int = DEFAULTS.members
    CELLS_LIMIT: int = DEFAULTS.cells
    TEXTS_LIMIT: int = DEFAULTS.strings
    TRUSTED_HOSTS: tuple[str, ...] = ("127.0.0.1", "localhost")
    TRUSTED_PROXIES: int = 0
    SESSION_COOKIE_SECURE: bool = False
    RATELIMIT_STORAGE_URI: str = "memory://"
    ALLOW_UNSAFE_DATABASE: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The settings in `environ`, by default the process's environment over `.env`.

        Makes the instance folder and the key in it where missing. Raises BadSetting.
        """
        if environ is None:
            load_dotenv(ROOT / ".env")
            environ = os.environ
        # A setting that is there but empty counts as not there: so .env can list them all.
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        instance = Path(given.get("INSTANCE", cls.INSTANCE)).expanduser().absolute()
        host = given.get("HOST", cls.HOST)
        return cls(
            SECRET_KEY=_secret_key(given, instance),
            INSTANCE=instance,
            DATABASE_URL=_database_url(given),
            HOST=host,
            PORT=_integer(given, "PORT", cls.PORT, 1, 65535),
            REGISTRATION=_choice(given, "REGISTRATION", cls.REGISTRATION, ("open", "closed")),
            UPLOAD_LIMIT=_size(given, "UPLOAD_LIMIT", cls.UPLOAD_LIMIT),
            KEEP_ORIGINALS=_switch(given, "KEEP_ORIGINALS", cls.KEEP_ORIGINALS),
            UNPACKED_LIMIT=_size(given, "UNPACKED_LIMIT", cls.UNPACKED_LIMIT),
            RATIO_LIMIT=_integer(given, "RATIO_LIMIT", cls.RATIO_LIMIT, 1, 10**6),
            PARTS_LIMIT=_integer(given, "PARTS_LIMIT", cls.PARTS_LIMIT, 1, 10**6),
            CELLS_LIMIT=_integer(given, "CELLS_LIMIT", cls.CELLS_LIMIT, 1, 10**9 - 1),
            TEXTS_LIMIT=_integer(given, "TEXTS_LIMIT", cls.TEXTS_LIMIT, 1, 10**9 - 1),
            TRUSTED_HOSTS=_words(given, "TRUSTED_HOSTS") or tuple(dict.fromkeys((*cls.TRUSTED_HOSTS, host))),
            TRUSTED_PROXIES=_integer(given, "TRUSTED_PROXIES", cls.TRUSTED_PROXIES, 0, 10),
            SESSION_COOKIE_SECURE=_switch(given, "COOKIE_SECURE", cls.SESSION_COOKIE_SECURE),
            RATELIMIT_STORAGE_URI=given.get("RATELIMIT_STORAGE_URI", cls.RATELIMIT_STORAGE_URI),
            ALLOW_UNSAFE_DATABASE=_words(given, "ALLOW_UNSAFE_DATABASE", durability.SETTINGS),
        )

    @property
    def FILE_LIMITS(self) -> Limits:
        """What an uploaded file may hold."""
        return Limits(
            upload_bytes=self.UPLOAD_LIMIT,
            unpacked_bytes=self.UNPACKED_LIMIT,
            member_ratio=self.RATIO_LIMIT,
            members=self.PARTS_LIMIT,
            cells=self.CELLS_LIMIT,
            strings=self.TEXTS_LIMIT,
        )

    @property
    def SQLALCHEMY_DATABASE_URI(self) -> str:
        """The address of the database; where DATABASE_URL is unset, this starts or joins the embedded one."""
        if self.DATABASE_URL:
            return self.DATABASE_URL
        return embedded.database_url(self.INSTANCE)

    @property
    def SQLALCHEMY_ENGINE_OPTIONS(self) -> dict[str, Any]:
        """How connections are made and kept: one a thread. `app.connections` notices those that died."""
        options: dict[str, Any] = {"pool_size": 8, "max_overflow": 2}
        if self.DATABASE_URL:
            return {**options, "connect_args": {"connect_timeout": 10, "application_name": "cellar"}}
        return {**options, "creator": embedded.connector(self.INSTANCE)}


def _database_url(given: Mapping[str, str]) -> str | None:
    """DATABASE_URL with the driver we use named; providers write postgres:// or postgresql://."""
    if "DATABASE_URL" not in given:
        return None
    scheme, separator, rest = given["DATABASE_URL"].partition("://")
    expected = "an address such as postgresql://user:password@host:5432/database"
    if not separator or scheme not in ("postgres", "postgresql", DRIVER):
        raise BadSetting("DATABASE_URL", expected)
    try:
        make_url(url := f"{DRIVER}://{rest}")
    except (ArgumentError, ValueError) as error:
        raise BadSetting("DATABASE_URL", expected) from error
    return url


def _secret_key(given: Mapping[str, str], instance: Path) -> str:
    """SECRET_KEY where given (several machines must agree on one), else the one in the instance folder."""
    if "SECRET_KEY" in given:
        if len(given["SECRET_KEY"]) < SECRET_KEY_LENGTH:
            raise BadSetting("SECRET_KEY", f"at least {SECRET_KEY_LENGTH} random characters, or unset")
        return given["SECRET_KEY"]
    path = instance / "secret-key"
    try:
        if not path.exists():
            _make_secret_key(path)
        return path.read_text().strip()
    except OSError as error:
        raise BadSetting("INSTANCE", f"a folder that we can write to ({error})") from error


def _make_secret_key(path: Path) -> None:
    """Writes a new key (mode 600). Several processes may try at once: the first one's stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)  # mode 600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        Path(unfinished).unlink()


def _integer(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise BadSetting(name, f"a whole number from {least} to {most}")
    return int(text)


def _size(given: Mapping[str, str], name: str, default: int) -> int:
    match = re.fullmatch(r"([0-9]{1,12})\s*([KMG]?)B?", given.get(name, str(default)).upper())
    if not match or int(match[1]) == 0:
        raise BadSetting(name, "a size such as 100MB, 1GB or 500000 (bytes)")
    return int(match[1]) * UNITS[match[2]]


def _switch(given: Mapping[str, str], name: str, default: bool) -> bool:
    text = given.get(name, "yes" if default else "no").lower()
    if text not in ("yes", "no", "true", "false", "on", "off", "1", "0"):
        raise BadSetting(name, "yes or no")
    return text in ("yes", "true", "on", "1")


def _choice(given: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    text = given.get(name, default)
    if text not in choices:
        raise BadSetting(name, " or ".join(choices))
    return text


def _words(given: Mapping[str, str], name: str, choices: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Words apart by spaces or commas; each one of `choices`, if there are any."""
    words = tuple(given.get(name, "").replace(",", " ").split())
    if choices and not set(words) <= set(choices):
        raise BadSetting(name, f"words out of {', '.join(choices)}")
    return words
