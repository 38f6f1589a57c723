"""Accounts: registering, proving who one is, passwords, and switching accounts off and on.

Passwords are kept as bcrypt hashes. What counts as too easy is zxcvbn's estimate (Wheeler, "zxcvbn:
low-budget password strength estimation", USENIX Security 2016), which knows the common ones and how
people vary them.
"""

import unicodedata
from datetime import datetime
from uuid import UUID, uuid4

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from sqlalchemy import exists, select, text
from sqlalchemy.exc import IntegrityError
from zxcvbn import zxcvbn

from app.extensions import bcrypt, db
from app.models.user import User
from app.services import sessions

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
LONGEST_NAME = 120

_UNIQUE_VIOLATION = "23505"
_GUESSABLE = 2
"""Passwords that score below this fall to a million guesses."""
_ESTIMATED = 72
"""zxcvbn looks at this many characters; its time grows with the square of them."""
_NETWORK_NAMES = ("local", "localhost", "test")
"""Reserved on the Internet, but what many a closed network calls its machines."""

for _name in _NETWORK_NAMES:  # the library's documented way of allowing them
    SPECIAL_USE_DOMAIN_NAMES.remove(_name)


class InvalidEmail(ValueError):
    """The e-mail address is none; the message says what is wrong with it."""


class InvalidName(ValueError):
    """The name is empty, too long, or holds characters that cannot be shown."""

    def __init__(self) -> None:
        super().__init__(f"Give a name of 1 to {LONGEST_NAME} characters, on one line.")


class WeakPassword(ValueError):
    """The password is too short, too long or too easy to guess; the message says which."""


