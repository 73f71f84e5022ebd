"""How many offers a second reach PostgreSQL: the router's guarded write against a claim with SKIP LOCKED.

`python benchmarks/bench_router_postgres.py [--waiting 100000]` starts an embedded PostgreSQL of its own (fsync and
synchronous_commit on), fills it, and prints one JSON object. All ways take turns, so that whatever else the machine does
meets all of them; rates are those of the median transaction. `commit` (renew the lease, commit) is what the disk allows.

The claims are those of one worker for an agent with five of fifty skills (queues); a tenth of what waits suits him:
`claim` sorts it each time, found by the product's own index on (queue_id, created_at); `claim_and_record` also writes the
offer and the event that an offer of ours consists of; `claim_by_key` has an index of its own in the order of the key,
which each change of priority would have to rewrite. None of them asks for capacity, presence, fairness or ring times.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, event, text
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from contactcenter.assignment.decisions import Wish, write_decisions
from contactcenter.assignment.lease import Lease, keep_lease, take_lease
from contactcenter.assignment.router import Router
from contactcenter.compose import compose, metadata
from contactcenter.conversations.service import end_conversation
from contactcenter.core import db
from contactcenter.embedded.engines import start_engines

QUEUES, AGENTS, CAP = 50, 1000, 5

FILL = """
INSERT INTO brand (slug, name, created_at) VALUES ('bench', 'Bench', now());
INSERT INTO team (name, created_at) SELECT 'team ' || n, now() FROM generate_series(1, {queues}) n;
INSERT INTO queue (name, brand_id, team_id, wrap_up_s, ring_s)
  SELECT 'queue ' || n, 1, n, 0, 600 FROM generate_series(1, {queues}) n;
INSERT INTO user_account (email, name, password_hash, roles, team_id, created_at)
  SELECT 'agent' || n || '@example.com', 'Agent ' || n, '', '["agent"]', 1 + n % {queues}, now()
    FROM generate_series(1, {agents}) n;
INSERT INTO presence (user_id, state, reason, since, idle_since)
  SELECT id, 'ready', '', now(), now() - id * interval '1 second' FROM user_account;
INSERT INTO agent_capacity (user_id, channel, cap) SELECT id, 'chat', {cap} FROM user_account;
INSERT INTO customer (name, created_at) VALUES ('Customer', now());
INSERT INTO ticket (subject, brand_id, queue_id, customer_id, created_at, updated_at)
  SELECT 'Ticket ' || n, 1, 1 + n % {queues}, 1, now(), now() FROM generate_series(1, {waiting}) n;
INSERT INTO conversation (ticket_id, channel, queue_id, customer_id, enqueued_at, created_at)
  SELECT id, 'chat', queue_id, 1, now() - ({waiting} - id) * interval '10 milliseconds', now() FROM ticket;
"""

_KEY = "enqueued_at - priority * interval '60 seconds'"
_NEXT = f"""
  SELECT id FROM conversation WHERE state = 'waiting' AND queue_id = ANY(:queues)
   ORDER BY {_KEY}, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
_TAKE = f"UPDATE conversation SET state = 'active', epoch = epoch + 1 WHERE id = ({_NEXT})"
CLAIM = text(f"{_TAKE} RETURNING id")
CLAIM_AND_RECORD = text(f"""
WITH taken AS ({_TAKE} RETURNING id, ticket_id, customer_id), made AS (
  INSERT INTO offer (conversation_id, user_id, state, reasons, offered_at, accepted_at)
  SELECT id, 1, 'accepted', '{{}}', now(), now() FROM taken RETURNING id, conversation_id)
INSERT INTO event (at, name, actor, ticket_id, conversation_id, customer_id, user_id, data)
SELECT now(), 'offer.accepted', 'system', ticket_id, conversation_id, customer_id, 1,
       jsonb_build_object('conversation_id', conversation_id, 'offer_id', made.id, 'user_id', 1)
  FROM made JOIN taken ON taken.id = made.conversation_id
RETURNING conversation_id
""")
_FIXED_KEY = "(enqueued_at AT TIME ZONE 'UTC') - priority * interval '60 seconds'"  # an index takes no other
BY_KEY = f"CREATE INDEX bench_by_key ON conversation (queue_id, ({_FIXED_KEY}), id) WHERE state = 'waiting'"
CLAIM_BY_KEY = text(f"""
UPDATE conversation SET state = 'active', epoch = epoch + 1 WHERE id = (
  SELECT first.id FROM unnest(:queues) AS queue, LATERAL (
    SELECT id, {_FIXED_KEY} AS key FROM conversation WHERE state = 'waiting' AND queue_id = queue
     ORDER BY {_FIXED_KEY}, id LIMIT 1 FOR UPDATE SKIP LOCKED) AS first
   ORDER BY first.key, first.id LIMIT 1)
RETURNING id
""")
BARE = text("""
UPDATE conversation SET state = 'offered', epoch = epoch + 1 WHERE id = ANY(:ids) AND state = 'waiting' RETURNING id
""")
OWN_SKILLS = [3, 14, 15, 9, 26]
ROUNDS = 10


