"""Errors: the one table from domain error to status, and their two shapes.

Under /api/, and wherever a client prefers JSON, an error is a problem document (RFC 9457); elsewhere
it is a page. Its `type` is a short name that stays, its `detail` the exception's own message.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

import psycopg2
from flask import Flask, Request, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, DataError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from app.extensions import db
from app.formats.guard import UnreadableFile
from app.formats.xlsx.edits import ArrayPartEdit
from app.formats.xlsx.sheet_list import NotBroughtBack
from app.routes.api.body import BadBody
from app.services import (
    access,
    accounts,
    administration,
    commits,
    editing,
    effects,
    exports,
    history,
    originals,
    packages,
    restores,
    reuploads,
    sharing,
    sheet_changes,
    tables,
    windows,
    workbooks,
)
from app.sheet.address import BadAddress, cell_name
from app.sheet.cell import Cell, plain_text
from app.sheet.column_edit import CellConflict
from app.sheet.operations import CellRefused
from app.sheet.references import absolute
from app.sheet.sheet_name import BadSheetName
from app.sheet.style_change import BadStyle
from app.store.state import SheetNotFound

_PROBLEM = "application/problem+json"


class Problem(NamedTuple):
    """How a domain error is answered: its lasting name, its status (or what tells it from the error),
    and what gives the further members of its problem document."""

    type: str
    status: int | Callable[[Any], int]
    extras: Callable[[Any], dict[str, Any]] = lambda _error: {}


PROBLEMS: dict[type[Exception], Problem] = {
    access.SignInRequired: Problem("sign-in-required", 401),
    access.Forbidden: Problem("forbidden", 403),
    access.NotFound: Problem("not-found", 404),
    access.WorkbookTrashed: Problem("workbook-trashed", 409),
    accounts.InvalidEmail: Problem("invalid-email", 422),
    accounts.InvalidName: Problem("invalid-name", 422),
    accounts.WeakPassword: Problem("weak-password", 422),
    accounts.EmailTaken: Problem("email-taken", 409),
    accounts.RegistrationClosed: Problem("registration-closed", 403),
    accounts.WrongCredentials: Problem("wrong-credentials", 401),
    accounts.WrongPassword: Problem("wrong-password", 422),
    accounts.AccountDisabled: Problem("account-disabled", 403),
    accounts.UnknownUser: Problem("unknown-user", 422, lambda error: {"who": error.who}),
    accounts.LastAdministrator: Problem("last-administrator", 409),
    sharing.CannotShareWithOwner: Problem("cannot-share-with-owner", 422),
    sharing.NotAMember: Problem("not-a-member", 404),
    sharing.OwnerCannotLeave: Problem("owner-cannot-leave", 409),
    sharing.UnknownRole: Problem("unknown-role", 422),
    workbooks.BadWorkbookName: Problem("bad-workbook-name", 422),
    workbooks.NameNotConfirmed: Problem("name-not-confirmed", 422, lambda error: {"name": error.name}),
    workbooks.NotInTrash: Problem("not-in-trash", 409),
    commits.Conflict: Problem(
        "conflict",
        409,
        lambda error: {"head": error.head, "conflicts": [_conflict(found) for found in error.conflicts]},
    ),
    reuploads.HeadMoved: Problem("head-moved", 409, lambda error: {"base": error.base, "head": error.head}),
    restores.CannotRevert: Problem("cannot-revert", 409),
    effects.NotEditable: Problem("not-editable", 422),
    commits.MessageTooLong: Problem("message-too-long", 422),
    history.BadVersionName: Problem("bad-version-name", 422),
    exports.UnknownFormat: Problem("unknown-format", 422),
    originals.NoOriginal: Problem("no-original", 404),
    tables.TooSparse: Problem("too-sparse", 422),
    administration.BadCursor: Problem("bad-cursor", 422),
    UnreadableFile: Problem(
        "unreadable-file",
        lambda error: 413 if error.reason == "too-large" else 422,
        lambda error: {"reason": error.reason},
    ),
    SheetNotFound: Problem("sheet-not-found", 404),
    windows.WindowTooLarge: Problem("window-too-large", 422),
    editing.TooManyCells: Problem("too-many-cells", 413),
    ArrayPartEdit: Problem("array-part", 422),
    packages.NoPackage: Problem("no-package", 422),
    BadStyle: Problem("bad-style", 422),
    BadSheetName: Problem("bad-sheet-name", 422),
    sheet_changes.LastVisibleSheet: Problem("last-visible-sheet", 409),
    NotBroughtBack: Problem("cannot-revert", 409),
    BadBody: Problem("bad-body", 422),
    CellRefused: Problem("cell-refused", 422, lambda error: {"cell": error.cell}),
    BadAddress: Problem("bad-address", 422),
}
"""Every domain error and its answer. A subclass is answered as its base unless it has its own line."""


def init_app(app: Flask) -> None:
    """Answer domain errors, HTTP errors and failures of the database."""
    # Flask wraps any other exception into an HTTP 500 once it has logged it.
    for error in (*PROBLEMS, HTTPException, DatabaseError, InterfaceError, psycopg2.Error):
        app.register_error_handler(error, _answer)


def wants_problem(request: Request) -> bool:
    """Whether the client is a program: the path is the API's, or it likes JSON better than HTML."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(("text/html", "application/json", _PROBLEM))
    return best is not None and best != "text/html"


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem document of any exception, for an answer that is under way already and can carry it
    only in its body. What is neither a domain nor an HTTP error tells nothing of its cause."""
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            problem = PROBLEMS[kind]
            status = problem.status(error) if callable(problem.status) else problem.status
            return _document(problem.type, status, str(error), problem.extras(error))
    if isinstance(error, CSRFError):
        return _document("csrf", 400, _STALE_FORM)
    if isinstance(error, HTTPException) and error.code is not None:
        name = HTTPStatus(error.code).phrase.lower().replace(" ", "-")
        return _document(name, error.code, _http_detail(error, error.code))
    if isinstance(error, DataError | psycopg2.DataError):
        return _document("bad-value", 422, _BAD_VALUE)
    if isinstance(error, _UNAVAILABLE) or _lost_connection(error):
        return _document("database-unavailable", 503, _NO_DATABASE)
    return _document("internal-server-error", 500, _FAILED)


# Bulk writes speak to the driver itself: its errors come as they are, not in SQLAlchemy's wrapping.
_UNAVAILABLE = (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError)
_FAILED = "Something went wrong on our side, and nothing was saved. Try again; the cause has been logged."
_NO_DATABASE = "The database cannot be reached, and nothing was saved. Try again in a moment."
_BAD_VALUE = "A value is too long, too large or not writable, and nothing was saved."
_STALE_FORM = "This page is out of date: you signed in or out since it was opened. Reload it and try again."
_FOREIGN_HOST = "Cellar does not answer under this host name. Its operator can add it to TRUSTED_HOSTS."
_HTTP_DETAILS = {
    404: "There is nothing at this address. Check it, or start from the list of workbooks.",
    405: "This address does not take that method.",
    500: _FAILED,
}


def _answer(error: Exception) -> ResponseReturnValue:
    """The answer to any exception that has a handler, in the shape its client reads."""
    db.abandon()  # what failed is over before the page below reads anything
    document = problem_of(error)
    status = document["status"]
    headers = _headers_of(error)
    if status >= 500 and not isinstance(error, HTTPException):  # Flask has logged what it made one of
        current_app.logger.error("%s %s: %s", request.method, request.path, status, exc_info=error)
    if wants_problem(request):
        response = current_app.json.response(document)
        response.status_code, response.mimetype = status, _PROBLEM
        response.headers.extend(headers)
        return response
    # The common page asks the database who is signed in, and the router for links: where either is out
    # of service (the router is, under a host that is not ours) the page stands alone.
    alone = status >= 500 or isinstance(error, SecurityError)
    template = "errors/failure.html" if alone else "errors/error.html"
    return render_template(template, problem=document), status, headers


def _document(type: str, status: int, detail: str, extras: dict[str, Any] | None = None) -> dict[str, Any]:
    """A problem document: RFC 9457's members, then ours."""
    title = type.replace("-", " ").capitalize()
    return {"type": type, "title": title, "status": status, "detail": detail, **(extras or {})}


