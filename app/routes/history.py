"""Version history: what each revision changed, and the ways back: restore, revert, download, name."""

from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.forms.history import GoBackForm, VersionNameForm
from app.routes.actor import actor, now
from app.routes.download import download as send
from app.services import access, commits, history, originals, restores

blueprint = Blueprint("history", __name__, url_prefix="/workbooks/<uuid:workbook_id>")


@blueprint.get("/history")
def index(workbook_id: UUID) -> ResponseReturnValue:
    """The revisions below `before`, the newest first, by day (in UTC; a script puts them into local days)."""
    before = request.args.get("before", type=int)
    page = history.list_revisions(actor(), workbook_id, before)
    days = [(day, list(items)) for day, items in groupby(page.items, lambda item: item.created_at.date())]
    return render_template(
        "history/index.html",
        workbook=page.workbook,
        role=page.role,
        days=days,
        next=page.next,
        first=before is None,
    )


@blueprint.get("/history/<int:number>")
def revision(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """One revision and every cell it changed."""
    page = max(1, min(request.args.get("page", 1, type=int), 10**9))
    changes = history.changes(actor(), workbook_id, number, page)
    return render_template(
        "history/revision.html",
        workbook=changes.workbook,
        role=changes.role,
        revision=changes.revision,
        changes=changes,
    )


@blueprint.route("/revisions/<int:number>/restore", methods=["GET", "POST"])
def restore(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """Ask whether to make an earlier state the newest again, and do so."""
    form = GoBackForm()
    if form.validate_on_submit():
        try:
            done = restores.restore(
                actor(), workbook_id, number, now=now(), key=form.request_key(), message=form.message.data
            )
        except commits.MessageTooLong as error:
            form.message.errors = [str(error)]
        else:
            if done.made:
                flash(f"Revision {number} is back, as revision {done.revision.number}.")
            else:
                flash(f"The workbook already is what it was in revision {number}.", "info")
            return redirect(url_for("history.index", workbook_id=workbook_id), 303)
    return _form_page("history/restore.html", workbook_id, number, form)


@blueprint.route("/revisions/<int:number>/revert", methods=["GET", "POST"])
def revert(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """Ask whether to undo what one revision changed, and do so; a page tells what stands in the way."""
    form = GoBackForm()
    if form.validate_on_submit():
        try:
            done = restores.revert(
                actor(), workbook_id, number, now=now(), key=form.request_key(), message=form.message.data
            )
        except commits.MessageTooLong as error:
            form.message.errors = [str(error)]
        except commits.Conflict as error:
            conflicts = history.tell_conflicts(actor(), workbook_id, error.conflicts)
            page = _page("history/conflicts.html", workbook_id, number, conflicts=conflicts)
            return page, 409
        else:
            if done.made:
                flash(f"Revision {number} was reverted by revision {done.revision.number}.")
            else:
                flash(f"Nothing is left to revert of revision {number}.", "info")
            return redirect(url_for("history.index", workbook_id=workbook_id), 303)
    return _form_page("history/revert.html", workbook_id, number, form)


@blueprint.route("/revisions/<int:number>/name", methods=["GET", "POST"])
def name(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """Ask for a name for a revision, and give it."""
    form = VersionNameForm(name=history.one_revision(actor(), workbook_id, number).name)
    if form.validate_on_submit():
        try:
            given = history.set_name(actor(), workbook_id, number, form.name.data or "", now())
        except history.BadVersionName as error:
            form.name.errors = [str(error)]
        else:
            flash(f"Revision {number} is “{given}” now." if given else f"Revision {number} has no name now.")
            return redirect(url_for("history.index", workbook_id=workbook_id), 303)
    return _form_page("history/name.html", workbook_id, number, form)


@blueprint.get("/revisions/<int:number>/download")
def download(workbook_id: UUID, number: int) -> ResponseReturnValue:
    """A revision as a file; without a `format`, the choice of them."""
    if "format" in request.args:
        return send(workbook_id, number)
    workbook = access.workbook_for(actor(), workbook_id, "read").workbook
    sheets = history.sheets(actor(), workbook_id, number)
    source = originals.source(actor(), workbook_id, number)
    return render_template(
        "history/download.html", workbook=workbook, number=number, sheets=sheets, source=source
    )


def _page(template: str, workbook_id: UUID, number: int, **context: Any) -> str:
    """A page about one revision of a workbook."""
    workbook = access.workbook_for(actor(), workbook_id, "read").workbook
    told = history.one_revision(actor(), workbook_id, number)
    return render_template(template, workbook=workbook, revision=told, **context)


def _form_page(template: str, workbook_id: UUID, number: int, form: Any) -> ResponseReturnValue:
    """A page with a form: 422 where what was sent needs mending."""
    return _page(template, workbook_id, number, form=form), 422 if form.errors else 200
