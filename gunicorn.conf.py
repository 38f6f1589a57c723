"""How gunicorn serves Cellar."""

import os
import sys
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from app.durability import UnsafeDatabase, check_durability
from app.embedded.errors import EmbeddedDatabaseError
from app.schema import UpgradeFailed, upgrade_if_pending
from config import BadSetting, Config

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

try:
    _config = Config.from_environment()
except BadSetting as error:
    sys.exit(f"Cellar cannot start. {error}")

wsgi_app = "wsgi:app"
bind = f"[{_config.HOST}]:{_config.PORT}" if ":" in _config.HOST else f"{_config.HOST}:{_config.PORT}"

# Reading a file in keeps one core busy: at least one more worker answers the others meanwhile. Threads wait
# for the database and for slow networks.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, min(os.cpu_count() or 1, 8)))
threads = 8

# A gthread worker beats from its main thread, so a long upload or download does not run into this; it is for
# a worker that hangs as a whole, and leaves room for a library that holds the interpreter while it works.
timeout = 300
graceful_timeout = 30
keepalive = 30

loglevel = "warning"
control_socket_disable = True  # nothing of ours uses it, and it would be a file in the user's home


def on_starting(_server: "Arbiter") -> None:
    """Gets the database ready, once for all workers, and keeps the embedded one running between theirs."""
    try:
        engine = create_engine(_config.SQLALCHEMY_DATABASE_URI, **_config.SQLALCHEMY_ENGINE_OPTIONS)
        check_durability(engine, _config.ALLOW_UNSAFE_DATABASE)
        upgrade_if_pending(engine)
        engine.dispose()  # a connection must not be shared with the workers, which are forked from here
    except (EmbeddedDatabaseError, UnsafeDatabase, UpgradeFailed) as error:
        sys.exit(f"Cellar cannot start. {error}")
    except OperationalError as error:
        sys.exit(f"Cellar cannot start. The database cannot be reached: {error.orig}")


def when_ready(_server: "Arbiter") -> None:
    """Says where to go."""
    host = f"[{_config.HOST}]" if ":" in _config.HOST else _config.HOST
    print(f"Cellar is running at http://{host}:{_config.PORT} (Ctrl+C stops it)", flush=True)
    if _config.HOST not in ("127.0.0.1", "localhost", "::1"):
        print(f"It answers requests for {', '.join(_config.TRUSTED_HOSTS)} (TRUSTED_HOSTS).", flush=True)
