"""Claims about how errors are answered."""

import contextlib
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

import app.services
from app import create_app, errors
from app.extensions import db
from app.formats import guard
from app.models.user import User
from app.services import access, accounts
from app.sheet.address import parse_cell
from tests.databases import config_for, connect

_JSON = {"Accept": "application/json"}


class _Unforeseen(Exception):
    """A mistake of ours."""


def _unforeseen() -> None:
    raise _Unforeseen("password=hunter2")


def _not_found() -> None:
    raise access.NotFound


def _forbidden() -> None:
    raise access.Forbidden("Only administrators can do this.")


def _unknown_user() -> None:
    raise accounts.UnknownUser("zoe@example.org")


def _too_large() -> None:
    raise guard.UnreadableFile("too-large", "This file is too large.")


def _bomb() -> None:
    raise guard.UnreadableFile("bomb", "This file unpacks to too much.")


def _bad_address() -> None:
    parse_cell("A0")


def _bad_data() -> None:
    db.session.execute(text("SELECT CAST('x' AS integer)"))


@pytest.fixture
def failing(
    database_url: str, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], None]], FlaskClient]:
    """Makes a client of an application whose routes /api/failing and /failing do what they are given."""

    def make(fail: Callable[[], None]) -> FlaskClient:
        blueprint = Blueprint("failing", __name__)

        @blueprint.get("/api/failing")
        @blueprint.get("/failing")
        def fails() -> str:
            fail()
            return "done"

        monkeypatch.setitem(access.ROUTES, "failing.fails", access.Who.ANYONE)
        made = create_app(config_for(database_url, instance, PROPAGATE_EXCEPTIONS=False))
        made.register_blueprint(blueprint)
        return made.test_client()

    return make


def _problem(response: TestResponse) -> dict[str, Any]:
    """The problem document a response carries."""
    assert response.mimetype == "application/problem+json"
    document: dict[str, Any] = json.loads(response.text)
    assert document["status"] == response.status_code
    return document


@pytest.mark.parametrize(
    ("fail", "status", "members"),
    [
        (_not_found, 404, {"type": "not-found", "title": "Not found"}),
        (_forbidden, 403, {"type": "forbidden", "detail": "Only administrators can do this."}),
        (_unknown_user, 422, {"type": "unknown-user", "who": "zoe@example.org"}),
        (_too_large, 413, {"type": "unreadable-file", "reason": "too-large"}),
        (_bomb, 422, {"type": "unreadable-file", "reason": "bomb"}),
        (_bad_address, 422, {"type": "bad-address"}),
        (_bad_data, 422, {"type": "bad-value"}),
        (_unforeseen, 500, {"type": "internal-server-error"}),
        (lambda: abort(410), 410, {"type": "gone", "title": "Gone"}),
    ],
)
def test_problem_documents(
    failing: Callable[[Callable[[], None]], FlaskClient],
    fail: Callable[[], None],
    status: int,
    members: dict[str, str],
) -> None:
    """Under /api/ every error is a problem document: a lasting type, a title, the status, a detail that
    tells a person what to do, and what else the error knows."""
    document = _problem(failing(fail).get("/api/failing"))
    assert document["status"] == status
    assert members.items() <= document.items()
    assert {"type", "title", "status", "detail"} <= document.keys()
    assert document["detail"]


@pytest.mark.parametrize(
    ("fail", "status"), [(_not_found, 404), (_forbidden, 403), (_bad_address, 422), (_unforeseen, 500)]
)
def test_error_pages(
    failing: Callable[[Callable[[], None]], FlaskClient], fail: Callable[[], None], status: int
) -> None:
    """Elsewhere an error is a page, with a way on."""
    response = failing(fail).get("/failing")
    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert re.search(r'<a class="button primary" href="/', response.text)


def test_client_that_likes_json(failing: Callable[[Callable[[], None]], FlaskClient]) -> None:
    """Who asks for JSON gets it outside /api/ as well."""
    assert _problem(failing(_not_found).get("/failing", headers=_JSON))["type"] == "not-found"


