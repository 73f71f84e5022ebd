"""How long each migration takes on a large database, down and up again, and how long it keeps people from a table.

`python benchmarks/bench_migrations.py --tickets 100000`: an installation of its own, filled by `benchmarks.large`.
"""

import argparse
import itertools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.large import fill
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.compose import compose
from contactcenter.core.migrate import config_for, upgrade
from contactcenter.embedded.engines import start_engines

LOOK_EVERY_S = 0.02
HELD = """
SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE l.granted AND l.mode IN ('AccessExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock') AND n.nspname = 'public'
   AND c.relkind = 'r' AND c.reltuples > 1000
"""
SHOWN_FROM_S = 0.2


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    tickets = parser.parse_args(arguments).tickets
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, start_engines(Path(folder)) as engines:
        Path(folder).chmod(0o711)
        compose()
        upgrade(engines.migration_url)
        owner = create_engine(engines.migration_url)
        with Session(owner) as session, session.begin():
            build_organisation(session, {person.login: "every-evening-the-tide" for person in PEOPLE})
        with owner.connect() as connection:
            took = fill(connection, tickets)
        print(f"{tickets} tickets in {sum(took.values()):.0f} s, load average {os.getloadavg()[0]:.1f}")
        walk(owner, engines.migration_url)
    return 0


def walk(owner: Engine, url: str) -> None:
    """Down to the first migration and up again, each by itself."""
    config = config_for(url)
    numbers = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    down = {
        upper: timed(owner, lambda to=lower: command.downgrade(config, to))
        for upper, lower in itertools.pairwise(numbers)
    }
    up = {
        number: timed(owner, lambda to=number: command.upgrade(config, to))
        for number in reversed(numbers[:-1])
    }
    print("| migration | down s | up s | kept from writing while up |\n| --- | --- | --- | --- |")
    quick = 0
    for number in reversed(numbers[:-1]):
        slow = max(down[number][0], up[number][0]) >= SHOWN_FROM_S
        quick += not slow
        if slow:
            print(f"| {number} | {down[number][0]:.2f} | {up[number][0]:.2f} | {up[number][1]} |")
    print(
        f"{quick} others under {SHOWN_FROM_S} s; all down {sum(d[0] for d in down.values()):.1f} s, up {sum(u[0] for u in up.values()):.1f} s"
    )


def timed(owner: Engine, work: object) -> tuple[float, str]:
    """Seconds, and which large tables were locked for how long, as somebody else sees it."""
    seen: dict[str, float] = {}
    end = threading.Event()
    watcher = threading.Thread(target=watch, args=(owner, seen, end))
    watcher.start()
    begun = time.perf_counter()
    work()  # type: ignore[operator]  # a command
    took = time.perf_counter() - begun
    end.set()
    watcher.join()
    return took, ", ".join(
        f"{table} {seconds:.1f} s" for table, seconds in seen.items() if seconds >= SHOWN_FROM_S / 2
    )


def watch(owner: Engine, seen: dict[str, float], end: threading.Event) -> None:
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        last = time.perf_counter()
        while not end.wait(LOOK_EVERY_S):
            now = time.perf_counter()
            for table in connection.scalars(text(HELD)).all():
                seen[table] = seen.get(table, 0.0) + now - last
            last = now


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
