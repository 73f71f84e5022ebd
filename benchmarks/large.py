"""Fill a database with many tickets as two years would leave them, in minutes: `python -m benchmarks.large --tickets 100000`.

Made by the database itself from a few hundred sentences, so that it is quick; every constraint holds, counters and search
words are right. Other benchmarks call `fill`. The command fills DATABASE_URL (or what STATE_DIR has), which has to hold an
organisation and nothing else: `app.py serve --demo` will not do, `python -m benchmarks.large --organisation` makes one.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.compose import compose
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.core.search import index_text
from contactcenter.embedded.attach import attach_or_start

BATCH = 50_000
YEARS = 2
SENTENCES = 600
ENGLISH = (
    (
        "My bill",
        "The meter",
        "Your engineer",
        "The refund",
        "My contract",
        "The night tariff",
        "A parcel",
        "The app",
    ),
    (
        "is wrong",
        "never came",
        "was late",
        "runs backwards",
        "cannot be opened",
        "costs too much",
        "was moved",
    ),
    (
        "since Monday",
        "for the third time",
        "although I paid",
        "and nobody answers",
        "in Harbour Street",
        "again",
    ),
    (
        "Please call me.",
        "Can you check?",
        "I want my money back.",
        "Thank you for your help.",
        "What happens now?",
    ),
)
CHINESE = (
    ("我的账单", "电表", "工程师", "退款", "合同", "夜间电价", "包裹", "应用"),
    ("有错误", "一直没有到", "迟到了", "倒着走", "打不开", "太贵了", "改了时间"),
    ("从星期一开始", "已经第三次了", "虽然我付了钱", "没有人回答", "在海港街", "又一次"),
    ("请给我打电话。", "可以查一下吗？", "我要退款。", "谢谢你们的帮助。", "现在怎么办？"),
)

WORDS = """
CREATE TEMPORARY TABLE sentence (n int PRIMARY KEY, language text, subject text, body text, words text)
"""
# `k` is the number of a ticket, from 1; ids follow those that are there. `at` spreads them over the years, the newest last.
TICKETS = """
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT k, CAST(:ticket_base AS bigint) + k AS ticket_id, CAST(:conversation_base AS bigint) + k AS conversation_id,
       CAST(:customer_base AS bigint) + 1 + (k * 7919::bigint) % :customers AS customer_id,
       s.language, s.subject, s.body, s.words, 2 + (k * 7919::bigint % 5)::int AS messages_n,
       (CAST(:queues AS bigint[]))[1 + k % :queues_n] AS queue_id,
       (CAST(:agents AS bigint[]))[1 + (k / 3) % :agents_n] AS agent_id,
       (ARRAY['email','chat','email','form','voice','chat'])[1 + k % 6] AS channel,
       CASE WHEN k > CAST(:all AS bigint) - 40 THEN 'new' WHEN k % 100 < 5 THEN 'open' WHEN k % 100 < 9 THEN 'pending'
            WHEN k % 100 < 11 THEN 'on_hold' WHEN k % 100 < 20 THEN 'solved' ELSE 'closed' END AS status,
       CAST(:newest AS timestamptz) - (CAST(:all AS bigint) - k) * CAST(:step AS interval) AS at
  FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) k JOIN sentence s ON s.n = (k * 104729::bigint) % :sentences
"""
STATEMENTS = (
    """
INSERT INTO ticket (id, subject, kind, status, priority, language, brand_id, queue_id, owner_id, customer_id, mood, mood_min,
                    first_reply_at, solved_at, closed_at, rev, created_at, updated_at, search)
SELECT ticket_id, subject || ' ' || k, (ARRAY['question','request','fault','praise','suggestion'])[1 + k % 5], status,
       (k % 10 = 0)::int, language, q.brand_id, queue_id, CASE WHEN status <> 'new' THEN agent_id END, customer_id,
       ((k % 21) - 10) / 10.0, ((k % 21) - 10) / 10.0, CASE WHEN status <> 'new' THEN at + interval '4 minutes' END,
       CASE WHEN status IN ('solved','closed') THEN at + interval '1 day' END,
       CASE WHEN status = 'closed' THEN at + interval '8 days' END, messages_n, at,
       at + messages_n * interval '4 minutes', to_tsvector('simple', words || ' person ' || k)
  FROM made JOIN queue q ON q.id = queue_id
""",
    """
