"""What must be true of the database when everything has settled, whatever was killed meanwhile; and at every instant."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.fire.ledger import Entry, Ledger

ONCE = {
    "a message twice": "SELECT client_id FROM message WHERE client_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "a gap in seq": (
        "SELECT conversation_id FROM message WHERE seq IS NOT NULL"
        " GROUP BY 1 HAVING count(*) <> max(seq) OR min(seq) <> 1"
    ),
    "a gap in rev": "SELECT ticket_id FROM message GROUP BY 1 HAVING count(*) <> max(rev) OR min(rev) <> 1",
    "a counter that disagrees": (
        "SELECT c.id FROM conversation c WHERE c.last_seq <>"
        " (SELECT count(*) FROM message m WHERE m.conversation_id = c.id AND m.seq IS NOT NULL)"
    ),
    "a conversation twice": "SELECT ticket_id FROM conversation GROUP BY 1 HAVING count(*) > 1",
    "an event twice": (
        "SELECT data->>'message_id' FROM event WHERE name = 'message.added' GROUP BY 1 HAVING count(*) > 1"
    ),
    "a message not analysed exactly once": (
        "SELECT m.id FROM message m LEFT JOIN event e"
        " ON e.name = 'message.analysed' AND (e.data->>'message_id')::bigint = m.id"
        " WHERE m.author = 'customer' GROUP BY 1 HAVING count(e.id) <> 1"
    ),
    "an effect that is not done": "SELECT task FROM outbox WHERE done_at IS NULL",
    "an effect that failed": "SELECT task, error FROM outbox WHERE error IS NOT NULL",
    "a timer that is late": (
        "SELECT kind FROM timer WHERE done_at IS NULL AND due_at < now() - interval '30 seconds'"
    ),
    "two live offers": (
        "SELECT conversation_id FROM offer WHERE state IN ('offered', 'accepted') GROUP BY 1 HAVING count(*) > 1"
    ),
    "an offer that disagrees with its conversation": (
        "SELECT c.id FROM conversation c LEFT JOIN offer o"
        " ON o.conversation_id = c.id AND o.state IN ('offered', 'accepted')"
        " WHERE (c.state = 'active') <> coalesce(o.state = 'accepted' AND o.user_id = c.agent_id, false)"
    ),
    "a command that the router has not read": "SELECT command FROM router_inbox WHERE done_at IS NULL",
    "a call that goes on": "SELECT public_id FROM call WHERE state <> 'ended'",
    "a call that ended twice": (
        "SELECT data->>'call' FROM event WHERE name = 'call.ended' GROUP BY 1 HAVING count(*) > 1"
    ),
    "two letters for one": ("SELECT case_id, kind FROM complaint_letter GROUP BY 1, 2 HAVING count(*) > 1"),
}
"""What must find nothing, by what it would have found."""

OVER_CAPACITY = """
    SELECT c.agent_id, c.channel, count(*) FROM conversation c
    LEFT JOIN agent_capacity a ON a.user_id = c.agent_id AND a.channel = c.channel
    WHERE c.state = 'active' AND c.channel = 'chat' AND c.silent_at IS NULL
    GROUP BY 1, 2, a.cap HAVING count(*) > coalesce(a.cap, 3)
"""
TWO_CALLS = """
    SELECT agent_id FROM conversation WHERE channel = 'voice' AND state = 'active' GROUP BY 1 HAVING count(*) > 1
