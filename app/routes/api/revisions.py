"""Revisions: the history, commits, restore and revert, names, files."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.routes.actor import actor, now
from app.routes.api.body import BackBody, EditBody, NameBody, body
from app.routes.api.workbooks import listed_sheets, workbook_document
from app.routes.download import download
from app.services import editing, history, reports, restores, revisions
from app.services.commits import Committed
from app.services.history import ListedRevision
from app.services.revisions import open_revision
from app.services.windows import View
from app.sheet.step import CellStep, SheetChanged

blueprint = Blueprint("api_revisions", __name__, url_prefix="/api/v1/workbooks/<uuid:workbook_id>")

_ECHOED_CELLS = 5_000
"""Changed cells that the answer to a commit shows; a client reads more as windows."""
_MOST_LISTED = 200


@blueprint.get("/revisions")
def index(workbook_id: UUID) -> ResponseReturnValue:
    """The revisions below `before`, the newest first."""
    size = max(1, min(request.args.get("limit", history.PAGE_SIZE, type=int), _MOST_LISTED))
    page = history.list_revisions(actor(), workbook_id, request.args.get("before", type=int), size)
    return jsonify(items=[_listed(item) for item in page.items], next=page.next)


@blueprint.post("/revisions")
def commit(workbook_id: UUID) -> ResponseReturnValue:
    """Operations on a base revision become the next one."""
    edit = body(EditBody)
    made = editing.edit(
        actor(),
        workbook_id,
        edit.base,
        edit.requests(),
        now=now(),
        via="grid",
        key=edit.key,
        message=edit.message,
    )
    return _answer(made)


@blueprint.post("/restore")
def restore(workbook_id: UUID) -> ResponseReturnValue:
    """The whole state of an earlier revision becomes the newest."""
    back = body(BackBody)
    made = restores.restore(
        actor(), workbook_id, back.revision, now=now(), key=back.key, message=back.message
    )
    return _answer(made)


@blueprint.post("/revert")
def revert(workbook_id: UUID) -> ResponseReturnValue:
    """What one revision changed is undone; what came later stays."""
    back = body(BackBody)
    made = restores.revert(actor(), workbook_id, back.revision, now=now(), key=back.key, message=back.message)
    return _answer(made)


@blueprint.get("/revisions/head", defaults={"number": None})
@blueprint.get("/revisions/<int:number>")
def one(workbook_id: UUID, number: int | None) -> ResponseReturnValue:
    """One revision, and the sheets the workbook had then."""
    opened = open_revision(actor(), workbook_id, number)
    listed = history.one_revision(actor(), workbook_id, opened.revision.number)
    return {**workbook_document(opened), "revision": _listed(listed)}


@blueprint.patch("/revisions/<int:number>")
def name(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """A revision gets a name, another one, or none."""
    history.set_name(actor(), workbook_id, number, body(NameBody).name, now())
    return _listed(history.one_revision(actor(), workbook_id, number))


@blueprint.get("/revisions/<int:number>/changes")
def changes(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """The cells a revision changed, page by page."""
    page = request.args.get("page", 1, type=int)
    found = history.changes(actor(), workbook_id, number, max(1, min(page, 10**9)))
    following = found.page + 1 if found.page < found.pages else None
    return jsonify(changes=[change._asdict() for change in found.items], total=found.total, next=following)


@blueprint.get("/revisions/head/report", defaults={"number": None})
@blueprint.get("/revisions/<int:number>/report")
def report(workbook_id: UUID, number: int | None) -> ResponseReturnValue:
    """The file that a revision came from, and what it holds."""
    told = reports.file_report(actor(), workbook_id, number)
    source = told.source
    file = source and {"name": source.name, "size": source.size, "sha256": source.sha256.hex()}
    return {
        "file": file,
        "report": told.raw,
        "shown": [what for _, what in told.shown],
        "carried": [what for _, what in told.carried],
        "notes": told.notes,
    }


@blueprint.get("/revisions/head/export", defaults={"number": None})
@blueprint.get("/revisions/<int:number>/export")
def export(workbook_id: UUID, number: int | None) -> ResponseReturnValue:
    """A revision as a file."""
    return download(workbook_id, number)


def _answer(made: Committed) -> ResponseReturnValue:
    """What a commit did: its number, and the cells that changed as they are now at that revision."""
    state = revisions.state_of(made.revision)
    cells: list[dict[str, Any]] = []
    styles: dict[str, Any] = {}
    steps = revisions.changeset_of(made.revision).steps if made.made else ()
    told = sum(step.total for step in steps if isinstance(step, CellStep)) <= _ECHOED_CELLS
    for step in steps:
        if isinstance(step, CellStep) and told:
            window = View(state, step.sheet).cells([change[:2] for change in step.changes()])
            cells += [{"sheet": step.sheet, **row} for row in window.rows]
            styles.setdefault(str(step.sheet), {}).update(window.styles)
    whole = not told or any(not isinstance(step, CellStep) for step in steps)
    answer = {
        "number": made.revision.number,
        "base": made.base,
        "made": made.made,
        # What is not echoed must be read again, as after somebody else's revision.
        "rebased": made.rebased or whole,
        "cells": cells,
        "styles": styles,
        "stale": state.manifest.stale,
    }
    if any(isinstance(step, SheetChanged) for step in steps):
        answer["sheets"] = listed_sheets(state)
    return answer, 201 if made.made else 200


def _listed(item: ListedRevision) -> dict[str, Any]:
    told = asdict(item)
    told["created_at"] = item.created_at.isoformat()
    told["author_id"] = str(item.author_id)
    return told
