"""Workbooks: list, upload, new, one."""

import json
from collections.abc import Generator, Iterator
from io import BytesIO
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

from flask import Blueprint, Response, current_app, jsonify, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.errors import problem_of
from app.models.user import User
from app.models.workbook import Workbook
from app.routes.actor import actor, now
from app.routes.api.body import BadBody, NameBody, body
from app.services import imports, workbooks
from app.services.revisions import OpenRevision, open_revision
from app.services.workbooks import ListedWorkbook

blueprint = Blueprint("api_workbooks", __name__, url_prefix="/api/v1/workbooks")

_LINES = "application/x-ndjson"


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The workbooks the user owns or may see, the last changed first; `q` is part of their name."""
    page = request.args.get("cursor", 1, type=int)
    listed = workbooks.list_workbooks(actor(), request.args.get("q", ""), page=max(1, min(page, 10**9)))
    following = listed.page + 1 if listed.page < listed.pages else None
    return jsonify(items=[_listed(item) for item in listed.items], next=following, total=listed.total)


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Make a workbook of an uploaded file (multipart, field `file`), or a blank one (JSON with a `name`).

    A client that accepts application/x-ndjson is told how far reading in is, line by line; the last
    line has the workbook or the problem.
    """
    if request.mimetype != "multipart/form-data":
        workbook = imports.create_blank(actor(), uuid4(), body(NameBody).name, now=now())
        return _created(workbook, open_revision(actor(), workbook.id, None)), 201
    upload = request.files.get("file")
    if upload is None:
        raise BadBody("a multipart request needs the file in its field “file”")
    importing = _importing(upload, request.form.get("name") or None)
    if request.accept_mimetypes.best_match([_LINES, "application/json"], "application/json") == _LINES:
        return Response(stream_with_context(_told(actor(), importing)), mimetype=_LINES)
    workbook = imports.finish(importing)
    return _created(workbook, open_revision(actor(), workbook.id, None)), 201


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
        "sheets": [
            {
                "id": sheet.id,
                "name": sheet.name,
                "state": sheet.state,
                "kind": sheet.kind,
                "rows": sheet.rows.count,
                "columns": sheet.columns,
            }
            for sheet in state.sheets
        ],
    }


def _created(workbook: Workbook, opened: OpenRevision) -> dict[str, Any]:
    """The answer to a new workbook."""
    address = url_for("workbook.head", workbook_id=workbook.id)
    return {**workbook_document(opened), "url": address, "report": opened.state.report}


def _importing(upload: FileStorage, name: str | None) -> Generator[float, None, Workbook]:
    """An uploaded file on its way in; see `imports.import_file`."""
    # A request closes its files when it ends, which is before a streamed answer begins.
    file, upload.stream = cast(BinaryIO, upload.stream), BytesIO()
    limits = current_app.config["FILE_LIMITS"]
    file_name = upload.filename or "upload"
    keep = current_app.config["KEEP_ORIGINALS"]
    importing = imports.import_file(
        actor(), uuid4(), file, file_name, limits=limits, now=now(), name=name, keep_original=keep
    )
    return _closing(file, importing)


def _closing(file: BinaryIO, importing: Generator[float, None, Workbook]) -> Generator[float, None, Workbook]:
    with file:
        return (yield from importing)


def _told(user: User, importing: Generator[float, None, Workbook]) -> Iterator[str]:
    """Lines of progress; the status has gone out before, so a failure is told in the last line."""
    told = 0.0
    try:
        while True:
            progress = next(importing)
            if progress >= told + 0.01:
                told = progress
                yield json.dumps({"progress": round(progress, 3)}) + "\n"
    except StopIteration as made:
        opened = open_revision(user, made.value.id, None)
        yield json.dumps({"workbook": _created(made.value, opened)}) + "\n"
    except Exception as error:
        problem = problem_of(error)
        if problem["status"] >= 500:
            current_app.logger.exception("an upload failed")
        yield json.dumps({"problem": problem}) + "\n"


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
