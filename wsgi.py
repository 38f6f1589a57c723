"""The WSGI application, for gunicorn and for the `flask` command."""

import sys

from sqlalchemy.exc import OperationalError

from app import create_app
from app.durability import UnsafeDatabase, check_durability
from app.embedded.errors import EmbeddedDatabaseError
from app.extensions import db
from config import BadSetting

try:
    app = create_app()
    with app.app_context():
        check_durability(db.engine, app.config["ALLOW_UNSAFE_DATABASE"])
except (BadSetting, EmbeddedDatabaseError, UnsafeDatabase) as error:
    sys.exit(f"Cellar cannot start. {error}")
except OperationalError as error:
    sys.exit(f"Cellar cannot start. The database cannot be reached: {error.orig}")
