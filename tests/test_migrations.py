"""Migrations and models say the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app import create_app, embedded
from app.extensions import Base, db
from app.schema import upgrade_if_pending

from .databases import config_for


@pytest.fixture
def migrated(instance: Path) -> Iterator[Flask]:
    """An application on a database of its own that `flask db upgrade` has just filled."""
    app = create_app(config_for(embedded.new_database(instance, "migrations"), instance))
    with app.app_context():
        upgrade()
        yield app
        db.engine.dispose()


@pytest.mark.usefixtures("migrated")
def test_autogenerate_finds_nothing() -> None:
    """After all migrations the database is what the models say, types and defaults included."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.usefixtures("migrated")
def test_downgrade_to_the_base() -> None:
    """Every migration can be taken back, and leaves nothing."""
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]


@pytest.mark.usefixtures("migrated")
def test_a_start_with_nothing_to_do() -> None:
    """A server that starts on an up-to-date database runs no migration."""
    assert not upgrade_if_pending(db.engine)
