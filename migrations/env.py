"""How Alembic reaches the application's database and models.

Migrations run in one transaction, under an advisory lock: several processes may start at once and
each upgrade first; one of them does the work and the others find it done.
"""

from alembic import context
from sqlalchemy import text

from app.extensions import Base, db

_LOCK = 0x43454C4C  # "CELL"; any number serves that nothing else in this database locks


def run_offline() -> None:
    """Print the SQL instead of running it (`flask db upgrade --sql`)."""
    context.configure(
        url=db.engine.url.render_as_string(hide_password=True),
        target_metadata=Base.metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the migrations on the application's database."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
