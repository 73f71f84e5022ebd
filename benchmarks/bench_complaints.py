"""How long the complaints desk takes with many cases: a page, the desk, one step's rules, one tick of the clock.

`python benchmarks/bench_complaints.py [--cases 10000]` starts an embedded PostgreSQL of its own, takes the demo's complaints
through their steps, copies them row by row (so that their chains are no longer provable, but as long as real ones), asks
as an investigator through the application itself, without a network, and prints one JSON object.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, event, select, text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from contactcenter.accounts.sessions import start_session
from contactcenter.cli.demo_cases import DOSSIERS, open_dossier
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation, user_called
from contactcenter.complaints.meaning import read_facts
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.references import new_reference
from contactcenter.complaints.service import dry_run, tick
from contactcenter.compose import compose, metadata
from contactcenter.core import clock, db
from contactcenter.core.config import Settings
from contactcenter.edge.sessions import COOKIE
from contactcenter.embedded.engines import start_engines
from contactcenter.factory import create_app
from nlp.analyzer import get_analyzer
from nlp.meaning import open_meaning

OFFSET = 1_000_000
"""How far the numbers of one set of copies lie from the next's."""

ORIGINALS = 30
ASKED = 60
DUE = 100
COPIED = (
    "customer",
    "identity",
    "ticket",
    "ticket_sla",
    "conversation",
    "message",
    "complaint_case",
    "complaint_event",
    "complaint_value",
    "complaint_letter",
    "complaint_link",
    "complaint_precedent",
)
RENAMED = {"identity": "value", "complaint_case": "reference", "ticket": "complaint_ref"}
TARGETS_MS = {"case_ms_p95": 100, "desk_ms_p95": 50, "rules_ms_p95": 20, "tick_nothing_due_ms": 2000}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    wanted = parser.parse_args(arguments).cases
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, start_engines(Path(folder)) as engines:
        compose()
        owner = create_engine(engines.migration_url)
        metadata.create_all(owner)
        db.connect(engines.migration_url)
        fill(wanted)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        found: dict[str, Any] = {"load_1m": os.getloadavg()[0], "cpus": os.cpu_count()}
        settings = Settings(
            state_dir=Path(folder), database_url=engines.migration_url, secret_key="benchmark" * 4
        )
        found |= measured(settings)
        found["targets"] = TARGETS_MS
        found["met"] = {name: found[name] <= most for name, most in TARGETS_MS.items()}
        print(json.dumps(found, indent=1))
    return 0


