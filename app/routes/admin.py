"""Administration: the history of all users, accounts, storage. For administrators alone."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.models.user import User
from app.routes.actor import actor, now
from app.services import accounts, administration
from app.services import storage as service

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

_SHOWN_WORKBOOKS = 100
_LONGEST_SEARCH = 200
_CSV_HEAD = (
    "Time (UTC)",
    "User",
    "E-mail",
    "Workbook",
    "Workbook id",
    "Revision",
    "Via",
    "With",
    "Cells changed",
    "Version name",
    "Message",
)
# A cell that starts with one of these may run as a formula where the file is opened in a spreadsheet
# (OWASP, "CSV Injection"). An apostrophe before it makes it the text it is.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/revisions")
def revisions() -> ResponseReturnValue:
    """The revisions of all users, the newest first; `after` is where the page begins."""
    filters = _filters()
    after = request.args.get("after")
    cursor = administration.Cursor.parse(after) if after else None
    return render_template(
        "admin/revisions.html",
        page=administration.history(actor(), filters, cursor),
        filters=filters,
        filtered=_filter_arguments(filters),
        first=cursor is None,
        vias=administration.VIAS,
    )


@blueprint.get("/revisions.csv")
def revisions_csv() -> ResponseReturnValue:
    """The same as CSV, without pages. Text that looks like a formula gets an apostrophe before it."""
    rows = administration.history_rows(actor(), _filters())
    name = f"cellar-revisions-{now():%Y-%m-%d}.csv"
    return Response(
        stream_with_context(_csv(rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@blueprint.get("/users")
def users() -> ResponseReturnValue:
    """Every account."""
    query = _text("q")
    page = administration.users(actor(), query, max(1, min(request.args.get("page", 1, type=int), 10**6)))
    return render_template("admin/users.html", page=page, query=query)


@blueprint.post("/users/<uuid:user_id>/disable")
def disable(user_id: UUID) -> ResponseReturnValue:
    """Switch an account off."""
    return _act(lambda: administration.disable(actor(), user_id, now()), "{} can no longer sign in.")


@blueprint.post("/users/<uuid:user_id>/enable")
def enable(user_id: UUID) -> ResponseReturnValue:
    """Switch an account on again."""
    return _act(lambda: administration.enable(actor(), user_id), "{} can sign in again.")


@blueprint.post("/users/<uuid:user_id>/promote")
def promote(user_id: UUID) -> ResponseReturnValue:
    """Make a user an administrator."""
    return _act(lambda: administration.promote(actor(), user_id), "{} is an administrator now.")


@blueprint.post("/users/<uuid:user_id>/demote")
def demote(user_id: UUID) -> ResponseReturnValue:
    """Make an administrator an ordinary user."""
    return _act(lambda: administration.demote(actor(), user_id), "{} is no longer an administrator.")


@blueprint.get("/storage")
def storage() -> ResponseReturnValue:
    """What workbooks and users take."""
    used = service.used(actor())
    return render_template("admin/storage.html", storage=used, shown=_SHOWN_WORKBOOKS)


def _act(do: Callable[[], User], done: str) -> ResponseReturnValue:
    """Do something to an account and go back to the list of them, saying what was done or why not."""
    try:
        user = do()
    except accounts.LastAdministrator as error:
        flash(str(error), "error")
    else:
        flash(done.format(user.name))
    if not actor().is_admin or actor().disabled_at:  # they did it to themselves
        return redirect(url_for("workbooks.index"), 303)
    return redirect(url_for("admin.users"), 303)


def _filters() -> administration.Filters:
    """The filters in the address. One that cannot be meant counts as not given."""
    via = request.args.get("via", "")
    return administration.Filters(
        user=_text("user"),
        workbook=_text("workbook"),
        via=via if via in administration.VIAS else "",
        since=_day("since"),
        until=_day("until"),
    )


def _filter_arguments(filters: administration.Filters) -> dict[str, Any]:
    """The filters as they stand in an address, without the empty ones."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in filters._asdict().items()
        if value
    }


def _text(name: str) -> str:
    return " ".join(request.args.get(name, "").split())[:_LONGEST_SEARCH]


def _day(name: str) -> date | None:
    try:
        return datetime.strptime(request.args.get(name, ""), "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _csv(rows: Iterator[administration.RecordedRevision]) -> Iterator[str]:
    """The file, some hundred lines at a time. The mark at its start tells Excel that it is UTF-8."""
    yield "\ufeff" + _lines([_CSV_HEAD])
    while batch := [_record(row) for row in islice(rows, 500)]:
        yield _lines(batch)


def _lines(records: list[tuple[Any, ...]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(records)
    return out.getvalue()


def _record(row: administration.RecordedRevision) -> tuple[Any, ...]:
    record = (
        row.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        row.author_name,
        row.author_email,
        row.workbook_name,
        row.workbook_id,
        row.number,
        row.via,
        row.via_detail,
        row.changed,
        row.name,
        row.message,
    )
    return tuple(_neutral(field) for field in record)


def _neutral(field: object) -> object:
    """The field as a spreadsheet shows it without running it."""
    return f"'{field}" if isinstance(field, str) and field.startswith(_FORMULA_STARTS) else field
