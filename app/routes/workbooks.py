"""The list of workbooks and what is done with one as a whole: create, rename, share, trash, purge, leave."""

from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.formats.guard import UnreadableFile
from app.forms.history import NewVersionForm
from app.forms.workbooks import NameForm, PurgeForm, ShareForm
from app.routes.actor import actor, local_target, now
from app.services import access, accounts, commits, imports, reuploads, sharing
from app.services import workbooks as service

blueprint = Blueprint("workbooks", __name__)

_SCOPES: dict[str | None, service.Scope] = {"0": "mine", "1": "shared"}
_UNTITLED = "Untitled workbook"


@blueprint.get("/")
def start() -> Response:
    """The front door leads to the list."""
    return redirect(url_for("workbooks.index"))


@blueprint.get("/workbooks")
def index() -> ResponseReturnValue:
    """The workbooks the user owns (`shared=0`), may see because others share them (`shared=1`), or both."""
    scope = _SCOPES.get(request.args.get("shared"), "all")
    query = request.args.get("q", "")[: service.MAX_NAME].strip()
    listed = service.list_workbooks(actor(), query, scope, _page_number())
    return render_template(
        "workbooks/index.html",
        listed=listed,
        query=query,
        scope=scope,
        upload_limit=current_app.config["UPLOAD_LIMIT"],
    )


