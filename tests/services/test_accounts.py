"""Claims about accounts."""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.extensions import bcrypt, db
from app.models.user import User
from app.services import accounts
from tests.factories import NOW, PASSWORD, make_user


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def _register(email: str = "alice@example.org", password: str = PASSWORD) -> User:
    return accounts.register(email, "Alice", password, "open", NOW)


def test_first_registered_account_is_administrator() -> None:
    """Whoever registers first administers this Cellar; whoever comes later does not."""
    first, second = _register("alice@example.org"), _register("bob@example.org")
    assert (first.is_admin, second.is_admin) == (True, False)


def test_registering_after_the_operator_made_an_account() -> None:
    """An account made on the command line counts: the first to register after it is an ordinary user."""
    accounts.create("root@example.org", None, PASSWORD, False, NOW)
    assert not _register().is_admin


def test_two_first_registrations_at_once_make_one_administrator(app: Flask) -> None:
    """However two people race to be first, one of them is."""
    barrier = threading.Barrier(4)

    def register(number: int) -> None:
        with app.app_context():
            barrier.wait()
            _register(f"user{number}@example.org")

    threads = [threading.Thread(target=register, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(user.is_admin for user in accounts.all_users()) == [False, False, False, True]


def test_registration_closed() -> None:
    """Where registration is closed nobody registers."""
    with pytest.raises(accounts.RegistrationClosed):
        accounts.register("alice@example.org", "Alice", PASSWORD, "closed", NOW)
    assert accounts.all_users() == []


def test_address_is_taken_whatever_its_case() -> None:
    """One address is one account, in capitals too."""
    _register("alice@example.org")
    with pytest.raises(accounts.EmailTaken):
        _register("  ALICE@Example.ORG ")


@pytest.mark.parametrize(
    ("given_as", "kept_as"),
    [
        ("Alice@Example.org", "alice@example.org"),
        ("é@exämple.org", "é@exämple.org"),
        ("e\u0301@example.org", "é@example.org"),
        ("alice@office.local", "alice@office.local"),
        ("alice@intranet", "alice@intranet"),
    ],
)
def test_normalised_address(given_as: str, kept_as: str) -> None:
    """Addresses that reach the same mailbox are kept alike, those of closed networks too."""
    assert accounts.normalise_email(given_as) == kept_as


@given(st.text(max_size=80))
@example("a\x00@example.org")
@example("\ud800@example.org")
@example("@")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_an_address_or_invalid(text: str) -> None:
    """Normalising settles at once, or refuses with InvalidEmail and nothing else."""
    try:
        normalised = accounts.normalise_email(text)
    except accounts.InvalidEmail:
        return
    assert accounts.normalise_email(normalised) == normalised


@pytest.mark.parametrize("name", ["", "   ", "a" * 121, "bell\x07", "nul\x00", "\u202eevil"])
def test_unfit_name(name: str) -> None:
    """A name is one line of characters that can be seen."""
    with pytest.raises(accounts.InvalidName):
        accounts.register("alice@example.org", name, PASSWORD, "open", NOW)


@pytest.mark.parametrize(
    "password",
    ["", "Xq7#vR2!z", "password123", "qwertyuiop", "aaaaaaaaaaaa", "alice@example.org", "k" * 1001],
)
def test_unfit_password(password: str) -> None:
    """Short, common, repeated, one's own address, endless: all refused."""
    with pytest.raises(accounts.WeakPassword):
        _register(password=password)


def test_long_passwords_differ_to_the_end() -> None:
    """bcrypt's 72 bytes are no limit: the 200th character counts."""
    long = "grey otter lamp " * 12
    _register(password=long + "a")
    with pytest.raises(accounts.WrongCredentials):
        accounts.authenticate("alice@example.org", long + "b")


def test_password_typed_on_another_keyboard() -> None:
    """Composed and decomposed letters are the same password."""
    _register(password="caf\u00e9 otter lamp")
    assert accounts.authenticate("alice@example.org", "cafe\u0301 otter lamp").name == "Alice"


def test_password_is_not_stored() -> None:
    """The row holds a bcrypt hash."""
    assert _register().password_hash.startswith("$2b$")


@pytest.mark.parametrize(
    "email", ["nobody@example.org", "alice@example.org", "no address", "nul\x00@x.org", ""]
)
@pytest.mark.parametrize("password", ["", "wrong-otter-lamp", "nul\x00"])
def test_wrong_credentials_tell_nothing(email: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether an address has an account shows neither in the answer nor in how often bcrypt, which takes
    nearly all the time, is run."""
    _register()
    runs: list[str] = []

    def counted(name: str) -> Callable[..., object]:
        original = getattr(bcrypt, name)

        def run(*arguments: object) -> object:
            runs.append(name)
            return original(*arguments)

        return run

    for name in ("check_password_hash", "generate_password_hash"):
        monkeypatch.setattr(bcrypt, name, counted(name))
    with pytest.raises(accounts.WrongCredentials, match=r"^The e-mail address or the password is wrong\.$"):
        accounts.authenticate(email, password)
    assert len(runs) == 1


def test_disabled_account_shows_only_to_its_owner(app: Flask) -> None:
    """A disabled account looks like none at all to whoever does not know its password."""
    make_user(app, "alice@example.org", disabled=True)
    with pytest.raises(accounts.WrongCredentials):
        accounts.authenticate("alice@example.org", "wrong-otter-lamp")
    with pytest.raises(accounts.AccountDisabled):
        accounts.authenticate("alice@example.org", PASSWORD)


@pytest.mark.parametrize("remove", [lambda user: accounts.disable(user, NOW), accounts.demote])
def test_last_administrator_stays(remove: Callable[[User], None]) -> None:
    """There is always an administrator who can come in."""
    alice = _register()
    with pytest.raises(accounts.LastAdministrator):
        remove(alice)
    bob = accounts.create("bob@example.org", None, PASSWORD, True, NOW)
    remove(alice)
    with pytest.raises(accounts.LastAdministrator):
        remove(bob)


def test_two_administrators_remove_one_another(app: Flask) -> None:
    """Two administrators who disable each other at once do not leave none."""
    emails = ["alice@example.org", "bob@example.org"]
    for email in emails:
        make_user(app, email, admin=True)
    barrier = threading.Barrier(2)
    refused: list[str] = []

    def disable(email: str) -> None:
        with app.app_context():
            user = accounts.by_email(email)
            barrier.wait()
            try:
                accounts.disable(user, NOW)
            except accounts.LastAdministrator:
                refused.append(email)

    threads = [threading.Thread(target=disable, args=(email,)) for email in emails]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_unknown_user() -> None:
    """Looking up nobody says who was looked for."""
    with pytest.raises(accounts.UnknownUser) as caught:
        accounts.by_email("nobody@example.org")
    assert caught.value.who == "nobody@example.org"


def test_enabled_again(app: Flask) -> None:
    """An account that is enabled again is signed in to as before."""
    make_user(app, "alice@example.org", disabled=True)
    accounts.enable(accounts.by_email("alice@example.org"))
    db.session.expire_all()
    assert accounts.authenticate("alice@example.org", PASSWORD).email == "alice@example.org"
