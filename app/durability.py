"""Refusing a database that may lose what it has acknowledged."""

from collections.abc import Collection

from sqlalchemy import Engine, text

# PostgreSQL's settings without which a crash loses commits, or the whole database. Values of
# synchronous_commit other than off all wait for this server's own disk.
SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")


class UnsafeDatabase(RuntimeError):
    """The database may lose acknowledged changes: `settings` are off there."""

    def __init__(self, settings: Collection[str]) -> None:
        names = ", ".join(settings)
        super().__init__(
            f"The PostgreSQL server has {names} off: a crash could lose changes that were saved. Turn it on"
            f" there. If you accept the loss, set ALLOW_UNSAFE_DATABASE={','.join(settings)}."
        )
        self.settings = tuple(settings)


def check_durability(engine: Engine, allowed: Collection[str] = ()) -> None:
    """Raises UnsafeDatabase if one of SETTINGS is off on the server and not in `allowed`."""
    with engine.connect() as connection:
        query = text("SELECT current_setting(:name)")
        found = {name: connection.execute(query, {"name": name}).scalar_one() for name in SETTINGS}
    unsafe = [name for name, value in found.items() if value == "off" and name not in allowed]
    if unsafe:
        raise UnsafeDatabase(unsafe)
