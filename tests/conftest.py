"""A real PostgreSQL for the tests: one embedded server a session, one migrated database a worker process.

A test that asks for `database_url`, `app` or `client` finds every table empty. The tables are emptied before
the test, so what a failed one left can be looked at.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings

from app import create_app, embedded
from app.embedded import locks
from app.extensions import db, limiter

from .databases import config_for, empty

TEMPLATE = "migrated"

# Tests time nothing: what is slow on a busy machine is not wrong.
settings.register_profile("cellar", deadline=None, print_blob=True)
settings.load_profile("cellar")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a test's file content after its parameter: archives made a second apart differ, names may not."""
    return argname if isinstance(val, bytes) and len(val) > 40 else None


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An instance folder with a running embedded server, shared by all worker processes of the session."""
    base = tmp_path_factory.getbasetemp()
    # A worker's folder lies in the session's.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "instance"
    embedded.database_url(folder)
    yield folder
    embedded.leave(folder)


@pytest.fixture(scope="session")
def template(instance: Path) -> str:
    """The name of a database with all migrations applied, made by the first worker that needs it."""
    with locks.exclusive(instance / "template.lock"):
        made = instance / "template-made"
        if not made.exists():
            app = create_app(config_for(embedded.new_database(instance, TEMPLATE), instance))
            with app.app_context():
                upgrade()
                db.engine.dispose()
            made.touch()
    return TEMPLATE


@pytest.fixture(scope="session")
def worker_database_url(instance: Path, template: str) -> str:
    """The database of this worker process."""
    name = "tests_" + os.environ.get("PYTEST_XDIST_WORKER", "alone")
    return embedded.new_database(instance, name, template)


@pytest.fixture(scope="session")
def worker_app(worker_database_url: str, instance: Path) -> Flask:
    """The application on this worker's database."""
    return create_app(config_for(worker_database_url, instance, WTF_CSRF_ENABLED=False))


@pytest.fixture
def database_url(worker_database_url: str) -> str:
    """The address of a database that has every table, and nothing in them."""
    empty(worker_database_url)
    return worker_database_url


@pytest.fixture
def app(worker_app: Flask, database_url: str) -> Iterator[Flask]:
    """The application on an empty database. CSRF protection is off; a test of it turns it on in `app.config`.

    Settings changed by a test are put back after it.
    """
    assert worker_app.config["SQLALCHEMY_DATABASE_URI"] == database_url
    settings = dict(worker_app.config)
    with worker_app.app_context():
        limiter.reset()
    yield worker_app
    worker_app.config.clear()
    worker_app.config.update(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not signed in."""
    return app.test_client()
