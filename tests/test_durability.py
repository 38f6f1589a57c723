"""A database that may lose acknowledged changes is refused."""

import pytest
from sqlalchemy import create_engine

from app.durability import UnsafeDatabase, check_durability


def test_a_durable_database_is_taken(database_url: str) -> None:
    """The embedded server passes."""
    check_durability(create_engine(database_url), allowed=())


def test_asynchronous_commits_are_refused(database_url: str) -> None:
    """A server that acknowledges before its disk has, is refused by the setting's name."""
    engine = create_engine(database_url, connect_args={"options": "-c synchronous_commit=off"})
    with pytest.raises(UnsafeDatabase, match=r"synchronous_commit off.*ALLOW_UNSAFE_DATABASE"):
        check_durability(engine, allowed=("fsync",))


def test_what_is_accepted_by_name_is_taken(database_url: str) -> None:
    """An operator may accept the loss, setting by setting."""
    engine = create_engine(database_url, connect_args={"options": "-c synchronous_commit=off"})
    check_durability(engine, allowed=("synchronous_commit",))


def test_weaker_replication_is_no_loss(database_url: str) -> None:
    """Values of synchronous_commit that only concern standbys are as good as on."""
    engine = create_engine(database_url, connect_args={"options": "-c synchronous_commit=local"})
    check_durability(engine, allowed=())
