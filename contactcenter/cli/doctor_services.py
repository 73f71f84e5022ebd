"""What `doctor` finds out from the running engines: reachable, new enough, up to date, with the right rights."""

from collections.abc import Callable, Iterator, Mapping

import redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from contactcenter.cli.finding import Finding
from contactcenter.complaints.model import Person
from contactcenter.complaints.people import load_people
from contactcenter.complaints.staffing import not_judged_here, unheld_parts
from contactcenter.compose import metadata
from contactcenter.core.config import Settings
from contactcenter.core.migrate import is_current
from contactcenter.core.resealing import LOST, OLDER, count_keys

POSTGRES_MIN = 150000
WAIT_S = 5
NAMED_MAX = 3

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


def complaints(settings: Settings) -> Findings:
    """Nobody may judge himself: a small house needs help from outside, and should know before the first complaint."""
    engine = create_engine(settings.database_url, connect_args={"connect_timeout": WAIT_S})
    try:
        with Session(engine) as session:
            yield from staff_findings(load_people(session))
    except SQLAlchemyError:
        return  # `database` has said why
    finally:
        engine.dispose()


def staff_findings(people: Mapping[str, Person]) -> Findings:
    if not any("agent" in person.roles for person in people.values()):
        return  # nobody works here yet
    ways = "Give the part to somebody in Settings → People, or to an outside person by an account of his own."
    unheld = unheld_parts(people)
    if unheld:
        yield Finding("W028", f"Complaints cannot be heard to the end: nobody is {', '.join(unheld)}.", ways)
        return
    names = [people[key].name for key in not_judged_here(people)]
    if names:
        some = ", ".join(names[:NAMED_MAX]) + (" …" if len(names) > NAMED_MAX else "")
        yield Finding(
            "W029",
            f"A complaint about {len(names)} of the agents would find no three independent people: {some}.",
            ways,
        )


def sealed(settings: Settings) -> Findings:
    """Whether the older keys are still needed, and whether one is missing."""
    engine = create_engine(settings.database_url, connect_args={"connect_timeout": WAIT_S})
    try:
        with Session(engine) as session:
            found = count_keys(session, metadata)
    except SQLAlchemyError:
        return  # `database` has said why
    finally:
        engine.dispose()
    yield from key_findings(found, has_older=len(settings.secret_keys) > 1)


def key_findings(found: Mapping[str, int], *, has_older: bool) -> Findings:
    if found[OLDER]:
        yield Finding(
            "W030",
            f"{found[OLDER]} secrets in the database lie under an older key.",
            "python app.py secrets rotate",
        )
    elif has_older:
        yield Finding(
            "I031",
            "Nothing in the database needs the older keys any more.",
            "Let go of them a month after the change (docs/operations.md, A new SECRET_KEY).",
        )
    if found[LOST]:
        yield Finding(
            "W032",
            f"No key that is given opens {found[LOST]} of what is sealed: passwords, links, texts of complaints.",
            "Put the key that sealed them into SECRET_KEY_OLD, then: python app.py secrets rotate",
        )


SERVICE_CHECKS: tuple[Callable[[Settings], Findings], ...] = (database, broker, complaints, sealed)