@blueprint.route("/workbooks/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Ask for a name, and make a blank workbook of it."""
    form = NameForm(name=_UNTITLED)
    if form.validate_on_submit():
        try:
            workbook = imports.create_blank(actor(), uuid4(), form.name.data, now=now())
        except service.BadWorkbookName as error:
            form.name.errors = [str(error)]
        else:
            return redirect(url_for("workbook.head", workbook_id=workbook.id), 303)
    return _form_page("workbooks/new.html", form)


@blueprint.route("/workbooks/upload", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    """Upload one file where no script does it (see static/js/upload.js)."""
    refusal, status = None, 200
    if request.method == "POST":
        try:
            workbook_id = _read_in()
        except (UnreadableFile, service.BadWorkbookName) as error:
            refusal, status = str(error), 422
        else:
            return redirect(url_for("workbook.head", workbook_id=workbook_id), 303)
    return render_template(
        "workbooks/upload.html", refusal=refusal, upload_limit=current_app.config["UPLOAD_LIMIT"]
    ), status


@blueprint.route("/workbooks/<uuid:workbook_id>/rename", methods=["GET", "POST"])
def rename(workbook_id: UUID) -> ResponseReturnValue:
    """Ask for another name, and give it. `next` is where to go afterwards, the list by default."""
    workbook = access.workbook_for(actor(), workbook_id, "edit").workbook
    form = NameForm(name=workbook.name)
    target = local_target(request.args.get("next"))
    if form.validate_on_submit():
        try:
            name = service.rename(actor(), workbook_id, form.name.data)
        except service.BadWorkbookName as error:
            form.name.errors = [str(error)]
        else:
            flash(f"Renamed to “{name}”.")
            return redirect(target or url_for("workbooks.index"), 303)
    return _form_page("workbooks/rename.html", form, workbook=workbook, next=target)


@blueprint.route("/workbooks/<uuid:workbook_id>/upload", methods=["GET", "POST"])
def new_version(workbook_id: UUID) -> ResponseReturnValue:
    """Ask for a file, and make it the workbook's next revision. Where scripts run the file goes to the API
    (see static/js/new-version.js)."""
    workbook = access.workbook_for(actor(), workbook_id, "edit").workbook
    form = NewVersionForm(base=workbook.head)
    problem: str | None = None
    if form.validate_on_submit():
        try:
            done = _replace(workbook_id, form)
        except (UnreadableFile, commits.MessageTooLong) as error:
            problem = str(error)
        except reuploads.HeadMoved as error:
            problem = str(error)
            form.base.data, form.base.raw_data = error.head, None
        else:
            if done.made:
                flash(f"The file is revision {done.revision.number} now.")
            else:
                flash("The workbook already holds what the file says.", "info")
            return redirect(url_for("workbook.head", workbook_id=workbook_id), 303)
    page = render_template(
        "workbooks/new_version.html",
        form=form,
        workbook=workbook,
        problem=problem,
        upload_limit=current_app.config["UPLOAD_LIMIT"],
    )
    return page, 422 if problem or form.errors else 200


@blueprint.get("/workbooks/trash")
def trash_list() -> ResponseReturnValue:
    """The user's workbooks in the trash."""
    return render_template("workbooks/trash.html", listed=service.list_trash(actor(), _page_number()))


@blueprint.post("/workbooks/<uuid:workbook_id>/trash")
def trash(workbook_id: UUID) -> ResponseReturnValue:
    """Move a workbook to the trash."""
    workbook = service.trash(actor(), workbook_id, now())
    flash(f"“{workbook.name}” is in the trash.")
    return redirect(url_for("workbooks.index"), 303)


@blueprint.post("/workbooks/<uuid:workbook_id>/untrash")
def untrash(workbook_id: UUID) -> ResponseReturnValue:
    """Take a workbook out of the trash."""
    workbook = service.untrash(actor(), workbook_id)
    flash(f"“{workbook.name}” is back among your workbooks.")
    return redirect(url_for("workbooks.trash_list"), 303)


@blueprint.route("/workbooks/<uuid:workbook_id>/purge", methods=["GET", "POST"])
def purge(workbook_id: UUID) -> ResponseReturnValue:
    """Ask for the name of a workbook in the trash, and purge it where it is typed right."""
    workbook = access.workbook_for(actor(), workbook_id, "own").workbook
    if workbook.trashed_at is None:
        raise service.NotInTrash
    form = PurgeForm()
    if form.validate_on_submit():
        try:
            name = service.purge(actor(), workbook_id, form.name.data)
        except service.NameNotConfirmed as error:
            form.name.errors = [str(error)]
        else:
            flash(f"“{name}” and its history are gone for good.")
            return redirect(url_for("workbooks.trash_list"), 303)
    return _form_page("workbooks/purge.html", form, workbook=workbook)


@blueprint.route("/workbooks/<uuid:workbook_id>/leave", methods=["GET", "POST"])
def leave(workbook_id: UUID) -> ResponseReturnValue:
    """Ask whether to give up a workbook that somebody else shares, and do so."""
    workbook = access.workbook_for(actor(), workbook_id, "read").workbook
    if request.method == "POST":
        name = workbook.name
        sharing.leave(actor(), workbook_id)
        flash(f"You left “{name}”.")
        return redirect(url_for("workbooks.index"), 303)
    return render_template("workbooks/leave.html", workbook=workbook)


@blueprint.route("/workbooks/<uuid:workbook_id>/sharing", methods=["GET", "POST"])
def members(workbook_id: UUID) -> ResponseReturnValue:
    """Who sees the workbook. Its owner adds people here."""
    workbook, role = access.workbook_for(actor(), workbook_id, "read")
    form = ShareForm()
    if form.validate_on_submit():
        try:
            member = sharing.share(actor(), workbook_id, form.email.data, form.role.data, now())
        except (accounts.UnknownUser, sharing.CannotShareWithOwner) as error:
            form.email.errors = [str(error)]
        else:
            may = "edit" if member.role == "editor" else "view"
            flash(f"{member.name} may {may} this workbook now.")
            return redirect(url_for("workbooks.members", workbook_id=workbook_id), 303)
    people = sharing.members(actor(), workbook_id)
    return _form_page("workbooks/members.html", form, workbook=workbook, role=role, members=people)


@blueprint.post("/workbooks/<uuid:workbook_id>/sharing/<uuid:user_id>/change")
def change_member(workbook_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Give a member another role."""
    sharing.change(actor(), workbook_id, user_id, request.form.get("role", ""))
    flash("The role was changed.")
    return redirect(url_for("workbooks.members", workbook_id=workbook_id), 303)


@blueprint.post("/workbooks/<uuid:workbook_id>/sharing/<uuid:user_id>/withdraw")
def withdraw_member(workbook_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Stop sharing with a member."""
    sharing.withdraw(actor(), workbook_id, user_id)
    flash("The workbook is no longer shared with them.")
    return redirect(url_for("workbooks.members", workbook_id=workbook_id), 303)


def _chosen() -> tuple[BinaryIO, str]:
    """The request's file and its name. Raises UnreadableFile where none was chosen."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise UnreadableFile("empty", "Choose a file to upload.")
    return cast(BinaryIO, file.stream), file.filename


def _read_in() -> UUID:
    """Read the request's file in to its end; the new workbook. Raises UnreadableFile and BadWorkbookName."""
    file, name = _chosen()
    reading = imports.import_file(
        actor(),
        uuid4(),
        file,
        name,
        limits=current_app.config["FILE_LIMITS"],
        now=now(),
        keep_original=current_app.config["KEEP_ORIGINALS"],
    )
    return imports.finish(reading).id


def _replace(workbook_id: UUID, form: NewVersionForm) -> commits.Committed:
    """Read the form's file in; raises what `reuploads.reupload` does."""
    file, name = _chosen()
    reading = reuploads.reupload(
        actor(),
        workbook_id,
        file,
        name,
        limits=current_app.config["FILE_LIMITS"],
        now=now(),
        base=form.base.data,
        key=form.request_key(),
        message=form.message.data,
        keep_original=current_app.config["KEEP_ORIGINALS"],
    )
    return imports.finish(reading)


def _page_number() -> int:
    return max(1, min(request.args.get("page", 1, type=int), 10**6))


def _form_page(template: str, form: Any, **context: Any) -> ResponseReturnValue:
    """A page with a form: 422 where what was sent needs mending."""
    return render_template(template, form=form, **context), 422 if form.errors else 200
