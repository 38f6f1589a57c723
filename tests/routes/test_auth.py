"""Claims about registering, signing in and out over HTTP."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.extensions import db
from app.models.session import Session
from app.models.user import User
from app.services import accounts
from tests.factories import PASSWORD, csrf, make_user, sign_in

_COOKIE = "cellar"


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


def _sign_in(client: FlaskClient, path: str = "/sign-in", **fields: str) -> TestResponse:
    return client.post(path, data={"email": "alice@example.org", "password": PASSWORD, **fields})


def _register(client: FlaskClient, **fields: str) -> TestResponse:
    data = {"name": "Alice", "email": "alice@example.org", "password": PASSWORD, **fields}
    return client.post("/register", data=data)


def _signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_registering_signs_in(client: FlaskClient) -> None:
    """Who registers is signed in and lands on the list of workbooks."""
    response = _register(client)
    assert (response.status_code, response.location) == (302, "/workbooks")
    assert _signed_in(client)


def test_first_visit(app: Flask, client: FlaskClient) -> None:
    """On a new installation the pages say that the first account is the administrator's, and later not."""
    pages = [client.get(path).text for path in ("/sign-in", "/register")]
    assert all("Nobody has an account here yet." in page for page in pages)
    make_user(app)
    pages = [client.get(path).text for path in ("/sign-in", "/register")]
    assert not any("Nobody has an account here yet." in page for page in pages)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email": "no address"}, "This is no e-mail address."),
        ({"email": "nul\x00@example.org"}, "This is no e-mail address."),
        ({"email": ""}, "Give your e-mail address."),
        ({"name": " "}, "Give the name others will see."),
        ({"name": "a\x00b"}, "on one line"),
        ({"password": "short"}, "Use at least 10 characters."),
        ({"password": "password123"}, "too easy to guess"),
        ({"password": "x" * 1001}, "Field cannot be longer than 1000 characters."),
    ],
)
def test_refused_registration(client: FlaskClient, fields: dict[str, str], message: str) -> None:
    """A form that is not in order comes back with what is wrong beside the field, and the rest kept."""
    response = _register(client, **fields)
    assert response.status_code == 422
    assert message in response.text
    assert 'aria-invalid="true"' in response.text


def test_register_twice(client: FlaskClient, alice: User) -> None:
    """A second account for one address is refused at its field."""
    response = _register(client, email=alice.email.upper())
    assert response.status_code == 422
    assert "already an account" in response.text


def test_registration_closed(app: Flask, client: FlaskClient) -> None:
    """Where registration is closed there is no form, and sending one is refused."""
    app.config["REGISTRATION"] = "closed"
    assert client.get("/register").status_code == 403
    assert _register(client).status_code == 403
    assert "Create an account" not in client.get("/sign-in").text


@pytest.mark.usefixtures("alice")
def test_sign_in_leads_to_the_page_wanted(client: FlaskClient) -> None:
    """A visitor who was sent to sign in gets to where they were going, search and all."""
    sent = client.get("/account?tab=sessions")
    assert sent.status_code == 302
    assert _sign_in(client, sent.location).location == "/account?tab=sessions"


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "x",
    ],
)
def test_next_leads_nowhere_else(client: FlaskClient, target: str) -> None:
    """A crafted link to the sign-in page does not lead to another site."""
    assert _sign_in(client, f"/sign-in?next={target}").location == "/workbooks"


@pytest.mark.usefixtures("alice")
def test_wrong_password_and_unknown_address_look_the_same(client: FlaskClient) -> None:
    """The sign-in page does not tell who has an account."""
    pages = [
        _sign_in(client, email=email, password="wrong-otter-lamp")
        for email in ("alice@example.org", "nobody@example.org")
    ]
    texts = [re.sub(r'value="[^"]*"', "", page.text) for page in pages]
    assert [page.status_code for page in pages] == [401, 401]
    assert texts[0] == texts[1]


def test_disabled_account(app: Flask, client: FlaskClient) -> None:
    """The owner of a disabled account is told so."""
    make_user(app, disabled=True)
    response = _sign_in(client)
    assert response.status_code == 403
    assert "disabled" in response.text


@pytest.mark.usefixtures("alice")
def test_cookie_flags(client: FlaskClient) -> None:
    """The cookie is out of reach of scripts and other sites, and ends with the browser."""
    cookie = _sign_in(client).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Expires" not in cookie


@pytest.mark.usefixtures("alice")
def test_remember_me(client: FlaskClient) -> None:
    """Who asks to be remembered gets a cookie that outlives the browser."""
    assert "Expires" in _sign_in(client, remember="y").headers["Set-Cookie"]


@pytest.mark.usefixtures("alice")
def test_cookie_renewed_with_the_session(app: Flask, client: FlaskClient) -> None:
    """A remembered session that is in use keeps its cookie in date; a plain request sends none."""
    _sign_in(client, remember="y")
    assert "Set-Cookie" not in client.get("/healthz").headers
    with app.app_context():
        db.session.execute(update(Session).values(last_seen_at=datetime(2026, 1, 1, tzinfo=UTC)))
        db.session.commit()
    assert "Expires" in client.get("/account").headers["Set-Cookie"]


