"""`flask user`: accounts from the command line."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

import click
from flask.cli import AppGroup

from app.models.user import User
from app.services import accounts

group = AppGroup("user", help="Make, list and change accounts.")

_Command = TypeVar("_Command", bound=Callable[..., None])


def _password_option(command: _Command) -> _Command:
    return click.option(
        "--password-stdin", is_flag=True, help="Read the password from standard input, not from a prompt."
    )(command)


@group.command("create")
@click.argument("email")
@click.option("--name", help="The name others see; the part of the address before the @ by default.")
@click.option("--admin", is_flag=True, help="Make it an administrator's account.")
@_password_option
def create(email: str, name: str | None, admin: bool, password_stdin: bool) -> None:
    """Make an account, also where registration is closed."""
    password = _password(password_stdin)
    try:
        user = accounts.create(email, name, password, admin, datetime.now(UTC))
    except (accounts.InvalidEmail, accounts.InvalidName, accounts.WeakPassword) as error:
        _fail(str(error))
    except accounts.EmailTaken:
        _fail(f"There is already an account for {email}.")
    click.echo(f"Made {'the administrator' if admin else 'the account'} {user.email}.")


@group.command("list")
def list_users() -> None:
    """List every account: e-mail, name, role and state, with tabs between them."""
    for user in accounts.all_users():
        role = "administrator" if user.is_admin else "user"
        state = "disabled" if user.disabled_at else "enabled"
        click.echo(f"{user.email}\t{user.name}\t{role}\t{state}")


@group.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Switch an account off and sign it out everywhere."""
    user = _user(email)
    try:
        accounts.disable(user, datetime.now(UTC))
    except accounts.LastAdministrator as error:
        _fail(str(error))
    click.echo(f"Disabled {user.email}.")


@group.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Switch an account on again."""
    user = _user(email)
    accounts.enable(user)
    click.echo(f"Enabled {user.email}.")


@group.command("promote")
@click.argument("email")
def promote(email: str) -> None:
    """Make a user an administrator."""
    user = _user(email)
    accounts.promote(user)
    click.echo(f"{user.email} is an administrator.")


@group.command("demote")
@click.argument("email")
def demote(email: str) -> None:
    """Make an administrator an ordinary user."""
    user = _user(email)
    try:
        accounts.demote(user)
    except accounts.LastAdministrator as error:
        _fail(str(error))
    click.echo(f"{user.email} is an ordinary user.")


@group.command("set-password")
@click.argument("email")
@_password_option
def set_password(email: str, password_stdin: bool) -> None:
    """Give an account another password and sign it out everywhere."""
    user = _user(email)
    try:
        accounts.set_password(user, _password(password_stdin), datetime.now(UTC))
    except accounts.WeakPassword as error:
        _fail(str(error))
    click.echo(f"Changed the password of {user.email}.")


def _user(email: str) -> User:
    try:
        return accounts.by_email(email)
    except accounts.UnknownUser as error:
        _fail(str(error))


def _password(from_stdin: bool) -> str:
    """The password typed twice, or the first line of standard input."""
    if not from_stdin:
        prompted: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return prompted
    try:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        _fail("The password on standard input is not UTF-8 text.")


def _fail(message: str) -> NoReturn:
    """End with exit code 1; click's own 2 means that the command line was wrong."""
    raise click.ClickException(message)
