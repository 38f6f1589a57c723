"""Sheets of any revision: layout, and windows of cells."""

from uuid import UUID

import msgspec
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.routes.actor import actor
from app.services.revisions import open_revision
from app.services.windows import View
from app.sheet.address import MAX_COLUMNS, MAX_ROWS

blueprint = Blueprint("api_sheets", __name__, url_prefix="/api/v1/workbooks/<uuid:workbook_id>/revisions")


@blueprint.get("/head/sheets/<int:sheet>/layout", defaults={"number": None})
@blueprint.get("/<int:number>/sheets/<int:sheet>/layout")
def layout(workbook_id: UUID, number: int | None, sheet: int) -> ResponseReturnValue:
    """Sizes, merges and panes of a sheet, and how far it is filled."""
    opened = open_revision(actor(), workbook_id, number)
    return {"revision": opened.revision.number, "sheet": sheet, **View(opened.state, sheet).layout()}


@blueprint.get("/head/sheets/<int:sheet>/rows", defaults={"number": None})
@blueprint.get("/<int:number>/sheets/<int:sheet>/rows")
def rows(workbook_id: UUID, number: int | None, sheet: int) -> ResponseReturnValue:
    """`count` rows from `start` on, and `columns` columns from `first_column` on, all zero-based."""
    opened = open_revision(actor(), workbook_id, number)
    start = _within("start", 0, MAX_ROWS - 1)
    first_column = _within("first_column", 0, MAX_COLUMNS - 1)
    count = min(_within("count", 100, MAX_ROWS), MAX_ROWS - start)
    columns = min(_within("columns", MAX_COLUMNS, MAX_COLUMNS), MAX_COLUMNS - first_column)
    window = View(opened.state, sheet).window(start, count, first_column, columns)
    answer = {
        "revision": opened.revision.number,
        "sheet": sheet,
        "start": start,
        "count": count,
        "rows": window.rows,
        "styles": window.styles,
        **window.annotations,
    }
    return Response(msgspec.json.encode(answer), mimetype="application/json", headers=_kept(number))


def _within(name: str, default: int, most: int) -> int:
    """A number of the query, from 0 to `most`; the default where there is none or it is no number."""
    return max(0, min(request.args.get(name, default, type=int), most))


def _kept(number: int | None) -> dict[str, str]:
    """A numbered revision never changes: the browser that read a window may keep it."""
    return {} if number is None else {"Cache-Control": "private, max-age=3600, immutable"}
