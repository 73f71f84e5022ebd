"""Bring a database to the newest schema, one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parents[2]
_LOCK = 7_203_114  # an arbitrary advisory lock number that only migrations take


def config_for(url: str) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, as the owner (`MIGRATION_URL`); others that start meanwhile wait."""
    engine = create_engine(url)
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(config_for(url), revision)
        guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
    engine.dispose()


def is_current(url: str) -> bool:
    """Whether the database has every migration."""
    engine = create_engine(url)
    with engine.connect() as connection:
        known = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
        at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    engine.dispose()
    return at == ScriptDirectory.from_config(config_for(url)).get_current_head()
