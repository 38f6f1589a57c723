"""The signed-in user's own account: password and sessions."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.extensions import limiter
from app.forms.auth import PasswordForm
from app.routes import actor
from app.services import accounts, sessions
from app.services.devices import device_name

blueprint = Blueprint("account", __name__, url_prefix="/account")

_TRIES = "10 per 15 minutes"


def _who() -> str:
    return f"password of {actor.actor().id}"


def _failed(response: Response) -> bool:
    return response.status_code == 422


@blueprint.route("", methods=["GET", "POST"])
@limiter.limit(_TRIES, key_func=_who, methods=["POST"], deduct_when=_failed)
def index() -> ResponseReturnValue:
    """The account: its open sessions, and a form for another password."""
    user, session = actor.actor(), actor.actor_session()
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            accounts.change_password(user, form.current.data, form.new.data, session.id, actor.now())
        except accounts.WrongPassword as error:
            form.current.errors = [str(error)]
        except accounts.WeakPassword as error:
            form.new.errors = [str(error)]
        else:
            flash("Your password is changed. Every other device has been signed out.")
            return redirect(url_for("account.index"))
    listed = [(row, device_name(row.user_agent)) for row in sessions.open_sessions(user, actor.now())]
    page = render_template("auth/account.html", form=form, user=user, sessions=listed, this_session=session)
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/sessions/<uuid:session_id>/revoke")
def revoke_session(session_id: UUID) -> ResponseReturnValue:
    """Sign one device out; where it is this one, the sign-in page follows."""
    sessions.revoke(actor.actor(), session_id, actor.now())
    flash("That device is signed out.")
    return redirect(url_for("account.index"))
