"""Alembic's entry: runs migrations on the URL that `core.migrate` hands over, each in a transaction of its own.

One that waits for a table stands before everybody who comes after it: so it waits for a moment only, and is tried again.
"""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from contactcenter.compose import metadata
from contactcenter.core import migrate

waiting = {"options": f"-c lock_timeout={migrate.LOCK_WAIT_MS}"}
engine = create_engine(context.config.attributes["url"], connect_args=waiting, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
