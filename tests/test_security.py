"""Claims about what protects every request."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models.session import Session
from app.models.user import User
from tests.databases import config_for
from tests.factories import PASSWORD, make_user, sign_in


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice's account."""
    return make_user(app)


@pytest.mark.parametrize(
    "path", ["/sign-in", "/healthz", "/nothing", "/api/v1/nothing", "/static/favicon.svg"]
)
def test_headers(client: FlaskClient, path: str) -> None:
    """Every answer forbids inline code, framing, and guessing at its type; errors and files too."""
    with client.get(path) as response:
        headers = response.headers
    directives = dict(line.split(" ", 1) for line in headers["Content-Security-Policy"].split("; "))
    assert (directives["default-src"], directives["frame-ancestors"]) == ("'self'", "'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert {"Referrer-Policy", "Permissions-Policy"} <= {name for name, _ in headers}


def test_pages_are_not_kept(app: Flask, client: FlaskClient, alice: User) -> None:
    """What a signed-in user sees is in no cache after they signed out; files of ours may be."""
    assert sign_in(app, client, alice).get("/account").headers["Cache-Control"] == "no-store"
    with client.get("/static/favicon.svg") as file:
        assert file.headers["Cache-Control"] != "no-store"


def test_hsts_over_https_only(client: FlaskClient) -> None:
    """Browsers are told to stay on https where they came by it, and only there."""
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    answer = client.get("/healthz", base_url="https://localhost")
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/nothing", "/api/v1/nothing"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[", "a b", "localhost:x"])
def test_untrusted_host(app: Flask, client: FlaskClient, path: str, host: str) -> None:
    """A request for another host than ours is refused, whatever page it asks for."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.get(path, headers={"Host": host}).status_code == 400


def test_secure_cookie(database_url: str, instance: Path, alice: User) -> None:
    """Over https the cookie is for https and for this host alone."""
    app = create_app(config_for(database_url, instance, SESSION_COOKIE_SECURE=True, WTF_CSRF_ENABLED=False))
    client = app.test_client()
    response = client.post(
        "/sign-in", data={"email": alice.email, "password": PASSWORD}, base_url="https://localhost"
    )
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("query", ["next=%00", "next=x&next=%00", "a%00b=1", "%00"])
def test_nul_in_an_address(client: FlaskClient, query: str) -> None:
    """No route sees a NUL character in its address, wherever in there it stands."""
    assert client.get(f"/sign-in?{query}").status_code == 400


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_addresses_behind_a_proxy(
    database_url: str, instance: Path, alice: User, proxies: int, address: str
) -> None:
    """What a proxy says of the client counts only where the operator trusts a proxy."""
    app = create_app(config_for(database_url, instance, TRUSTED_PROXIES=proxies, WTF_CSRF_ENABLED=False))
    client = app.test_client()
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    client.post("/sign-in", data={"email": alice.email, "password": PASSWORD}, headers=headers)
    with app.app_context():
        assert db.session.scalar(select(Session.address)) == address


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b"1e999",
        b'"\\ud800"',
        b'"\xff"',
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"a":1}x',
        b"\x00",
    ],
    ids=lambda body: repr(body[:8]),
)
def test_json_that_is_none(app: Flask, body: bytes) -> None:
    """What RFC 8259 does not call JSON, and what no database could keep, is a bad request."""
    with (
        app.test_request_context(method="POST", data=body, content_type="application/json") as context,
        pytest.raises(Exception, match="400 Bad Request"),
    ):
        context.request.get_json()