class EmailTaken(ValueError):
    """There is already an account with this e-mail address. Sign in instead."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class RegistrationClosed(PermissionError):
    """Registration is closed here. Ask an administrator for an account."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class WrongCredentials(ValueError):
    """The e-mail address or the password is wrong."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class WrongPassword(ValueError):
    """This is not your current password."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class AccountDisabled(PermissionError):
    """This account has been disabled. Ask an administrator."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


class UnknownUser(LookupError):
    """Nobody has an account here under this e-mail address or id: `who`."""

    def __init__(self, who: str) -> None:
        super().__init__(f"Nobody has an account here as “{who}”. Check the spelling.")
        self.who = who


class LastAdministrator(ValueError):
    """The only administrator left cannot be disabled or demoted. Make somebody else one first."""

    def __init__(self) -> None:
        super().__init__(self.__class__.__doc__)


def register(email: str, name: str, password: str, registration: str, now: datetime) -> User:
    """A new account for whoever asks. The first one ever is the administrator's.

    registration: "open" or "closed". Raises RegistrationClosed, InvalidEmail, InvalidName,
    WeakPassword, EmailTaken.
    """
    if registration != "open":
        raise RegistrationClosed
    user = _new(email, name, password, now)
    if not any_account():
        # Two people may be first at once; the lock lets one of them be, and costs nobody later anything.
        db.session.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
        user.is_admin = not any_account()
    return _insert(user)


def create(email: str, name: str | None, password: str, is_admin: bool, now: datetime) -> User:
    """A new account made by the operator, whether registration is open or not.

    name: None takes the part of the address before the @. Raises as `register` does.
    """
    user = _new(email, email.partition("@")[0] if name is None else name, password, now)
    user.is_admin = is_admin
    return _insert(user)


def authenticate(email: str, password: str) -> User:
    """The user who has this e-mail address and password.

    Raises WrongCredentials, which does not tell a wrong address from a wrong password, by its time
    neither; AccountDisabled only to whoever knows the password.
    """
    try:
        user = _find(normalise_email(email))
    except InvalidEmail:
        user = None
    if user is None:
        _hash(password or "-")  # takes as long as a comparison does
        raise WrongCredentials
    if not _matches(user.password_hash, password):
        raise WrongCredentials
    if user.disabled_at is not None:
        raise AccountDisabled
    return user


def change_password(user: User, current: str, new: str, session_id: UUID, now: datetime) -> None:
    """A new password by its owner; every session but the one they ask by ends.

    Raises WrongPassword, WeakPassword.
    """
    if not _matches(user.password_hash, current):
        raise WrongPassword
    _check_password(new, user.email, user.name)
    user.password_hash = _hash(new)
    sessions.revoke_all(user, now, keep=session_id)
    db.session.commit()


def set_password(user: User, new: str, now: datetime) -> None:
    """A new password by the operator; every session of the user ends. Raises WeakPassword."""
    _check_password(new, user.email, user.name)
    user.password_hash = _hash(new)
    sessions.revoke_all(user, now)
    db.session.commit()


def disable(user: User, now: datetime) -> None:
    """Switch the account off: its sessions end and nobody signs in to it. Raises LastAdministrator."""
    _check_not_last_administrator(user)
    if user.disabled_at is None:
        user.disabled_at = now
    sessions.revoke_all(user, now)
    db.session.commit()


def enable(user: User) -> None:
    """Switch the account on again; its user signs in anew."""
    user.disabled_at = None
    db.session.commit()


def promote(user: User) -> None:
    """Make the user an administrator."""
    user.is_admin = True
    db.session.commit()


def demote(user: User) -> None:
    """Make the user an ordinary one. Raises LastAdministrator."""
    _check_not_last_administrator(user)
    user.is_admin = False
    db.session.commit()


def by_email(email: str) -> User:
    """The user with this address, disabled or not. Raises UnknownUser."""
    try:
        user = _find(normalise_email(email))
    except InvalidEmail:
        user = None
    if user is None:
        raise UnknownUser(email)
    return user


def by_id(user_id: UUID) -> User:
    """The user with this id, disabled or not. Raises UnknownUser."""
    user = db.session.get(User, user_id)
    if user is None:
        raise UnknownUser(str(user_id))
    return user


def any_account() -> bool:
    """Whether anybody has an account here yet."""
    return bool(db.session.scalar(select(exists().select_from(User))))


def all_users() -> list[User]:
    """Every account, by e-mail address."""
    return list(db.session.scalars(select(User).order_by(User.email)))


def normalise_email(email: str) -> str:
    """The one form of an address that is stored and compared. Raises InvalidEmail.

    Whether mail gets there is not asked: many a Cellar runs on a network without the Internet, under
    names such as alice@office.local.
    """
    try:
        valid = validate_email(email.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidEmail(f"This is no e-mail address. {error}") from error
    return valid.normalized.lower()


def _new(email: str, name: str, password: str, now: datetime) -> User:
    """An account that fits every rule, not yet stored."""
    email = normalise_email(email)
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidName
    _check_password(password, email, name)
    return User(
        id=uuid4(),
        email=email,
        name=name,
        password_hash=_hash(password),
        is_admin=False,
        created_at=now,
        disabled_at=None,
    )


def _insert(user: User) -> User:
    """Store the account. Raises EmailTaken."""
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        if getattr(error.orig, "pgcode", None) == _UNIQUE_VIOLATION:
            raise EmailTaken from error
        raise
    return user


def _find(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email))


def _check_not_last_administrator(user: User) -> None:
    """Locks the administrators' rows, so that two of them cannot remove one another at once."""
    administrators = db.session.scalars(
        select(User.id).where(User.is_admin, User.disabled_at.is_(None)).order_by(User.id).with_for_update()
    )
    if set(administrators) == {user.id}:
        raise LastAdministrator


def _check_password(password: str, email: str, name: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"Use at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"Use at most {LONGEST_PASSWORD} characters.")
    known = ["cellar", email, *email.replace(".", "@").split("@"), *name.split()]
    estimate = zxcvbn(password[:_ESTIMATED], user_inputs=known)
    if estimate["score"] < _GUESSABLE:
        raise WeakPassword("This password is too easy to guess. Use a few uncommon words, or a longer one.")


def _hash(password: str) -> str:
    hashed: bytes = bcrypt.generate_password_hash(_normalise(password))
    return hashed.decode("ascii")


def _matches(password_hash: str, password: str) -> bool:
    return bool(bcrypt.check_password_hash(password_hash, _normalise(password)))


def _normalise(password: str) -> str:
    """Keyboards compose “é” differently; the password is the same (as NIST SP 800-63B asks)."""
    return unicodedata.normalize("NFKC", password)