@pytest.mark.parametrize("path", ["/failing", "/api/failing"])
def test_failures_keep_their_cause(
    failing: Callable[[Callable[[], None]], FlaskClient], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure of ours is logged with its cause, which its answer does not tell."""
    answer = failing(_unforeseen).get(path).text
    assert "hunter2" not in answer
    assert "_Unforeseen" not in answer
    assert "hunter2" in caplog.text


def test_failed_transaction_is_over(app: Flask, client: FlaskClient) -> None:
    """The page of an error reads the database, though the error broke the transaction."""
    with app.test_request_context():
        with pytest.raises(Exception, match="invalid input syntax") as caught:
            _bad_data()
        app.handle_user_exception(caught.value)
        assert db.session.scalar(db.select(User)) is None
    assert client.get("/healthz").status_code == 200


def test_database_out_of_reach(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its database the server says so and when to come back, to people and programs alike."""
    monkeypatch.setattr(access, "ROUTES", dict(access.ROUTES))
    nowhere = "postgresql+psycopg2://cellar@/cellar?host=/nonexistent"
    client = create_app(config_for(nowhere, instance, SQLALCHEMY_ENGINE_OPTIONS={})).test_client()
    page, document = client.get("/healthz"), client.get("/healthz", headers=_JSON)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert _problem(document)["type"] == "database-unavailable"
    assert document.headers["Retry-After"] == "5"


@pytest.mark.parametrize("error", [None, access.NotFound()], ids=["answer", "error"])
def test_connection_lost_after_the_last_statement(app: Flask, error: Exception | None) -> None:
    """A connection that goes away when all has been read spoils no answer: nothing was left to be done."""
    with app.test_request_context("/api/v1/workbooks"):
        connection = connect(app.config["SQLALCHEMY_DATABASE_URI"])
        with contextlib.closing(connection), connection.cursor() as cursor:
            own = db.session.scalar(text("SELECT pg_backend_pid()"))
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (own,))
        if error:
            assert app.make_response(app.handle_user_exception(error)).status_code == 404
            assert db.session.scalar(text("SELECT 1")) == 1
    with app.app_context():
        assert db.session.scalar(text("SELECT 1")) == 1


def test_signed_out_programs(client: FlaskClient) -> None:
    """A program that is not signed in gets a 401, not a page to sign in on."""
    assert _problem(client.get("/account", headers=_JSON))["type"] == "sign-in-required"


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/nothing", "/api/", "/%00", "/\u00ff", "/" + "x" * 5000]
)
def test_no_such_address(client: FlaskClient, path: str) -> None:
    """An address that leads nowhere says so, in the shape of its place."""
    response = client.get(path)
    assert response.status_code in (400, 404)
    if path.startswith("/api/"):
        assert _problem(response)["type"] == "not-found"


def test_wrong_method(client: FlaskClient) -> None:
    """A method an address does not take is refused with those it takes."""
    response = client.delete("/sign-in", headers=_JSON)
    assert _problem(response)["type"] == "method-not-allowed"
    assert "POST" in response.headers["Allow"]


def test_too_large_a_request(client: FlaskClient) -> None:
    """A request beyond the limit is refused before it is read, with the limit."""
    response = client.post(
        "/sign-in",
        headers=_JSON,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(10**12)},
    )
    assert "100 MB" in _problem(response)["detail"]


def test_every_service_error_has_an_answer() -> None:
    """No error a service raises on purpose ends as a failure of ours: the table has it, or its base."""
    unanswered = []
    for module_info in pkgutil.walk_packages(app.services.__path__, "app.services."):
        module = importlib.import_module(module_info.name)
        for name, kind in inspect.getmembers(module, inspect.isclass):
            raised_here = issubclass(kind, Exception) and kind.__module__ == module.__name__
            if raised_here and not any(base in errors.PROBLEMS for base in kind.__mro__):
                unanswered.append(f"{module.__name__}.{name}")
    assert unanswered == []
