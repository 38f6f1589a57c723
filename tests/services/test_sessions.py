"""Claims about sign-ins as rows."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models.session import Session
from app.models.user import User
from app.services import accounts, sessions
from app.services.access import NotFound
from tests.factories import NOW, PASSWORD, make_user

_SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice, who is not alone in administering this Cellar."""
    make_user(app, "root@example.org", admin=True)
    make_user(app)
    return accounts.by_email("alice@example.org")


def _begin(user: User, *, remember: bool = False) -> str:
    return sessions.begin(user, remember, "Test browser", "127.0.0.1", NOW)


def test_token_is_recognised(alice: User) -> None:
    """A session's token stands for its user."""
    sign_in = sessions.resume(_begin(alice), "127.0.0.1", NOW)
    assert sign_in is not None
    assert sign_in.user is alice


def test_database_holds_no_token(alice: User) -> None:
    """Nothing in a session's row gives its token: a copy of the database signs nobody in."""
    token = _begin(alice)
    row = db.session.scalar(select(Session))
    assert row is not None
    assert token.encode() not in row.token_hash
    assert sessions.resume(row.token_hash.hex(), "127.0.0.1", NOW) is None


def test_tokens_carry_256_bits(alice: User) -> None:
    """A token is 32 random bytes, new at every sign-in."""
    tokens = {_begin(alice) for _ in range(3)}
    assert (len(tokens), {len(token) for token in tokens}) == (3, {43})


@pytest.mark.parametrize("token", ["", "wrong", "nul\x00", "\ud800", "x" * 100_000])
def test_unknown_token(token: str) -> None:
    """Any text that is no token is nobody's."""
    assert sessions.resume(token, "127.0.0.1", NOW) is None


@pytest.mark.parametrize(
    ("remember", "lifetime"), [(False, sessions.UNREMEMBERED), (True, sessions.REMEMBERED)]
)
def test_lifetime(alice: User, remember: bool, lifetime: timedelta) -> None:
    """A session ends when it was not seen for its lifetime, which is longer where it is remembered."""
    token = _begin(alice, remember=remember)
    assert sessions.resume(token, "127.0.0.1", NOW + lifetime) is None


def test_being_seen_prolongs(alice: User) -> None:
    """A session that is in use does not end."""
    token = _begin(alice)
    now = NOW
    for _ in range(3):
        now += sessions.UNREMEMBERED - _SECOND
        assert sessions.resume(token, "127.0.0.1", now) is not None


def test_being_seen_is_written_once_a_minute(alice: User) -> None:
    """Requests in quick succession cost no writes."""
    token = _begin(alice)
    prolonged = [
        sign_in.prolonged
        for seconds in (1, 59, 60, 61, 119, 120)
        if (sign_in := sessions.resume(token, "127.0.0.1", NOW + seconds * _SECOND))
    ]
    assert prolonged == [False, False, True, False, False, True]


@pytest.mark.parametrize(
    "end",
    [
        lambda user: accounts.set_password(user, "pale-heron-stove", NOW),
        lambda user: accounts.disable(user, NOW),
        lambda user: sessions.revoke(user, sessions.open_sessions(user, NOW)[0].id, NOW),
        lambda user: accounts.change_password(user, PASSWORD, "pale-heron-stove", uuid4(), NOW),
    ],
    ids=["password set", "disabled", "revoked", "password changed elsewhere"],
)
def test_ended_at_once(alice: User, end: Callable[[User], None]) -> None:
    """What ends a session ends it for the very next request."""
    token = _begin(alice)
    end(alice)
    assert sessions.resume(token, "127.0.0.1", NOW) is None


def test_enabling_revives_no_session(alice: User) -> None:
    """Who was signed out by a disabled account signs in anew."""
    token = _begin(alice)
    accounts.disable(alice, NOW)
    accounts.enable(alice)
    assert sessions.resume(token, "127.0.0.1", NOW) is None


def test_change_of_password_keeps_the_session_it_came_by(alice: User) -> None:
    """Changing the password signs out every device but this one."""
    this, other = _begin(alice), _begin(alice)
    sign_in = sessions.resume(this, "127.0.0.1", NOW)
    assert sign_in is not None
    accounts.change_password(alice, PASSWORD, "pale-heron-stove", sign_in.session.id, NOW)
    recognised = [sessions.resume(token, "127.0.0.1", NOW) is not None for token in (this, other)]
    assert recognised == [True, False]


def test_refused_change_of_password_changes_nothing(alice: User) -> None:
    """Where the current password is wrong or the new one too easy, password and sessions stay."""
    token = _begin(alice)
    with pytest.raises(accounts.WrongPassword):
        accounts.change_password(alice, "wrong-otter-lamp", "pale-heron-stove", uuid4(), NOW)
    with pytest.raises(accounts.WeakPassword):
        accounts.change_password(alice, PASSWORD, "password123", uuid4(), NOW)
    db.session.rollback()
    assert sessions.resume(token, "127.0.0.1", NOW) is not None
    assert accounts.authenticate("alice@example.org", PASSWORD) is alice


def test_open_sessions(alice: User) -> None:
    """Only one's own sessions that still count are listed, the last seen first."""
    ended, early, late = _begin(alice), _begin(alice), _begin(alice)
    _begin(accounts.by_email("root@example.org"))
    later = NOW + timedelta(hours=1)
    sign_in = sessions.resume(ended, "127.0.0.1", NOW)
    assert sign_in is not None
    sessions.revoke(alice, sign_in.session.id, NOW)
    expected = [
        sign_in.session.id
        for token, seen in ((early, later), (late, later + _SECOND))
        if (sign_in := sessions.resume(token, "127.0.0.1", seen))
    ][::-1]
    assert [session.id for session in sessions.open_sessions(alice, later)] == expected


def test_nobody_revokes_anothers_session(alice: User) -> None:
    """Another user's session does not exist for one."""
    _begin(alice)
    root = accounts.by_email("root@example.org")
    with pytest.raises(NotFound):
        sessions.revoke(root, sessions.open_sessions(alice, NOW)[0].id, NOW)


def test_signing_in_clears_what_has_ended(alice: User) -> None:
    """Sessions that have ended do not pile up, and those that count stay."""
    ended, kept = _begin(alice), _begin(alice, remember=True)
    sign_in = sessions.resume(ended, "127.0.0.1", NOW)
    assert sign_in is not None
    sessions.revoke(alice, sign_in.session.id, NOW)
    _begin(alice)
    sessions.begin(alice, False, "", "", NOW + sessions.UNREMEMBERED)
    assert db.session.scalar(select(func.count()).select_from(Session)) == 2
    assert sessions.resume(kept, "127.0.0.1", NOW + sessions.UNREMEMBERED) is not None


def test_long_or_odd_user_agent(alice: User) -> None:
    """What a browser calls itself never stands in the way of a sign-in."""
    sessions.begin(alice, False, "a\x00" * 500, "x" * 200, NOW)
    row = sessions.open_sessions(alice, NOW)[0]
    assert (row.user_agent, row.address) == ("a" * 400, "x" * 64)