INSERT INTO ticket_sla (ticket_id, name, due_at, state, stopped_at)
SELECT ticket_id, name, at + wait, CASE WHEN k % 9 = 0 THEN 'breached' ELSE 'met' END, at + wait / 2
  FROM made, (VALUES ('first_reply', interval '1 hour'), ('resolve', interval '2 days')) AS promise(name, wait)
 WHERE status IN ('solved', 'closed')
""",
    """
INSERT INTO conversation (id, ticket_id, channel, state, queue_id, customer_id, agent_id, address, last_seq, enqueued_at,
                          accepted_at, ended_at, end_reason, wrap_until, created_at)
SELECT conversation_id, ticket_id, channel, CASE WHEN status = 'new' THEN 'waiting' ELSE 'ended' END, queue_id, customer_id,
       CASE WHEN status <> 'new' THEN agent_id END, 'person' || customer_id || '@example.com', messages_n, at,
       CASE WHEN status <> 'new' THEN at + interval '1 minute' END, CASE WHEN status <> 'new' THEN at + interval '1 hour' END,
       CASE WHEN status <> 'new' THEN 'solved' END, CASE WHEN status <> 'new' THEN at + interval '61 minutes' END, at
  FROM made
""",
    """
INSERT INTO offer (conversation_id, user_id, state, offered_at, deadline_at, accepted_at, ended_at)
SELECT conversation_id, agent_id, 'ended', at + interval '50 seconds', at + interval '70 seconds', at + interval '1 minute',
       at + interval '1 hour' FROM made WHERE status <> 'new'
""",
    """
INSERT INTO message (id, ticket_id, conversation_id, seq, rev, author, user_id, customer_id, body, delivery, created_at)
SELECT CAST(:message_base AS bigint) + k * 6 + j, ticket_id, conversation_id, j, j, CASE WHEN j % 2 = 1 THEN 'customer' ELSE 'agent' END,
       CASE WHEN j % 2 = 0 THEN agent_id END, CASE WHEN j % 2 = 1 THEN customer_id END,
       CASE WHEN j % 2 = 1 THEN body ELSE 'We look at it (' || k || '). ' || subject END, 'sent', at + (j - 1) * interval '4 minutes'
  FROM made, generate_series(1, messages_n) j
""",
    """
INSERT INTO analysis (message_id, model, language, sentiment, score, confidence, complaint, topic, urgency, reasons, created_at)
SELECT CAST(:message_base AS bigint) + k * 6 + j, 'made', language, (ARRAY['negative','neutral','positive'])[1 + k % 3], ((k % 21) - 10) / 10.0,
       0.8, (k % 100) / 100.0, 'billing', k % 3, '{}', at + (j - 1) * interval '4 minutes'
  FROM made, generate_series(1, messages_n, 2) j
""",
    """
INSERT INTO event (at, name, actor, ticket_id, conversation_id, customer_id, user_id, data)
SELECT at, 'ticket.opened', 'customer:' || customer_id, ticket_id, NULL::bigint, customer_id, NULL::bigint, '{}'::jsonb FROM made
UNION ALL
SELECT at + (j - 1) * interval '4 minutes', 'message.added',
       CASE WHEN j % 2 = 1 THEN 'customer:' || customer_id ELSE 'user:' || agent_id END, ticket_id, conversation_id, customer_id,
       CASE WHEN j % 2 = 0 THEN agent_id END, jsonb_build_object('message_id', CAST(:message_base AS bigint) + k * 6 + j, 'seq', j, 'rev', j,
       'author', CASE WHEN j % 2 = 1 THEN 'customer' ELSE 'agent' END, 'conversation_id', conversation_id, 'ticket_id', ticket_id,
       'internal', false, 'channel', channel) FROM made, generate_series(1, messages_n) j
UNION ALL
SELECT at + interval '1 day', 'ticket.status_changed', 'user:' || agent_id, ticket_id, NULL, customer_id, agent_id,
       jsonb_build_object('ticket_id', ticket_id, 'old', 'open', 'new', 'solved') FROM made WHERE status IN ('solved', 'closed')
""",
)
CUSTOMERS = (
    """
INSERT INTO customer (id, name, language, segment, created_at)
SELECT CAST(:customer_base AS bigint) + k, CASE WHEN k % 4 = 0 THEN '王' || k ELSE 'Person ' || k END, CASE WHEN k % 4 = 0 THEN 'zh' ELSE 'en' END,
       CASE WHEN k % 50 = 0 THEN 'vip' ELSE '' END, CAST(:newest AS timestamptz) - interval '2 years'
  FROM generate_series(1, CAST(:customers AS bigint)) k
