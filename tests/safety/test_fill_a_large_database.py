"""What the benchmarks fill a database with is in order: counters, events, search words; found in both languages."""

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from benchmarks.large import fill
from contactcenter.core.search import query_text
from contactcenter.tickets.models import Ticket
from tests.fire.judge import ONCE, found
from tests.world import build_world

WRONG = {
    **{what: query for what, query in ONCE.items() if "gap" in what or "counter" in what or "twice" in what},
    "a message without its event": (
        "SELECT m.id FROM message m WHERE NOT EXISTS (SELECT FROM event e"
        " WHERE e.name = 'message.added' AND (e.data->>'message_id')::bigint = m.id)"
    ),
    "a counter of tickets": "SELECT id FROM ticket t WHERE rev <> (SELECT count(*) FROM message WHERE ticket_id = t.id)",
}


def test_a_large_database_is_like_one_that_grew(clean_database: Engine, owner: Engine) -> None:
    with Session(owner) as session, session.begin():
        build_world(session)
    with owner.connect() as connection:
        for _twice in range(2):
            fill(connection, 300)
    assert found(owner, WRONG) == {}
    with Session(owner) as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 600
        for words in ("refund", "退款"):
            query = func.to_tsquery(text("'simple'"), query_text(words))
            assert session.scalar(select(func.count()).where(Ticket.search.op("@@")(query)))
        statuses = set(session.scalars(select(Ticket.status).distinct()))
        assert statuses == {"new", "open", "pending", "on_hold", "solved", "closed"}
