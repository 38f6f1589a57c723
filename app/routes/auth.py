"""Registering, signing in and signing out."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user

from app.extensions import limiter
from app.forms.auth import RegisterForm, SignInForm
from app.routes import actor
from app.services import accounts

blueprint = Blueprint("auth", __name__)

# Failed tries only: whoever knows the password is never shut out by their own sign-ins. The limit by
# address and account slows guessing at one, the limit by address slows trying one password on many.
# An account as such is never locked, since then anybody could lock out anybody.
_TRIES_ON_ACCOUNT = "10 per 5 minutes"
_TRIES_FROM_ADDRESS = "100 per hour"
_REGISTRATIONS = "30 per hour"


def _account_tried() -> str:
    return f"{get_remote_address()} {request.form.get('email', '').strip().lower()[:320]}"


def _failed(response: Response) -> bool:
    return response.status_code in (401, 403)


@blueprint.route("/register", methods=["GET", "POST"])
@limiter.limit(_REGISTRATIONS, methods=["POST"])
def register() -> ResponseReturnValue:
    """The form for a new account; whoever made one is signed in."""
    registration = current_app.config["REGISTRATION"]
    if current_user.is_authenticated:
        return redirect(url_for("workbooks.index"))
    if registration != "open":
        raise accounts.RegistrationClosed
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            user = accounts.register(
                form.email.data, form.name.data, form.password.data, registration, actor.now()
            )
        except (accounts.InvalidEmail, accounts.EmailTaken) as error:
            form.email.errors = [str(error)]
        except accounts.InvalidName as error:
            form.name.errors = [str(error)]
        except accounts.WeakPassword as error:
            form.password.errors = [str(error)]
        else:
            actor.sign_in(user, remember=False)
            return redirect(_target())
    page = render_template("auth/register.html", form=form, next=_wanted(), first=not accounts.any_account())
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(_TRIES_ON_ACCOUNT, key_func=_account_tried, methods=["POST"], deduct_when=_failed)
@limiter.limit(_TRIES_FROM_ADDRESS, methods=["POST"], deduct_when=_failed)
def sign_in() -> ResponseReturnValue:
    """The form for coming in; `next` is the page the visitor wanted."""
    if current_user.is_authenticated and request.method == "GET":
        return redirect(_target())
    form = SignInForm()
    problem, status = None, 200
    if form.validate_on_submit():
        try:
            user = accounts.authenticate(form.email.data, form.password.data)
        except accounts.WrongCredentials as error:
            problem, status = str(error), 401
        except accounts.AccountDisabled as error:
            problem, status = str(error), 403
        else:
            actor.sign_in(user, remember=form.remember.data)
            return redirect(_target())
    elif form.is_submitted():
        status = 422
    registration_open = current_app.config["REGISTRATION"] == "open"
    page = render_template(
        "auth/sign_in.html",
        form=form,
        problem=problem,
        next=_wanted(),
        registration_open=registration_open,
        first=not accounts.any_account(),
    )
    return page, status


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    actor.sign_out()
    return redirect(url_for("auth.sign_in"))


def _wanted() -> str | None:
    """The page of ours the visitor was on the way to."""
    return actor.local_target(request.args.get("next"))


def _target() -> str:
    return _wanted() or url_for("workbooks.index")
