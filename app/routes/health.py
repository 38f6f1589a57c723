"""Whether the server can do its work, for whoever watches over it."""

from flask import Blueprint

from app.services.health import check_database

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def check() -> dict[str, str]:
    """`{"status": "ok"}` where the database answers; a 503 otherwise."""
    check_database()
    return {"status": "ok"}
