"""The application: `create_app` wires configuration, extensions, routes and commands together."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask

from app import cli, connections, errors, security
from app.extensions import bcrypt, csrf, db, limiter, login_manager, migrate
from app.models import chunk, revision, session, user  # noqa: F401 (migrations see what is imported)
from app.models import workbook as workbook_models  # noqa: F401 (so that the routes can have the name)
from app.routes import account, actor, admin, auth, health, history, workbook, workbooks
from app.routes.api import revisions as api_revisions
from app.routes.api import sheets as api_sheets
from app.routes.api import workbooks as api_workbooks

_ROOT = Path(__file__).resolve().parent.parent
_BLUEPRINTS = (
    health.blueprint,
    auth.blueprint,
    account.blueprint,
    workbooks.blueprint,
    workbook.blueprint,
    history.blueprint,
    admin.blueprint,
    api_workbooks.blueprint,
    api_revisions.blueprint,
    api_sheets.blueprint,
)


def create_app(config: Mapping[str, Any] | object | None = None) -> Flask:
    """An application over `config`: a mapping of settings or an object with them as attributes.

    None reads the settings from `config.py`, that is, from the environment.
    """
    app = Flask(__name__, instance_path=str(_ROOT / "instance"))
    if config is None:
        config = import_module("config").Config.from_environment()
    if isinstance(config, Mapping):
        app.config.from_mapping(config)
    else:
        app.config.from_object(config)

    security.init_app(app)
    errors.init_app(app)
    db.init_app(app)
    with app.app_context():
        connections.watch(db.engine)
    migrate.init_app(app, db, directory=str(_ROOT / "migrations"))
    bcrypt.init_app(app)
    login_manager.init_app(app)
    # Who may call a route is asked before CSRF and rate limits look at the request.
    actor.init_app(app)
    limiter.init_app(app)
    csrf.init_app(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_app(app)
    return app