def _conflict(conflict: CellConflict) -> dict[str, Any]:
    """A conflict as its cell and what to type for each of its three contents; None for an empty cell."""
    sheet, row, column, *contents = conflict
    entered = (_entered(cell, row, column) for cell in contents)
    return {
        "sheet": sheet,
        "cell": cell_name(row, column),
        **dict(zip(("base", "theirs", "yours"), entered, strict=True)),
    }


def _entered(cell: Cell, row: int, column: int) -> str | None:
    if cell.formula is not None:
        return f"={absolute(cell.formula, row, column)}"
    return None if cell.value is None else plain_text(cell.value)


def _lost_connection(error: Exception) -> bool:
    """Whether the database went away in mid-statement, which drivers tell as a plain DatabaseError."""
    return isinstance(error, DatabaseError) and error.connection_invalidated


def _http_detail(error: HTTPException, status: int) -> str:
    """What an HTTP error tells the user."""
    if isinstance(error, SecurityError):
        return _FOREIGN_HOST
    if status == 413 and current_app.config.get("UPLOAD_LIMIT"):
        limit = current_app.config["UPLOAD_LIMIT"] / 1_000_000
        return f"That is too large. A file may have up to {limit:,.0f} MB."
    if status == 429:
        return f"Too many tries ({error.description}). Wait a while, then try again."
    return _HTTP_DETAILS.get(status) or error.description or HTTPStatus(status).phrase


def _headers_of(error: Exception) -> list[tuple[str, str]]:
    """The headers an HTTP error asks for (Allow, Retry-After), and a hint when to come back."""
    if isinstance(error, _UNAVAILABLE) or _lost_connection(error):
        return [("Retry-After", "5")]
    if isinstance(error, HTTPException):
        return [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return []