"""
AT_EVERY_INSTANT = {
    "two live offers": ONCE["two live offers"],
    "an agent beyond capacity": OVER_CAPACITY,
    "an agent on two calls": TWO_CALLS,
}

STORED = {
    "chat": "SELECT client_id, body FROM message WHERE author = 'customer' AND client_id = ANY(:keys)",
    "mail": (
        "SELECT m.header_id, s.body FROM mail m JOIN message s ON s.id = m.message_id"
        " WHERE NOT m.outgoing AND m.header_id = ANY(:keys)"
    ),
    "ticket": (
        "SELECT t.id::text, m.body FROM ticket t JOIN message m ON m.ticket_id = t.id AND m.author = 'customer'"
        " WHERE t.id::text = ANY(:keys)"
    ),
    "complaint": "SELECT reference, ticket_id::text FROM complaint_case WHERE reference = ANY(:keys)",
    "call": "SELECT public_id, state FROM call WHERE public_id = ANY(:keys)",
}
"""By kind of input: what is stored of it, by its key; once each."""


def found(database: Engine, questions: Mapping[str, str] = ONCE) -> dict[str, list[tuple[object, ...]]]:
    """Whatever is not once, not in order, not done."""
    try:
        with database.connect() as connection:
            rows = {
                what: [tuple(row) for row in connection.execute(text(query))]
                for what, query in questions.items()
            }
    except OperationalError as error:
        return {"the database is away": [(str(error.orig),)]}
    return {what: lines for what, lines in rows.items() if lines}


def lost_or_doubled(database: Engine, ledger: Ledger) -> Iterator[str]:
    """Every accepted input that is not in the database exactly once, with its words."""
    for kind, _n in ledger.kinds():
        entries = ledger.of(kind)
        with database.connect() as connection:
            rows = connection.execute(text(STORED[kind]), {"keys": [one.key for one in entries]}).all()
        times = Counter(key for key, _body in rows)
        bodies = {key: str(body) for key, body in rows}
        for entry in entries:
            if times[entry.key] != 1:
                yield f"{kind} {entry.key} is there {times[entry.key]} times"
            elif not _same(entry, bodies[entry.key]):
                yield f"{kind} {entry.key} says {bodies[entry.key]!r}"


def _same(entry: Entry, stored: str) -> bool:
    return stored == entry.place if entry.kind in ("complaint", "call") else entry.body in stored


def badly_sent(database: Engine, mails: Sequence[EmailMessage]) -> Iterator[str]:
    """Every letter that should have left and did not, and every one that left twice under two names."""
    with database.connect() as connection:
        due = {row[0] for row in connection.execute(text("SELECT header_id FROM mail WHERE outgoing"))}
    left = {str(one["Message-ID"]).strip("<>") for one in mails}
    yield from (f"{one} never left" for one in sorted(due - left))
    words = Counter((str(one["To"]), str(one["Subject"]), _words(one)) for one in _first_of_each(mails))
    yield from (f"{what[:2]} left {n} times under different names" for what, n in words.items() if n > 1)


def _first_of_each(mails: Sequence[EmailMessage]) -> list[EmailMessage]:
    """The same Message-ID twice is the same letter, sent again because nobody knew whether it had left."""
    return list({str(one["Message-ID"]): one for one in mails}.values())


def _words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return body.get_content() if body is not None else ""


def told(database: Engine, ticket: int) -> str:
    """What became of a ticket that nobody answered, or two did."""
    queries = (
        "SELECT channel, state, agent_id, enqueued_at FROM conversation WHERE ticket_id = :ticket",
        (
            "SELECT user_id, state, offered_at, ended_at FROM offer WHERE conversation_id IN"
            " (SELECT id FROM conversation WHERE ticket_id = :ticket) ORDER BY id"
        ),
        "SELECT author, left(body, 40), created_at FROM message WHERE ticket_id = :ticket ORDER BY id LIMIT 5",
        "SELECT user_id, state, reason, since FROM presence WHERE :ticket > 0",
    )
    with database.connect() as connection:
        rows = [connection.execute(text(query), {"ticket": ticket}).all() for query in queries]
    return f"ticket {ticket} was not answered once: " + " | ".join(
        "; ".join(" ".join(map(str, row)) for row in part) for part in rows
    )


class Watch:
    """Looks at the database every second: what may never be, not even for an instant."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.looks_n = 0
        self.seen: list[str] = []

    def begin(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(timeout=30)

    def _look(self) -> None:
        while not self._end.wait(1.0):
            try:
                wrong = found(self._database, AT_EVERY_INSTANT)
            except DBAPIError:
                continue
            if "the database is away" not in wrong:
                self.looks_n += 1
                self.seen += [f"{what}: {lines}" for what, lines in wrong.items()]
