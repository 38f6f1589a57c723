"""Claims about the account page."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models.user import User
from tests.factories import PASSWORD, make_user, sign_in

_NEW = "pale-heron-stove"


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


@pytest.fixture
def laptop(app: Flask, alice: User) -> FlaskClient:
    """Alice signed in on one device."""
    return sign_in(app, app.test_client(), alice)


@pytest.fixture
def phone(app: Flask, alice: User) -> FlaskClient:
    """Alice signed in on another."""
    return sign_in(app, app.test_client(), alice)


def _change(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post("/account", data={"current": PASSWORD, "new": _NEW, "repeated": _NEW, **fields})


def _status(client: FlaskClient) -> int:
    return client.get("/account").status_code


def _revocations(client: FlaskClient) -> list[str]:
    return re.findall(r'action="(/account/sessions/[^"]*)"', client.get("/account").text)


def test_change_of_password(app: Flask, laptop: FlaskClient, phone: FlaskClient, alice: User) -> None:
    """After a change of password this device stays signed in, others do not, and the new one counts."""
    assert _change(laptop).status_code == 302
    assert (_status(laptop), _status(phone)) == (200, 302)
    answers = [
        app.test_client().post("/sign-in", data={"email": alice.email, "password": password}).status_code
        for password in (PASSWORD, _NEW)
    ]
    assert answers == [401, 302]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"current": "wrong-otter-lamp"}, "This is not your current password."),
        ({"new": "password123", "repeated": "password123"}, "too easy to guess"),
        ({"repeated": "pale-heron-stage"}, "The two passwords differ."),
    ],
)
def test_refused_change(
    laptop: FlaskClient, phone: FlaskClient, fields: dict[str, str], message: str
) -> None:
    """A change that is not in order changes nothing and says why."""
    response = _change(laptop, **fields)
    assert response.status_code == 422
    assert message in response.text
    assert _status(phone) == 200


def test_tries_at_the_current_password_are_limited(laptop: FlaskClient) -> None:
    """Whoever finds a device signed in cannot guess the password there for long."""
    statuses = [_change(laptop, current="wrong-otter-lamp").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_sessions_are_listed_and_revoked(laptop: FlaskClient, phone: FlaskClient) -> None:
    """The page lists every device; signing one out there ends it at its next request."""
    revocations = _revocations(laptop)
    assert len(revocations) == 2
    for path in revocations:
        laptop.post(path)
    assert (_status(laptop), _status(phone)) == (302, 302)


def test_sessions_of_others(app: Flask, laptop: FlaskClient) -> None:
    """Nobody signs out another's device, nor learns of it."""
    mallory = sign_in(app, app.test_client(), make_user(app, "mallory@example.org"))
    (path,) = _revocations(laptop)
    assert mallory.post(path).status_code == 404
    assert mallory.post(f"/account/sessions/{uuid4()}/revoke").status_code == 404
    assert _status(laptop) == 200


@pytest.mark.parametrize("session_id", ["1", "x", "%00", "00000000-0000-0000-0000-00000000000g", "9" * 400])
def test_no_session_id(laptop: FlaskClient, session_id: str) -> None:
    """What is no session's id is not found."""
    assert laptop.post(f"/account/sessions/{session_id}/revoke").status_code in (400, 404)


def test_names_are_text(app: Flask, client: FlaskClient) -> None:
    """A name that looks like HTML is shown as it is written."""
    user = make_user(app, "eve@example.org", "<script>alert(1)</script>")
    page = sign_in(app, client, user).get("/account").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
