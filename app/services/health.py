"""Whether the server can do its work."""

from sqlalchemy import text

from app.extensions import db


def check_database() -> None:
    """Raises SQLAlchemy's OperationalError where the database does not answer."""
    db.session.execute(text("SELECT 1"))
