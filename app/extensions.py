"""The Flask extensions, unbound: `create_app` binds them."""

from collections.abc import Callable

from flask import Flask
from flask_bcrypt import Bcrypt
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase

# Constraints get predictable names so that migrations can drop them; errors are told by SQLSTATE.
_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(naming_convention=_NAMES)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy, for a server that may go away at any time."""

    def init_app(self, app: Flask) -> None:
        """Binds it to an application, whose requests end by `release`."""
        super().init_app(app)
        # What is registered last is called first, so the session is at rest when the extension removes it.
        app.teardown_appcontext(lambda _error: self.release())

    def release(self) -> None:
        """Ends the session's transaction, without keeping what it changed.

        Where its connection was lost the server has ended it: nothing is left to do, and nothing to report.
        What was loaded stays as it is: a streamed answer goes on with it.
        """
        self._end(self.session.close)

    def abandon(self) -> None:
        """Ends the transaction of what failed, for an answer that asks the database itself.

        What a rollback has made stale, such as the user who is signed in, is read again when it is asked for.
        """
        self._end(self.session.rollback)

    def _end(self, ending: Callable[[], None]) -> None:
        try:
            ending()
        except DBAPIError:
            self.session().invalidate()


# Models derive from `Base` itself, which type checkers understand; Flask-SQLAlchemy shares its metadata.
# What a request has written it may go on reading after the commit without asking again.
db = Database(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate(compare_type=True)
login_manager = LoginManager()
bcrypt = Bcrypt()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)
