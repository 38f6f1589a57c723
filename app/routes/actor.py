"""Who is asking, and whether they may: recognised from the cookie, checked before every route."""

from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, Request, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import wants_problem
from app.extensions import login_manager
from app.models.session import Session
from app.models.user import User
from app.services import access, sessions

_TOKEN = "token"  # noqa: S105 (the key in the cookie, not a secret)


def init_app(app: Flask) -> None:
    """Make Flask-Login recognise sign-ins by their rows, and ask at every request who may call it.

    Flask-Login serves `current_user` alone: its own remember cookie and session protection are
    off, since a row that can be revoked does their work.
    """
    app.config["REMEMBER_COOKIE_NAME"] = "unused"
    login_manager.session_protection = None
    login_manager.request_loader(_recognise)
    app.before_request(_check)


def actor() -> User:
    """The signed-in user, for a route that only signed-in users reach."""
    return cast(User, current_user._get_current_object())


def actor_session() -> Session:
    """The row of the sign-in this request came by, for a route that only signed-in users reach."""
    return cast(Session, g.sign_in.session)


def now() -> datetime:
    """The time of this request: services get their times from here."""
    return datetime.now(UTC)


def address() -> str:
    """Where the request came from, as the server saw it (see TRUSTED_PROXIES)."""
    return request.remote_addr or "local"


def sign_in(user: User, remember: bool) -> None:
    """Open a session for the user and put its token in a fresh cookie.

    Whatever the cookie held before is dropped, so that nobody can plant a session beforehand.
    """
    token = sessions.begin(user, remember, request.user_agent.string, address(), now())
    session.clear()
    session[_TOKEN] = token
    session.permanent = remember


def sign_out() -> None:
    """Revoke the session this request came by, and empty the cookie."""
    sessions.revoke(actor(), actor_session().id, now())
    session.clear()


def local_target(target: str | None) -> str | None:
    """A `next` parameter where it leads to a page of this site, else None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(letter) < 33 for letter in target):  # browsers drop tabs and newlines: "/\t/evil.example"
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _recognise(_request: Request) -> User | None:
    """Flask-Login's request loader."""
    token = session.get(_TOKEN)
    if not isinstance(token, str):
        return None
    sign_in = sessions.resume(token, address(), now())
    if sign_in is None:
        return None
    g.sign_in = sign_in
    if sign_in.prolonged:
        session.modified = True  # the cookie's own time limit starts anew with the row's
    return sign_in.user


def _check() -> Response | None:
    """Refuse the request where `access.ROUTES` does; pages lead to the sign-in page instead."""
    if request.endpoint is None:
        return None  # the router's own 404 or 405 follows
    workbook_id = (request.view_args or {}).get("workbook_id")
    public = access.ROUTES[request.endpoint] is access.Who.ANYONE  # spares static files the look-up
    user = None if public or not current_user.is_authenticated else actor()
    try:
        access.check_route(request.endpoint, user, cast(UUID | None, workbook_id))
    except access.SignInRequired:
        if wants_problem(request):
            raise
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.sign_in", next=target if target != "/" else None))
    return None