def fill(wanted: int) -> None:
    """The organisation, some real cases, and their copies up to `wanted`."""
    with db.unit_of_work() as session:
        build_organisation(session, {person.login: "every-evening-the-tide" for person in PEOPLE})
    for number in range(min(ORIGINALS, wanted)):
        dossier = DOSSIERS[number % len(DOSSIERS)]
        somebody = replace(dossier, customer=f"Person {number}", address=f"person{number}@example.com")
        with db.unit_of_work() as session:
            keys = {person.login: user_called(session, person.login).actor for person in PEOPLE}
            open_dossier(session, somebody, keys)
    read_all_facts()
    with db.unit_of_work() as session:
        copy_all(session.connection(), wanted // ORIGINALS - 1)
        name_copies(session.connection())


def read_all_facts() -> None:
    """As a worker does: cases are then compared by meaning, which costs more than by words."""
    meaning = open_meaning(get_analyzer("onnx"))
    assert meaning is not None
    with db.unit_of_work() as session:
        for case_id in session.scalars(select(ComplaintCase.id)).all():
            read_facts(session, case_id, meaning.method, meaning.of)


def copy_all(connection: Connection, times: int) -> None:
    for name in COPIED:
        table = metadata.tables[name]
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        values = ", ".join(_copied(table))
        connection.execute(
            text(f"INSERT INTO {name} ({columns}) SELECT {values} FROM {name} t, generate_series(1, :n) k"),
            {"n": times},
        )


def name_copies(connection: Connection) -> None:
    """A reference has to be one that can be read out."""
    ids = connection.scalars(select(ComplaintCase.id).where(ComplaintCase.id > OFFSET)).all()
    names = [new_reference(date(2026, 11, 1)) for _ in ids]
    named = {"ids": list(ids), "names": names}
    pairs = "(SELECT unnest(cast(:ids AS bigint[])) AS id, unnest(cast(:names AS text[])) AS name) AS pair"
    connection.execute(
        text(f"UPDATE complaint_case SET reference = name FROM {pairs} WHERE complaint_case.id = pair.id"),
        named,
    )
    refers = "UPDATE ticket SET complaint_ref = reference FROM complaint_case WHERE ticket_id = ticket.id"
    connection.execute(text(refers))


def _copied(table: Table) -> Iterator[str]:
    """Each column's value in copy `k`: numbers of copied things are moved, what is unique is told apart."""
    for column in table.c:
        here = f't."{column.name}"'
        points = next(iter(column.foreign_keys), None)
        moves = points is not None and points.column.table.name in COPIED
        if moves or column.name == "id":
            yield f"{here} + k * {OFFSET}"
        elif RENAMED.get(table.name) == column.name:
            yield f"{here} || '-' || k"
        elif (table.name, column.name) == ("complaint_link", "digest"):
            yield f"md5({here}::text || k)"
        else:
            yield here


def measured(settings: Settings) -> dict[str, Any]:
    app = create_app(settings)
    client, dice = app.test_client(), random.Random(1)
    with db.unit_of_work() as session:
        ines = user_called(session, "ines")
        client.set_cookie(COOKIE, start_session(session, ines, "benchmark"))
        references = list(session.scalars(select(ComplaintCase.reference)))
        ids = list(session.scalars(select(ComplaintCase.id).where(ComplaintCase.state != "closed")))
        actor = ines.actor

    def ask(path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    def rules(case_id: int) -> None:
        with db.unit_of_work() as session:
            dry_run(session, session.get_one(ComplaintCase, case_id), actor)

    case_paths = [f"/complaints/{one}" for one in dice.sample(references, min(ASKED, len(references)))]
    found: dict[str, float] = {"cases": len(references)}
    found |= times("case", ask, case_paths)
    found |= times(
        "desk", ask, ["/complaints", "/complaints?view=late", "/complaints?view=over"] * (ASKED // 3)
    )
    found |= times("rules", rules, dice.sample(ids, min(ASKED, len(ids))))
    return found | ticks(dice.sample(ids, min(DUE, len(ids))))


def times(name: str, work: Callable[[Any], None], of: Sequence[Any]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, after one round that warms up; and the statements of one."""
    for one in of[:3]:
        work(one)
    took = []
    for one in of:
        started = time.perf_counter()
        work(one)
        took.append(1000 * (time.perf_counter() - started))
    with statements() as said:
        work(of[0])
    ordered = sorted(took)
    return {
        f"{name}_ms_p50": round(statistics.median(took), 1),
        f"{name}_ms_p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
        f"{name}_statements": len(said),
    }


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is said to the database inside the block."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    with db.unit_of_work() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def ticks(due: Iterable[int]) -> dict[str, float]:
    """One tick with nothing due, and one in which each of `due` is looked at again."""

    def took_ms() -> float:
        started = time.perf_counter()
        with db.unit_of_work() as session:
            tick(session)
        return round(1000 * (time.perf_counter() - started), 1)

    first = took_ms()  # what fell due since the copies were made
    nothing = took_ms()
    with db.unit_of_work() as session:
        for case_id in due:
            session.get_one(ComplaintCase, case_id).next_act_at = clock.now()
    return {"tick_first_ms": first, "tick_nothing_due_ms": nothing, "tick_100_due_ms": took_ms()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