@dataclass
class Way:
    """One way to hand out work: how much one transaction hands out, how many of them a round has, and what was found."""

    work: Callable[[Session], None]
    batch: int
    per_round: int
    took: list[float] = field(default_factory=list)
    statements: int = 0

    def go(self) -> None:
        """Run one transaction and note its time."""
        started = time.perf_counter()
        with db.unit_of_work() as session:
            self.work(session)
        self.took.append(time.perf_counter() - started)

    @property
    def per_s(self) -> float:
        return self.batch / statistics.median(self.took)

    def told(self) -> dict[str, float]:
        """What is printed of it. BEGIN, COMMIT and the pool's question whether the connection lives come on top."""
        ordered = sorted(self.took)
        return {
            "per_s": round(self.per_s, 1),
            "ms_p50": round(1000 * statistics.median(ordered), 3),
            "ms_p99": round(1000 * ordered[int(0.99 * len(ordered))], 3),
            "statements": self.statements / len(self.took),
        }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=100_000)
    waiting = parser.parse_args(arguments).waiting
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, start_engines(Path(folder)) as engines:
        fill(engines.migration_url, waiting)
        engine = db.connect(engines.database_url)
        with db.unit_of_work() as session:
            lease = take_lease(session, 0, "benchmark")
        assert lease is not None
        found: dict[str, Any] = {"waiting": waiting, "agents": AGENTS, "load_1m": os.getloadavg()[0]}
        found |= calibrated()
        ids = iter(range(waiting, 0, -1))  # the claims take from the other end
        warm_up(engines.migration_url, lease, ids)
        found |= router_turns(
            engine, lease
        )  # first: what is claimed below has no owner the router could know
        ways = the_ways(lease, ids)
        take_turns(engine, ways)
        with as_owner(engines.migration_url) as connection:
            connection.execute(text(BY_KEY))
        by_key = {"claim_by_key": Way(claiming(CLAIM_BY_KEY), 1, 10)}
        take_turns(engine, by_key)
        claim = ways["claim"].per_s
        found["ways"] = {name: way.told() for name, way in (ways | by_key).items()}
        found["times_claim"] = {name: round(way.per_s / claim, 1) for name, way in (ways | by_key).items()}
        print(json.dumps(found, indent=1))
    return 0


def the_ways(lease: Lease, ids: Iterator[int]) -> dict[str, Way]:
    return {
        "commit": Way(lambda session: keep_lease(session, lease), 1, 30),
        "offers_batch_1": Way(offering(lease, ids, 1), 1, 30),
        "offers_batch_10": Way(offering(lease, ids, 10), 10, 10),
        "offers_batch_100": Way(offering(lease, ids, 100), 100, 2),
        "bare_update_batch_1": Way(updating(ids, 1), 1, 30),
        "bare_update_batch_10": Way(updating(ids, 10), 10, 10),
        "claim": Way(claiming(CLAIM), 1, 6),
        "claim_and_record": Way(claiming(CLAIM_AND_RECORD), 1, 6),
    }


def take_turns(engine: Engine, ways: dict[str, Way]) -> None:
    """Round by round, each way its share, with the statements counted."""
    for _ in range(ROUNDS):
        for way in ways.values():
            with counted(engine) as count:
                for _ in range(way.per_round):
                    way.go()
            way.statements += count()


