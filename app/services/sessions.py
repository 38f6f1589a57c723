"""Sign-ins as rows: opening, recognising and revoking them.

A sign-in is a random token. The browser's cookie holds it, the row only its SHA-256, so that a copy of
the database signs nobody in. Every request looks its row up: a revoked one is refused at once, whatever
the cookie says.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, delete, or_, select, update

from app.extensions import db
from app.models.session import Session
from app.models.user import User
from app.services.access import NotFound

REMEMBERED = timedelta(days=30)
"""How long a remembered sign-in lasts after it was last seen."""
UNREMEMBERED = timedelta(hours=24)
"""How long any other lasts after it was last seen; its cookie ends with the browser anyway."""
SEEN_EVERY = timedelta(minutes=1)
"""How often being seen is written down: a write for every request would cost more than it tells."""

_TOKEN_BYTES = 32


class SignIn(NamedTuple):
    """A recognised sign-in: who, by which row, and whether it was prolonged just now."""

    user: User
    session: Session
    prolonged: bool


def begin(user: User, remember: bool, user_agent: str, address: str, now: datetime) -> str:
    """Open a session for a user who has proved who they are; the token for their cookie.

    What is left of their sessions that have ended is cleared away.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    ended = or_(Session.revoked_at.is_not(None), Session.expires_at <= now)
    db.session.execute(delete(Session).where(Session.user_id == user.id, ended))
    db.session.add(
        Session(
            id=uuid4(),
            user_id=user.id,
            token_hash=_hash(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + _lifetime(remember),
            revoked_at=None,
            remember=remember,
            user_agent=user_agent.replace("\x00", "")[:400],
            address=address[:64],
        )
    )
    db.session.commit()
    return token


def resume(token: str, address: str, now: datetime) -> SignIn | None:
    """The sign-in a cookie's token stands for; None where it is unknown, revoked, expired or its
    account disabled. Being seen prolongs it, written down at most every `SEEN_EVERY`."""
    found = db.session.execute(
        select(User, Session)
        .join(Session, Session.user_id == User.id)
        .where(
            Session.token_hash == _hash(token),
            Session.revoked_at.is_(None),
            Session.expires_at > now,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    user, session = found
    prolonged = now - session.last_seen_at >= SEEN_EVERY
    if prolonged:
        session.last_seen_at = now
        session.expires_at = now + _lifetime(session.remember)
        session.address = address[:64]
        db.session.commit()
    return SignIn(user, session, prolonged)


def open_sessions(user: User, now: datetime) -> list[Session]:
    """The user's sessions that still count, the one last seen first."""
    return list(
        db.session.scalars(
            select(Session)
            .where(Session.user_id == user.id, Session.revoked_at.is_(None), Session.expires_at > now)
            .order_by(Session.last_seen_at.desc(), Session.id)
        )
    )


def revoke(user: User, session_id: UUID, now: datetime) -> None:
    """End one of the user's own sessions. Raises NotFound where it is none of theirs; ending one that
    has ended already is no error."""
    session = db.session.scalar(select(Session).where(Session.id == session_id, Session.user_id == user.id))
    if session is None:
        raise NotFound("There is no such session of yours.")
    if session.revoked_at is None:
        session.revoked_at = now
    db.session.commit()


def revoke_all(user: User, now: datetime, keep: UUID | None = None) -> int:
    """End the user's sessions but for `keep`, within the caller's transaction; how many ended."""
    revoked = update(Session).where(Session.user_id == user.id, Session.revoked_at.is_(None))
    if keep is not None:
        revoked = revoked.where(Session.id != keep)
    result = db.session.execute(revoked.values(revoked_at=now))
    assert isinstance(result, CursorResult)  # noqa: S101 (an UPDATE's result; its type is wider)
    return result.rowcount


def _lifetime(remember: bool) -> timedelta:
    return REMEMBERED if remember else UNREMEMBERED


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
