"""The WSGI application, for gunicorn and for the `flask` command."""

import sys

from app import create_app
from app.durability import UnsafeDatabase
from app.embedded.errors import EmbeddedDatabaseError
from config import BadSetting

try:
    app = create_app()
except (BadSetting, EmbeddedDatabaseError, UnsafeDatabase) as error:
    sys.exit(f"Cellar cannot start. {error}")
