"""Whether the server can do its work, for whoever watches over it."""

from flask import Blueprint
from sqlalchemy import text

from app.extensions import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def check() -> dict[str, str]:
    """`{"status": "ok"}` where the database answers; a 503 otherwise."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
