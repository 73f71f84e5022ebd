"""Alembic's entry: runs migrations on the URL that `core.migrate` hands over."""

from alembic import context
from sqlalchemy import create_engine

from contactcenter.compose import metadata

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