@pytest.mark.usefixtures("alice")
def test_new_session_at_sign_in(client: FlaskClient) -> None:
    """What was in the cookie before signing in is gone after: nobody plants a session on anybody."""
    with client.session_transaction() as cookie:
        cookie["planted"] = "yes"
        cookie["token"] = planted = "a token the attacker knows"
    _sign_in(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["token"] != planted


@pytest.mark.usefixtures("alice")
def test_replayed_cookie_after_signing_out(app: Flask, client: FlaskClient) -> None:
    """A copy of the cookie is worth nothing once its owner has signed out."""
    _sign_in(client)
    copied = client.get_cookie(_COOKIE)
    assert copied is not None
    assert client.post("/sign-out").location == "/sign-in"
    thief = app.test_client()
    thief.set_cookie(_COOKIE, copied.value)
    assert not _signed_in(thief)


def test_signing_out_twice(app: Flask, client: FlaskClient, alice: User) -> None:
    """Signing out where one is signed out already leads to the sign-in page as well."""
    sign_in(app, client, alice)
    client.post("/sign-out")
    assert client.post("/sign-out").location == "/sign-in"


def test_disabled_at_the_next_request(app: Flask, client: FlaskClient, alice: User) -> None:
    """Disabling an account takes effect at its next request."""
    sign_in(app, client, alice)
    with app.app_context():
        accounts.disable(accounts.by_email(alice.email), datetime.now(UTC))
    assert not _signed_in(client)


def test_forged_or_broken_cookie(client: FlaskClient) -> None:
    """A cookie that is not ours signs nobody in and breaks nothing."""
    for value in ("", "x", "eyJ0b2tlbiI6IngifQ.aaaa.bbbb", "\u00ff" * 10, "x" * 4000):
        client.set_cookie(_COOKIE, value)
        assert not _signed_in(client)


def test_token_of_another_kind(client: FlaskClient) -> None:
    """A signed cookie with something else where the token should be signs nobody in."""
    for token in (None, 7, ["x"], {"a": 1}):
        with client.session_transaction() as cookie:
            cookie["token"] = token
        assert not _signed_in(client)


def test_foreign_remember_cookie(app: Flask, client: FlaskClient, alice: User) -> None:
    """Another application's remember cookie on this host changes nothing."""
    sign_in(app, client, alice)
    client.set_cookie("remember_token", "7|0123456789abcdef")
    assert _signed_in(client)


@pytest.mark.usefixtures("alice")
def test_failed_tries_are_limited(client: FlaskClient) -> None:
    """After ten wrong passwords in a row for one account the address waits, even with the right one."""
    for _ in range(10):
        assert _sign_in(client, password="wrong-otter-lamp").status_code == 401
    response = _sign_in(client)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "Too many tries" in response.text


@pytest.mark.usefixtures("alice")
def test_signing_in_is_not_limited(client: FlaskClient) -> None:
    """Whoever knows the password signs in as often as they like."""
    for _ in range(12):
        assert _sign_in(client).status_code == 302


@pytest.mark.usefixtures("alice")
def test_limit_is_for_one_account(app: Flask, client: FlaskClient) -> None:
    """Ten wrong passwords for one account do not keep others on the same address out."""
    make_user(app, "bob@example.org")
    for _ in range(11):
        _sign_in(client, password="wrong-otter-lamp")
    assert _sign_in(client, email="bob@example.org").status_code == 302


def test_signed_in_already(app: Flask, client: FlaskClient, alice: User) -> None:
    """The pages for coming in lead whoever is in already to their workbooks."""
    sign_in(app, client, alice)
    assert [client.get(page).location for page in ("/sign-in", "/register")] == ["/workbooks", "/workbooks"]


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("path", ["/sign-in", "/register", "/sign-out", "/account"])
def test_forms_need_their_token(app: Flask, client: FlaskClient, path: str, alice: User) -> None:
    """A form from another site is refused, and the page says what to do."""
    app.config["WTF_CSRF_ENABLED"] = True
    sign_in(app, client, alice)
    response = client.post(path, data={"email": alice.email, "password": PASSWORD})
    assert response.status_code == 400
    assert "Reload it" in response.text
    assert _signed_in(client)


def test_token_in_a_header(app: Flask, client: FlaskClient, alice: User) -> None:
    """Scripts send the token of the page in a header."""
    app.config["WTF_CSRF_ENABLED"] = True
    sign_in(app, client, alice)
    assert client.post("/sign-out", headers=csrf(app, client)).status_code == 302


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("path", ["/sign-in", "/register", "/account"])
@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"email=%00&password=%00&name=%00&current=%00&new=%00"},
        {"data": b"email=%ff%fe&password=%ff&name=%c3%28"},
        {"data": b"\xff\x00\xfe", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"not multipart", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"--x\r\n", "content_type": "multipart/form-data"},
        {"data": b'{"email": ["\\ud800"]}', "content_type": "application/json"},
        {"data": {"email": "9" * 10_000, "remember": "\u202e", "password": "\u0000" * 500}},
        {"query_string": "next=%00"},
        {"query_string": "next=%ff%fe&next=[&page=1e999"},
        {"query_string": "next=//[::1"},
        {"headers": {"User-Agent": "\u00ff" * 5000, "Accept": "*/*;q=x,,,;", "Cookie": 'cellar="\\377'}},
    ],
    ids=lambda sent: (
        next(iter(sent.values()))[:24] if isinstance(next(iter(sent.values())), bytes | str) else "dict"
    ),
)
def test_odd_requests(app: Flask, client: FlaskClient, alice: User, path: str, sent: dict[str, Any]) -> None:
    """Whatever a client sends is refused or ignored, never a failure of ours."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    if path == "/account":
        sign_in(app, client, alice)
    assert client.post(path, **sent).status_code < 500
    assert client.get(path, **sent).status_code < 500
