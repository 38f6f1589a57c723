"""Workbooks: list, upload, new, one."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from app.models.user import User
from app.models.workbook import Workbook
from app.routes.actor import actor, now
from app.routes.api.body import NameBody, UploadBody, body, form
from app.routes.api.reading import answer, uploaded
from app.services import imports, reuploads, workbooks
from app.services.commits import Committed
from app.services.revisions import OpenRevision, open_revision
from app.services.windows import tab_colors
from app.services.workbooks import ListedWorkbook
from app.store.state import State

blueprint = Blueprint("api_workbooks", __name__, url_prefix="/api/v1/workbooks")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The workbooks the user owns or may see, the last changed first; `q` is part of their name."""
    page = request.args.get("cursor", 1, type=int)
    listed = workbooks.list_workbooks(actor(), request.args.get("q", ""), page=max(1, min(page, 10**9)))
    following = listed.page + 1 if listed.page < listed.pages else None
    return jsonify(items=[_listed(item) for item in listed.items], next=following, total=listed.total)


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Make a workbook of an uploaded file (multipart, field `file`), or a blank one (JSON with a `name`)."""
    if request.mimetype != "multipart/form-data":
        return _created(actor(), imports.create_blank(actor(), uuid4(), body(NameBody).name, now=now()))
    file, file_name = uploaded()
    importing = imports.import_file(
        actor(),
        uuid4(),
        file,
        file_name,
        limits=current_app.config["FILE_LIMITS"],
        now=now(),
        name=request.form.get("name") or None,
        keep_original=current_app.config["KEEP_ORIGINALS"],
    )
    return answer(file, importing, partial(_created, actor()))


@blueprint.post("/<uuid:workbook_id>/upload")
def replace(workbook_id: UUID) -> ResponseReturnValue:
    """An uploaded file (multipart, field `file`; with `base`, `key`, `message`) becomes the next revision."""
    fields = form(UploadBody)
    file, file_name = uploaded()
    reading = reuploads.reupload(
        actor(),
        workbook_id,
        file,
        file_name,
        limits=current_app.config["FILE_LIMITS"],
        now=now(),
        base=fields.base,
        key=fields.key,
        message=fields.message,
        keep_original=current_app.config["KEEP_ORIGINALS"],
    )
    return answer(file, reading, partial(_replaced, actor(), workbook_id))


@blueprint.get("/<uuid:workbook_id>")
def one(workbook_id: UUID) -> ResponseReturnValue:
    """A workbook, its head and the head's sheets."""
    return workbook_document(open_revision(actor(), workbook_id, None))


def workbook_document(opened: OpenRevision) -> dict[str, Any]:
    """A workbook at a revision, JSON-ready."""
    workbook, role, _, state = opened
    return {
        "id": str(workbook.id),
        "name": workbook.name,
        "role": role,
        "head": workbook.head,
        "format": workbook.format,
        "updated_at": workbook.updated_at.isoformat(),
        "stale": state.manifest.stale,
        "sheets": listed_sheets(state),
    }


def listed_sheets(state: State) -> list[dict[str, Any]]:
    """The sheets of a state, JSON-ready."""
    colors = tab_colors(state)
    return [
        {
            "id": sheet.id,
            "name": sheet.name,
            "state": sheet.state,
            "kind": sheet.kind,
            "rows": sheet.rows.count,
            "columns": sheet.columns,
            **({"color": colors[sheet.id]} if sheet.id in colors else {}),
        }
        for sheet in state.sheets
    ]


def _created(user: User, workbook: Workbook) -> tuple[dict[str, Any], int]:
    """The answer to a new workbook."""
    return _read_in(open_revision(user, workbook.id, None)), 201


def _replaced(user: User, workbook_id: UUID, made: Committed) -> tuple[dict[str, Any], int]:
    """The answer to a new version: the workbook as it is, and whether that is new."""
    opened = open_revision(user, workbook_id, made.revision.number)
    told = {**_read_in(opened), "number": made.revision.number, "base": made.base, "made": made.made}
    return {**told, "changed": made.revision.changed if made.made else 0}, 201 if made.made else 200


def _read_in(opened: OpenRevision) -> dict[str, Any]:
    """A workbook whose file was read in."""
    address = url_for("workbook.head", workbook_id=opened.workbook.id)
    return {**workbook_document(opened), "url": address, "report": opened.state.report}


def _listed(item: ListedWorkbook) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "name": item.name,
        "role": item.role,
        "owner": item.owner_name,
        "head": item.head,
        "format": item.format,
        "updated_at": item.updated_at.isoformat(),
    }
