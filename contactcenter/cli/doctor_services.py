"""What `doctor` finds out from the running engines: reachable, new enough, up to date, with the right rights."""

from collections.abc import Callable, Iterator

import redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from contactcenter.cli.finding import Finding
from contactcenter.core.config import Settings
from contactcenter.core.migrate import is_current

POSTGRES_MIN = 150000
WAIT_S = 5

Findings = Iterator[Finding]


def database(settings: Settings) -> Findings:
    engine = create_engine(settings.database_url, connect_args={"connect_timeout": WAIT_S})
    try:
        yield from database_findings(engine, settings)
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        yield Finding("W021", f"The database does not answer: {reason}", "Check DATABASE_URL and the server.")
    finally:
        engine.dispose()


def database_findings(engine: Engine, settings: Settings) -> Findings:
    with engine.connect() as connection:
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        is_super = connection.execute(
            text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        ).scalar()
    if version < POSTGRES_MIN:
        yield Finding("W022", f"PostgreSQL {version // 10000} is too old.", "Use version 15 or newer.")
    if encoding != "UTF8":
        yield Finding(
            "W023", f"The database is encoded in {encoding}.", "Create it anew with ENCODING 'UTF8'."
        )
    if is_super:
        yield Finding(
            "W024",
            "Processes reach the database as a superuser, who may change the log of complaints.",
            "Give DATABASE_URL a role of its own and the owner's address to MIGRATION_URL alone.",
        )
    if not is_current(settings.migration_url or settings.database_url):
        yield Finding("W025", "The database is behind this version's schema.", "python app.py migrate")


def broker(settings: Settings) -> Findings:
    try:
        with redis.Redis.from_url(
            settings.redis_url, socket_timeout=WAIT_S, socket_connect_timeout=WAIT_S
        ) as client:
            client.ping()
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
    except redis.ResponseError:
        return  # a hosted broker that keeps its settings to itself
    except redis.RedisError as error:
        yield Finding("W026", f"The broker does not answer: {error}", "Check REDIS_URL and the server.")
        return
    if policy not in ("noeviction", b"noeviction"):
        yield Finding(
            "W027", f"The broker drops keys when full ({policy}).", "Set maxmemory-policy noeviction."
        )


SERVICE_CHECKS: tuple[Callable[[Settings], Findings], ...] = (database, broker)
