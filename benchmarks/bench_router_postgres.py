"""How many offers a second reach PostgreSQL: the router's guarded write against a claim with SKIP LOCKED.

`python benchmarks/bench_router_postgres.py [--waiting 100000]` starts an embedded PostgreSQL of its own (fsync on), fills it, and
prints one JSON object: rates as medians of the transactions' own times, all measured in the same run.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from contactcenter.assignment.decisions import Wish, write_decisions
from contactcenter.assignment.lease import Lease, keep_lease, take_lease
from contactcenter.assignment.router import Router
from contactcenter.compose import metadata
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

CLAIM = text("""
UPDATE conversation SET state = 'active', epoch = epoch + 1 WHERE id = (
  SELECT id FROM conversation WHERE state = 'waiting' AND queue_id = ANY(:queues)
   ORDER BY enqueued_at - priority * interval '60 seconds', id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
""")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=100_000)
    waiting = parser.parse_args(arguments).waiting
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, start_engines(Path(folder)) as engines:
        fill(engines.migration_url, waiting)
        db.connect(engines.database_url)
        with db.unit_of_work() as session:
            lease = take_lease(session, 0, "benchmark")
        assert lease is not None
        ids = iter(range(1, waiting))
        found: dict[str, Any] = {"waiting": waiting, "agents": AGENTS, "load_1m": os.getloadavg()[0]}
        found |= calibrated()
        for batch, transactions in ((1, 300), (10, 100), (100, 20)):
            rate = write_rate(lease, ids, batch, transactions)
            found[f"offers_per_s_batch_{batch}"] = rate
        found["claims_per_s_skip_locked"] = claim_rate(40)
        for batch in (1, 10):
            found[f"times_claim_batch_{batch}"] = round(
                found[f"offers_per_s_batch_{batch}"] / found["claims_per_s_skip_locked"], 1
            )
        found |= router_turns(lease)
        print(json.dumps(found, indent=1))
    return 0


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
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


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


def write_rate(lease: Lease, ids: Iterator[int], batch: int, transactions: int) -> float:
    """The router already knows who gets what: fence, locks, guards, offers, events, commit."""

    def write(session: Session) -> None:
        keep_lease(session, lease)
        wishes = [wish(next(ids)) for _ in range(batch)]
        assert all(offer_id for _, offer_id in write_decisions(session, wishes))

    return rate(write, transactions, batch)


def wish(conversation_id: int) -> Wish:
    return Wish("offer", conversation_id, 1 + conversation_id % AGENTS, None, None, "chat", 1000, {})


def claim_rate(transactions: int) -> float:
    """One worker that asks the database for its next conversation out of five of fifty queues."""

    def claim(session: Session) -> None:
        assert session.execute(CLAIM, {"queues": [3, 14, 15, 9, 26]}).first() is not None

    return rate(claim, transactions, 1)


def rate(work: Callable[[Session], None], transactions: int, batch: int) -> float:
    took = []
    for _ in range(transactions):
        started = time.perf_counter()
        with db.unit_of_work() as session:
            work(session)
        took.append(time.perf_counter() - started)
    return round(batch / statistics.median(took), 1)


def router_turns(lease: Lease) -> dict[str, float]:
    """Whole turns of the real router: one agent finishes, the inbox says so, the next conversation is offered."""
    router = Router(lease)
    started = time.perf_counter()
    router.turn()
    rebuilt_s = time.perf_counter() - started
    took = []
    for conversation_id in offered(200):
        with db.unit_of_work() as session:
            end_conversation(session, conversation_id, by="customer", reason="left", actor="system")
        started = time.perf_counter()
        router.turn()
        took.append(time.perf_counter() - started)
    ordered = sorted(took)
    return {
        "first_turn_s": round(rebuilt_s, 2),
        "turn_ms_p50": round(1000 * statistics.median(took), 2),
        "turn_ms_p99": round(1000 * ordered[int(0.99 * len(ordered))], 2),
    }


def offered(limit: int) -> list[int]:
    with db.unit_of_work() as session:
        query = text("SELECT conversation_id FROM offer WHERE state = 'offered' ORDER BY id LIMIT :limit")
        return list(session.scalars(query, {"limit": limit}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
