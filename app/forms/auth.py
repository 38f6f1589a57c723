"""Forms of accounts: what a field may look like. What an account may be, `services.accounts` says."""

from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from app.forms.base import TextForm
from app.services.accounts import LONGEST_NAME, LONGEST_PASSWORD, SHORTEST_PASSWORD

_LONGEST_EMAIL = 320

# The browsers' own checks are given the limits too; the tokens tell password managers which is which.
_NEW = {"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD}
_CURRENT = {"autocomplete": "current-password"}


class RegisterForm(TextForm):
    """A new account."""

    name = StringField(
        "Name",
        [DataRequired("Give the name others will see."), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "name", "autofocus": True},
    )
    email = EmailField(
        "E-mail",
        [DataRequired("Give your e-mail address."), Length(max=_LONGEST_EMAIL)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Choose a password."), Length(max=LONGEST_PASSWORD)],
        render_kw=_NEW,
    )


class SignInForm(TextForm):
    """Coming in."""

    email = EmailField(
        "E-mail",
        [DataRequired("Give your e-mail address."), Length(max=_LONGEST_EMAIL)],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Give your password."), Length(max=LONGEST_PASSWORD)],
        render_kw=_CURRENT,
    )
    remember = BooleanField("Remember me on this device")


class PasswordForm(TextForm):
    """Another password."""

    current = PasswordField(
        "Current password",
        [InputRequired("Give your current password."), Length(max=LONGEST_PASSWORD)],
        render_kw=_CURRENT,
    )
    new = PasswordField(
        "New password",
        [InputRequired("Choose a new password."), Length(max=LONGEST_PASSWORD)],
        render_kw=_NEW,
    )
    repeated = PasswordField(
        "New password again",
        [InputRequired("Repeat the new password."), EqualTo("new", "The two passwords differ.")],
        render_kw=_NEW,
    )
