"""Bring a database to the newest schema, one process at a time."""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from contactcenter.core.errors import DomainError

ROOT = Path(__file__).resolve().parents[2]
LOCK_WAIT_MS = 3000
TRIES, TRY_AGAIN_S = 20, 3.0
LOOK_AGAIN_S = 0.2
_LOCK = 7_203_114  # an arbitrary advisory lock number that only migrations take


class TableBusy(DomainError):
    """Somebody kept a table for as long as we tried; nobody else had to wait long meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "A table that is to be changed is in use by a long transaction (a backup, a report). Try again when it has ended."
        )


class ExtensionMissing(DomainError):
    """Neither there nor to be made by whoever migrates; `reason` is PostgreSQL's."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"PostgreSQL makes no extension pg_trgm for us ({reason}). Have a superuser say CREATE EXTENSION pg_trgm in this "
            "database (it comes with PostgreSQL, in some systems as the package postgresql-contrib), then try again."
        )


def config_for(url: str) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, as the owner (`MIGRATION_URL`); others that start meanwhile wait."""
    engine = create_engine(url, poolclass=NullPool)  # the lock ends with its connection, whatever happens
    with engine.connect() as guard:
        guard.execution_options(isolation_level="AUTOCOMMIT")
        # Asked again and again: one statement that waits would keep an index that is made concurrently waiting for it.
        while not guard.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            time.sleep(LOOK_AGAIN_S)
        _upgrade_patiently(url, revision)
        guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
    engine.dispose()


def _upgrade_patiently(url: str, revision: str) -> None:
    """What is done stays done: each migration commits by itself. Raises TableBusy, ExtensionMissing."""
    for last in (*(False,) * (TRIES - 1), True):
        try:
            command.upgrade(config_for(url), revision)
        except DBAPIError as error:
            if "CREATE EXTENSION" in (error.statement or ""):
                raise ExtensionMissing(str(error.orig).splitlines()[0]) from error
            if not isinstance(error.orig, LockNotAvailable):
                raise
            if last:
                raise TableBusy from None
            time.sleep(TRY_AGAIN_S)
        else:
            return


def is_current(url: str) -> bool:
    """Whether the database has every migration."""
    engine = create_engine(url)
    with engine.connect() as connection:
        known = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
        at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    engine.dispose()
    return at == ScriptDirectory.from_config(config_for(url)).get_current_head()
