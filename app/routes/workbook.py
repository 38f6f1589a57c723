"""The workbook page: the sheets of one revision in the grid."""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.routes.actor import actor
from app.services import access, history, originals, reports

blueprint = Blueprint("workbook", __name__, url_prefix="/workbooks/<uuid:workbook_id>")


@blueprint.get("")
def head(workbook_id: UUID) -> ResponseReturnValue:
    """The newest revision, which those who may can edit."""
    return _grid(workbook_id, None)


@blueprint.get("/revisions/<int:number>")
def revision(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """A revision as it was saved; one that is not the newest can only be read."""
    return _grid(workbook_id, number)


@blueprint.get("/revisions/<int:number>/file")
def report(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """What there is to say of the file that a revision came from."""
    told = reports.file_report(actor(), workbook_id, number)
    return render_template("workbook/report.html", report=told)


def _grid(workbook_id: UUID, number: int | None) -> ResponseReturnValue:
    workbook, role = access.workbook_for(actor(), workbook_id, "read")
    told = history.one_revision(actor(), workbook_id, workbook.head if number is None else number)
    source = originals.source(actor(), workbook_id, told.number)
    return render_template("workbook/grid.html", workbook=workbook, role=role, revision=told, source=source)
