"""What tests start from: users, sign-ins, workbooks. Each is stored for good and returned detached.

Every function makes an application context of its own: one that stayed open would carry the signed-in
user and the database session from one request of a test into the next.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from app.extensions import db
from app.models.user import User
from app.models.workbook import Membership, Workbook
from app.services import accounts, imports, sessions
from app.sheet.address import parse_cell
from app.sheet.cell import Cell
from app.sheet.document import Document, SheetSource
from app.sheet.row import row_of

PASSWORD = "grey-otter-lamp"
NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
"""A fixed time, for services that take one."""


def make_user(
    app: Flask,
    email: str = "alice@example.org",
    name: str | None = None,
    *,
    admin: bool = False,
    disabled: bool = False,
    password: str = PASSWORD,
) -> User:
    """An account."""
    with app.app_context():
        user = accounts.create(email, name, password, admin, NOW)
        if disabled:
            user.disabled_at = NOW
            db.session.commit()
        db.session.refresh(user)
        db.session.expunge(user)
        return user


def make_workbook(app: Flask, owner: User, name: str = "Budget", *, trashed: bool = False) -> Workbook:
    """A workbook's row, without a revision: for what asks only whose it is."""
    with app.app_context():
        workbook = Workbook(
            id=uuid4(),
            owner_id=owner.id,
            name=name,
            name_key=name.casefold(),
            format="blank",
            head=0,
            created_at=NOW,
            updated_at=NOW,
            trashed_at=NOW if trashed else None,
        )
        db.session.add(workbook)
        db.session.commit()
        db.session.refresh(workbook)
        db.session.expunge(workbook)
        return workbook


def add_member(app: Flask, workbook_id: UUID, user: User, role: str) -> None:
    """Share a workbook with a user as "viewer" or "editor"."""
    with app.app_context():
        db.session.add(Membership(workbook_id=workbook_id, user_id=user.id, role=role, created_at=NOW))
        db.session.commit()


def sign_in(app: Flask, client: FlaskClient, user: User, *, remember: bool = False) -> FlaskClient:
    """The client, with a signed-in user's cookie, as the sign-in page leaves it."""
    with app.app_context():
        token = sessions.begin(user, remember, "Test browser", "127.0.0.1", datetime.now(UTC))
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["token"] = token
        cookie.permanent = remember
    return client


def csrf(app: Flask, client: FlaskClient) -> dict[str, str]:
    """The headers that let this client's requests change something."""
    with app.test_request_context():
        token, secret = generate_csrf(), session["csrf_token"]
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = secret
    return {"X-CSRFToken": token}


def make_grid(app: Flask, owner: User, cells: dict[str, object] | None = None, name: str = "Budget") -> UUID:
    """A workbook with one sheet (id 1) that holds values at addresses such as "B2"; its id."""
    rows: dict[int, dict[int, Cell]] = {}
    for address, value in (cells or {}).items():
        row, column = parse_cell(address)
        rows.setdefault(row, {})[column] = value if isinstance(value, Cell) else Cell(value)
    kept = [(row, row_of(rows[row])) for row in sorted(rows)]
    document = Document("blank", [SheetSource("Sheet1", b"", lambda: iter(kept))])
    with app.app_context():
        workbook_id = uuid4()
        creating = imports.keep(owner, workbook_id, name, document, None, NOW, "grid")
        for _ in creating:
            pass
        return workbook_id
