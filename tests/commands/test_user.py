"""Claims about `flask user`."""

import pytest
from click.testing import Result
from flask import Flask

from app.services import accounts
from tests.factories import PASSWORD, make_user, sign_in

_NEW = "pale-heron-stove"


def _run(app: Flask, *arguments: str, typed: str | bytes | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["user", *arguments], input=typed)


def test_create_administrator(app: Flask) -> None:
    """The operator makes an administrator, also where registration is closed."""
    app.config["REGISTRATION"] = "closed"
    result = _run(app, "create", "Root@example.org", "--admin", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (result.exit_code, result.output) == (0, "Made the administrator root@example.org.\n")
    with app.app_context():
        user = accounts.authenticate("root@example.org", PASSWORD)
        assert (user.is_admin, user.name) == (True, "Root")


def test_create_asks_for_the_password_twice(app: Flask) -> None:
    """Without --password-stdin the password is typed twice, unseen; where the two differ it is asked anew."""
    typed = f"{PASSWORD}\ndifferent\n{PASSWORD}\n{PASSWORD}\n"
    result = _run(app, "create", "alice@example.org", "--name", "Alice", typed=typed)
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    with app.app_context():
        assert not accounts.authenticate("alice@example.org", PASSWORD).is_admin


def test_first_account_made_here_is_as_asked(app: Flask) -> None:
    """An account made without --admin is an ordinary one, even the first."""
    _run(app, "create", "alice@example.org", "--password-stdin", typed=PASSWORD)
    with app.app_context():
        assert not accounts.by_email("alice@example.org").is_admin


@pytest.mark.parametrize(
    ("arguments", "typed", "message"),
    [
        (["create", "no address", "--password-stdin"], PASSWORD, "This is no e-mail address."),
        (
            ["create", "alice@example.org", "--password-stdin"],
            PASSWORD,
            "already an account for alice@example.org",
        ),
        (["create", "bob@example.org", "--password-stdin"], "short\n", "at least 10 characters"),
        (["create", "bob@example.org", "--password-stdin"], "", "at least 10 characters"),
        (["create", "bob@example.org", "--password-stdin"], b"\xff" * 12, "not UTF-8"),
        (["create", "bob@example.org", "--name", "", "--password-stdin"], PASSWORD, "Give a name"),
        (["set-password", "alice@example.org", "--password-stdin"], "password123\n", "too easy to guess"),
        (["set-password", "nobody@example.org", "--password-stdin"], _NEW, "Nobody has an account here"),
        (["disable", "nobody@example.org"], None, "Nobody has an account here"),
        (["enable", "nul\x00@example.org"], None, "Nobody has an account here"),
        (["promote", ""], None, "Nobody has an account here"),
        (["disable", "alice@example.org"], None, "only administrator left"),
        (["demote", "alice@example.org"], None, "only administrator left"),
    ],
)
def test_errors(app: Flask, arguments: list[str], typed: str | bytes | None, message: str) -> None:
    """What cannot be done ends with exit code 1 and a line on standard error that says why."""
    make_user(app, admin=True)
    result = _run(app, *arguments, typed=typed)
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_wrong_command_line(app: Flask) -> None:
    """A command line that is not understood ends with exit code 2."""
    assert _run(app, "create").exit_code == 2


def test_list(app: Flask) -> None:
    """The list gives every account on a line that other programs can read."""
    make_user(app, "root@example.org", "Root", admin=True)
    make_user(app, "alice@example.org", "Alice", disabled=True)
    assert _run(app, "list").output.splitlines() == [
        "alice@example.org\tAlice\tuser\tdisabled",
        "root@example.org\tRoot\tadministrator\tenabled",
    ]


def test_disable_and_enable(app: Flask) -> None:
    """Disabling signs the user out at once; enabling lets them sign in again."""
    client = sign_in(app, app.test_client(), make_user(app))
    assert _run(app, "disable", "ALICE@example.org").output == "Disabled alice@example.org.\n"
    assert client.get("/account").status_code == 302
    assert _run(app, "enable", "alice@example.org").exit_code == 0
    with app.app_context():
        assert accounts.authenticate("alice@example.org", PASSWORD).disabled_at is None


def test_set_password(app: Flask) -> None:
    """A password set by the operator counts at once, and ends every session."""
    client = sign_in(app, app.test_client(), make_user(app))
    result = _run(app, "set-password", "alice@example.org", "--password-stdin", typed=f"{_NEW}\r\n")
    assert result.exit_code == 0
    assert client.get("/account").status_code == 302
    with app.app_context():
        assert accounts.authenticate("alice@example.org", _NEW).email == "alice@example.org"


def test_promote_and_demote(app: Flask) -> None:
    """An administrator is made and unmade."""
    make_user(app, "root@example.org", admin=True)
    make_user(app)
    for command, expected in (("promote", True), ("demote", False)):
        assert _run(app, command, "alice@example.org").exit_code == 0
        with app.app_context():
            assert accounts.by_email("alice@example.org").is_admin is expected