""",
    """
INSERT INTO identity (customer_id, kind, value, verified, created_at)
SELECT CAST(:customer_base AS bigint) + k, 'email', 'person' || (CAST(:customer_base AS bigint) + k) || '@example.com', true, CAST(:newest AS timestamptz)
  FROM generate_series(1, CAST(:customers AS bigint)) k
""",
)
NUMBERED = ("customer", "ticket", "conversation", "message")


def fill(connection: Connection, tickets: int, *, newest: datetime | None = None) -> dict[str, float]:
    """`tickets` more, with their customers, messages and log; commits as it goes. Returns the seconds of each part.

    An organisation with queues and agents has to be there; `connection` is the owner's.
    """
    given = _bases(connection, tickets, newest or clock.now())
    connection.execute(text(WORDS))
    connection.execute(
        text("INSERT INTO sentence VALUES (:n, :language, :subject, :body, :words)"), list(_sentences())
    )
    took = {"customers": _timed(connection, CUSTOMERS, given)}
    took["tickets"] = 0.0
    for first in range(1, tickets + 1, BATCH):
        part = {**given, "first": first, "last": min(first + BATCH - 1, tickets)}
        took["tickets"] += _timed(connection, (TICKETS, *STATEMENTS), part)
    for table in NUMBERED:
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        connection.execute(text(f"SELECT setval({sequence}, (SELECT max(id) FROM {table}))"))
    connection.execute(text("DROP TABLE sentence"))
    connection.commit()
    return took | {"analyze": _analyze(connection)}


def _bases(connection: Connection, tickets: int, newest: datetime) -> dict[str, object]:
    """Behind what is there, and who and where may be chosen."""
    bases = {
        f"{table}_base": connection.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table}"))
        for table in NUMBERED
    }
    queues = connection.scalars(text("SELECT id FROM queue ORDER BY id")).all()
    agents = connection.scalars(
        text("""SELECT id FROM user_account WHERE roles ? 'agent' ORDER BY id""")
    ).all()
    if not queues or not agents:
        raise SystemExit("There is no queue or no agent: make an organisation first (--organisation).")
    chosen = {
        "queues": list(queues),
        "queues_n": len(queues),
        "agents": list(agents),
        "agents_n": len(agents),
    }
    step = timedelta(days=365 * YEARS) / tickets
    sizes = {"all": tickets, "customers": max(1, tickets // 4), "sentences": SENTENCES}
    return {**bases, **chosen, **sizes, "newest": newest, "step": step}


def _sentences() -> Iterator[dict[str, object]]:
    dice = random.Random(7)
    for n in range(SENTENCES):
        language, parts, gap = ("zh", CHINESE, "") if n % 4 == 0 else ("en", ENGLISH, " ")
        thing, trouble, when, wish = (dice.choice(part) for part in parts)
        subject, body = (
            gap.join((thing, trouble)),
            gap.join((thing, trouble, when)) + ("。" if gap == "" else ". ") + wish,
        )
        words = index_text(f"{subject} {body}")
        yield {"n": n, "language": language, "subject": subject, "body": body, "words": words}


def _timed(connection: Connection, statements: Sequence[str], given: dict[str, object]) -> float:
    begun = time.perf_counter()
    for statement in statements:
        connection.execute(text(statement), given)
    connection.commit()
    return time.perf_counter() - begun


def _analyze(connection: Connection) -> float:
    begun = time.perf_counter()
    connection.execute(text("ANALYZE"))
    connection.commit()
    return time.perf_counter() - begun


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--organisation", action="store_true", help="make the demo's people and queues first")
    options = parser.parse_args(arguments)
    os.environ.setdefault("NLP_ENGINE", "off")
    with attach_or_start(get_settings()) as settings:
        compose()
        engine = create_engine(settings.migration_url or settings.database_url)
        if options.organisation:
            with Session(engine) as session, session.begin():
                build_organisation(session, {person.login: "every-evening-the-tide" for person in PEOPLE})
        with engine.connect() as connection:
            took = fill(connection, options.tickets)
            size = connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
        engine.dispose()
    print(
        ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items()),
        f"database {size // 2**20} MiB",
        sep=", ",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
