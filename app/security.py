"""What protects every request: sizes, trusted hosts, cookies, strict JSON, and response headers.

Settings read here (see `config.py`): UPLOAD_LIMIT, TRUSTED_HOSTS, SESSION_COOKIE_SECURE,
TRUSTED_PROXIES, RATELIMIT_STORAGE_URI.
"""

from typing import Any

import msgspec
from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from app.services.sessions import REMEMBERED

_ENVELOPE = 1_048_576
"""Bytes a request may have beyond the file it carries: the form around it."""

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # CSRF protection over https wants the referrer of our own pages, so it cannot be "no-referrer".
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A signed-out browser must not show a workbook from its cache; routes of immutable data set their own.
    "Cache-Control": "no-store",
}


class StrictJSON(DefaultJSONProvider):
    """JSON as RFC 8259 has it: no NaN, no lone surrogates, no bottomless nesting.

    What the standard library lets through would fail later, in the database or by recursion.
    """

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """The decoded value. Raises ValueError, which Flask answers with 400."""
        try:
            return msgspec.json.decode(s)
        except RecursionError as error:
            raise ValueError("The JSON is nested too deeply.") from error


def init_app(app: Flask) -> None:
    """Set the defaults that are not the operator's choice, and guard requests and responses."""
    secure = bool(app.config.setdefault("SESSION_COOKIE_SECURE", False))
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Browsers take a cookie with the __Host- prefix only over https and from this very host.
        SESSION_COOKIE_NAME="__Host-cellar" if secure else "cellar",
        PERMANENT_SESSION_LIFETIME=REMEMBERED,
        SESSION_REFRESH_EACH_REQUEST=False,  # `routes.actor` renews it when it prolongs the row
        BCRYPT_HANDLE_LONG_PASSWORDS=True,
        WTF_CSRF_TIME_LIMIT=None,  # a token is bound to its session, which has a limit of its own
    )
    if "UPLOAD_LIMIT" in app.config:
        app.config["MAX_CONTENT_LENGTH"] = app.config["UPLOAD_LIMIT"] + _ENVELOPE
    # Limits count per process unless the operator names a shared storage (redis://, memcached://).
    # With memory a limit of n is n per worker process: still a limit, and nothing more to install.
    app.config.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", True)
    app.json = StrictJSON(app)
    proxies = int(app.config.setdefault("TRUSTED_PROXIES", 0))
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    app.before_request(_refuse_nul)
    app.after_request(_protect)


def _refuse_nul() -> None:
    """NUL has no place in an address: no database text may hold it."""
    if "\x00" in request.path or b"%00" in request.query_string:
        raise BadRequest("The address contains a NUL character.")


def _protect(response: Response) -> Response:
    """Set the headers a response does not set itself."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