def fill(owner_url: str, waiting: int) -> None:
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO candor_app"))
        connection.execute(text("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO candor_app"))
        connection.execute(text(_dated_by_the_database()))
        for statement in FILL.format(queues=QUEUES, agents=AGENTS, waiting=waiting, cap=CAP).split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    engine.dispose()
    with as_owner(owner_url) as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _dated_by_the_database() -> str:
    """Rows that are written here have no clock but the database's."""
    dated = [
        column
        for table in metadata.sorted_tables
        for column in table.c
        if column.name in ("created_at", "updated_at")
    ]
    return ";".join(f"ALTER TABLE {one.table.name} ALTER {one.name} SET DEFAULT now()" for one in dated)


def calibrated() -> dict[str, float]:
    """CPU seconds of ten million additions: what this machine is worth now."""
    started, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return {"cpu_s_per_10m_adds": round(time.process_time() - started, 2)}


def warm_up(owner_url: str, lease: Lease, ids: Iterator[int]) -> None:
    """Some hundred offers are out, and the planner knows, as in a centre at work."""
    for _ in range(5):
        with db.unit_of_work() as session:
            offering(lease, ids, 100)(session)
    with as_owner(owner_url) as connection:
        connection.execute(text("ANALYZE"))


def offering(lease: Lease, ids: Iterator[int], batch: int) -> Callable[[Session], None]:
    """The router already knows who gets what: fence, locks, guards, offers, events, commit."""

    def write(session: Session) -> None:
        keep_lease(session, lease)
        wishes = [wish(next(ids)) for _ in range(batch)]
        assert all(offer_id for _, offer_id in write_decisions(session, wishes))

    return write


def wish(conversation_id: int) -> Wish:
    return Wish("offer", conversation_id, 1 + conversation_id % AGENTS, None, None, "chat", 1000, {})


def updating(ids: Iterator[int], batch: int) -> Callable[[Session], None]:
    """Nothing but the guarded change of hands, which is what such comparisons usually time."""

    def update(session: Session) -> None:
        mine = [next(ids) for _ in range(batch)]
        assert len(session.execute(BARE, {"ids": mine}).all()) == batch

    return update


def claiming(statement: TextClause) -> Callable[[Session], None]:
    """One worker that asks the database for its next conversation."""

    def claim(session: Session) -> None:
        assert session.execute(statement, {"queues": OWN_SKILLS}).first() is not None

    return claim


def router_turns(engine: Engine, lease: Lease) -> dict[str, float]:
    """Whole turns of the real router: a customer leaves, the inbox says so, the next conversation is offered.

    What the offer tells browsers is not timed: in the router's process that is another thread's work.
    """
    compose()
    db.run_hooks_with(lambda _: None)
    router = Router(lease)
    started = time.perf_counter()
    router.turn()
    rebuilt_s = time.perf_counter() - started
    took, statements = [], []
    for conversation_id in offered(200):
        with db.unit_of_work() as session:
            end_conversation(session, conversation_id, by="customer", reason="left", actor="system")
        with counted(engine) as count:
            started = time.perf_counter()
            router.turn()
            took.append(time.perf_counter() - started)
        statements.append(count())
    return {
        "first_turn_s": round(rebuilt_s, 2),
        "turn_ms_p50": round(1000 * statistics.median(took), 2),
        "turn_ms_p99": round(1000 * sorted(took)[int(0.99 * len(took))], 2),
        "turn_statements": statistics.median(statements),
    }


@contextmanager
def counted(engine: Engine) -> Iterator[Callable[[], int]]:
    """Count the statements that reach the database."""
    n = 0

    def add(*_: object) -> None:
        nonlocal n
        n += 1

    event.listen(engine, "before_cursor_execute", add)
    try:
        yield lambda: n
    finally:
        event.remove(engine, "before_cursor_execute", add)


@contextmanager
def as_owner(owner_url: str) -> Iterator[Connection]:
    """A connection that may define things; each statement commits by itself."""
    engine = create_engine(owner_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def offered(limit: int) -> list[int]:
    with db.unit_of_work() as session:
        query = text("SELECT conversation_id FROM offer WHERE state = 'offered' ORDER BY id LIMIT :limit")
        return list(session.scalars(query, {"limit": limit}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
