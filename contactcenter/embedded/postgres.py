"""The embedded PostgreSQL: made once, reached by a socket that only its folder's owner can enter."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from contactcenter.embedded.account import Account
from contactcenter.embedded.binaries import postgres_bin, reachable_postgres
from contactcenter.embedded.child import Program
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.places import Places

NAME = "postgres"
RANK = 0
DATABASE = "candor"
OWNER = "candor"
APPLICATION = "candor_app"
# Connections without a password are safe here: the socket's folder is 0700, and there is no network port.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "lc_messages": "C",
}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def prepare(places: Places, account: Account) -> Program:
    """Find the programs, make the data folder if there is none, and say how to run it."""
    programs = reachable_postgres(postgres_bin(), account, places.home)
    data = places.home / f"pg{major_version(programs)}"
    if not (data / "PG_VERSION").exists():
        make_data_folder(programs, data, account, throwaway=places.throwaway)
    settings = SETTINGS | {"unix_socket_directories": str(places.sockets)}
    settings |= THROWAWAY if places.throwaway else {}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        NAME,
        (str(programs / "postgres"), "-D", str(data), *options),
        log=places.home / "postgres.log",
        rank=RANK,
        environment={"LC_ALL": "C", "PGTZ": "UTC"},
        cwd=data,
        account=account,
        stop_signal=signal.SIGINT,  # "fast": end sessions, write a checkpoint
        stop_within_s=20,
    )


def major_version(programs: Path) -> str:
    """Part of the data folder's name, for another major version cannot open its data."""
    shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"(\d+)", shown.stdout)
    if found is None:
        raise EngineError(
            f"{programs / 'postgres'} says {shown.stdout.strip()!r}, which is no PostgreSQL version."
        )
    return found[1]


def make_data_folder(programs: Path, data: Path, account: Account, *, throwaway: bool) -> None:
    """Run initdb into a draft and rename it, so that a start cut short leaves no half-made database."""
    draft = data.with_name(data.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.own(draft)
    # C.UTF-8 and not C: pg_trgm and lower() know no Chinese letters under C. initdb of a wheel has no ICU.
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    command = [str(programs / "initdb"), "-D", str(draft), "-U", OWNER, "--auth=trust", "--encoding=UTF8"]
    command += [f"--locale={locale}", "--no-instructions", *(["--no-sync"] if throwaway else [])]
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=draft,
        env=clean_environment(),
        **account.popen(),
    )
    if made.returncode != 0:
        raise EngineError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
    draft.rename(data)


def clean_environment() -> dict[str, str]:
    """Ours without PG… variables, which could point initdb elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def accepts_connections(places: Places) -> bool:
    try:
        psycopg.connect(host=str(places.sockets), user=OWNER, dbname="postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def ensure_roles_and_database(places: Places) -> None:
    """The owner migrates; processes use a role of lesser rights, so that chained events stay unchangeable."""
    with psycopg.connect(host=str(places.sockets), user=OWNER, dbname="postgres", autocommit=True) as owner:
        if not exists(owner, "SELECT 1 FROM pg_roles WHERE rolname = %s", APPLICATION):
            owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APPLICATION)))
        if not exists(owner, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    with psycopg.connect(host=str(places.sockets), user=OWNER, dbname=DATABASE, autocommit=True) as owner:
        role = sql.Identifier(APPLICATION)
        for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
            owner.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {} ON {} TO {}").format(
                    sql.SQL(rights), sql.SQL(kind), role
                )
            )


def exists(connection: psycopg.Connection[tuple[object, ...]], query: str, value: str) -> bool:
    return connection.execute(query.encode(), (value,)).fetchone() is not None


def url(places: Places, role: str) -> str:
    """SQLAlchemy's form of the address."""
    return f"postgresql+psycopg://{role}@/{DATABASE}?host={quote(str(places.sockets), safe='/')}"
