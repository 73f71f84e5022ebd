"""Write what the engine decided: guarded, in waves, with its events, inside the router's one transaction.

A decision the database refuses (the customer left, the agent accepted in the last instant) simply does not happen;
the router then reads again what it was about. Rows are locked in the order of this floor: conversations, agents, offers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from contactcenter.assignment.events import (
    ConversationOffered,
    ConversationRequeued,
    OfferMissed,
    OfferWithdrawn,
)
from contactcenter.assignment.models import PresenceState
from contactcenter.assignment.presence import MISSED_OFFER, change_state, leave_wrap_up, lock_presence
from contactcenter.core import clock
from contactcenter.core.events import Event, EventRow, Recorded, Subject, announce


@dataclass(frozen=True, slots=True)
class Wish:
    """One decision as it is to be written. `offer_id` is the offer that ends (missed, returned)."""

    kind: Literal["offer", "missed", "returned"]
    conversation_id: int
    user_id: int
    offer_id: int | None
    deadline_at: datetime | None
    channel: str
    cap: int
    reasons: dict[str, Any]  # Any: JSON


Answer = tuple[Wish, int | None]
"""A wish and the offer it made or ended; None: refused."""


def write_decisions(session: Session, wishes: Sequence[Wish]) -> list[Answer]:
    """Write all of them in order; conversations decided upon twice are written in successive waves."""
    answers: list[Answer] = []
    for wave in _waves(wishes):
        _lock(session, wave)
        gone = [wish for wish in wave if wish.kind != "offer"]
        made = [wish for wish in wave if wish.kind == "offer"]
        if gone:
            answers += _end_offers(session, gone)
        if made:
            answers += _make_offers(session, made)
    return answers


def _waves(wishes: Sequence[Wish]) -> Iterable[list[Wish]]:
    wave: dict[int, Wish] = {}
    for wish in wishes:
        if wish.conversation_id in wave:
            yield list(wave.values())
            wave = {}
        wave[wish.conversation_id] = wish
    if wave:
        yield list(wave.values())


_LOCK = text("""
WITH works AS MATERIALIZED (
  SELECT id FROM conversation WHERE id = ANY(:works) ORDER BY id FOR NO KEY UPDATE
), agents AS MATERIALIZED (
  SELECT user_id FROM presence WHERE user_id = ANY(:agents) ORDER BY user_id FOR NO KEY UPDATE
)
SELECT (SELECT count(*) FROM works) + (SELECT count(*) FROM agents)
""")


def _lock(session: Session, wave: Sequence[Wish]) -> None:
    works = [wish.conversation_id for wish in wave]
    session.execute(_LOCK, {"works": works, "agents": [wish.user_id for wish in wave]})


# Everybody named in a wish is locked by now, so what this statement reads of them cannot change under it. The engine
# has counted capacity; it is counted once more here because work taken by hand claims it, too. What is written is joined
# with wishes and by primary key: with one another the planner would compare all with all.
_MAKE = text("""
WITH wish AS (
  SELECT * FROM jsonb_to_recordset(:wishes) AS
    wish(n int, conversation_id bigint, user_id bigint, channel text, cap int, deadline_at text, reasons jsonb)
), load AS (
  SELECT offer.user_id,
         count(*) FILTER (WHERE conversation.channel = 'voice') AS voice,
         count(*) FILTER (WHERE conversation.channel = 'chat' AND conversation.silent_at IS NULL) AS chat,
         count(*) FILTER (WHERE conversation.channel NOT IN ('voice', 'chat')) AS email
    FROM offer JOIN conversation ON conversation.id = offer.conversation_id
   WHERE offer.state IN ('offered', 'accepted') AND offer.user_id IN (SELECT user_id FROM wish)
   GROUP BY offer.user_id
), fitting AS (
  SELECT wish.*
    FROM (SELECT *, row_number() OVER (PARTITION BY user_id, channel ORDER BY n) AS nth FROM wish) AS wish
    JOIN presence ON presence.user_id = wish.user_id
    LEFT JOIN load ON load.user_id = wish.user_id
   WHERE presence.then_break IS NULL
     AND (presence.state = 'ready' OR (presence.state = 'wrap_up' AND presence.wrap_until <= :now))
     AND coalesce(load.voice, 0) + CASE WHEN wish.channel = 'voice' THEN wish.nth - 1 ELSE 0 END = 0
     AND CASE wish.channel WHEN 'voice' THEN coalesce(load.chat, 0) = 0 AND wish.cap > 0
                           WHEN 'chat' THEN coalesce(load.chat, 0) + wish.nth <= wish.cap
                           ELSE coalesce(load.email, 0) + wish.nth <= wish.cap END
), moved AS (
  UPDATE conversation SET state = 'offered', epoch = epoch + 1
    FROM fitting WHERE conversation.id = fitting.conversation_id AND conversation.state = 'waiting'
  RETURNING conversation.id, fitting.user_id, fitting.deadline_at, fitting.reasons, fitting.n
), made AS (
  INSERT INTO offer (conversation_id, user_id, state, reasons, offered_at, deadline_at)
  SELECT id, user_id, 'offered', reasons, :now, deadline_at::timestamptz FROM moved ORDER BY n
  RETURNING id, conversation_id
), written AS (
  SELECT made.id AS offer_id, made.conversation_id, ticket_id, customer_id, user_id, deadline_at
    FROM made JOIN wish ON wish.conversation_id = made.conversation_id
    JOIN conversation ON conversation.id = made.conversation_id
), logged AS (
  INSERT INTO event (at, name, actor, ticket_id, conversation_id, customer_id, user_id, data)
  SELECT :now, :name, 'system', ticket_id, conversation_id, customer_id, user_id,
         jsonb_build_object('conversation_id', conversation_id, 'offer_id', offer_id, 'user_id', user_id,
                            'deadline_at', deadline_at)
    FROM written ORDER BY offer_id
)
SELECT offer_id, conversation_id, ticket_id, customer_id FROM written
""").bindparams(bindparam("wishes", type_=JSONB))


def _make_offers(session: Session, wishes: Sequence[Wish]) -> list[Answer]:
    now, rows = clock.now(), [_as_row(n, wish) for n, wish in enumerate(wishes)]
    values = {"now": now, "name": ConversationOffered.name, "wishes": rows}
    made = {row.conversation_id: row for row in session.execute(_MAKE, values)}
    for wish in wishes:
        row = made.get(wish.conversation_id)
        if row is not None:
            deadline = wish.deadline_at.isoformat() if wish.deadline_at else None
            event = ConversationOffered(wish.conversation_id, row.offer_id, wish.user_id, deadline)
            subject = Subject(row.ticket_id, wish.conversation_id, row.customer_id, wish.user_id)
            announce(session, Recorded(event, subject, "system", now))
    return [
        (wish, made[wish.conversation_id].offer_id if wish.conversation_id in made else None)
        for wish in wishes
    ]


def _as_row(n: int, wish: Wish) -> dict[str, Any]:  # Any: JSON
    return {
        "n": n,
        "conversation_id": wish.conversation_id,
        "user_id": wish.user_id,
        "channel": wish.channel,
        "cap": wish.cap,
        "deadline_at": wish.deadline_at.isoformat() if wish.deadline_at else None,
        "reasons": wish.reasons,
    }


_END = text("""
WITH closed AS (
  UPDATE offer SET state = wish.state, ended_at = :now
    FROM jsonb_to_recordset(:wishes) AS wish(id bigint, state text)
   WHERE offer.id = wish.id AND offer.state = 'offered'
  RETURNING offer.id, offer.conversation_id
), moved AS (
  UPDATE conversation SET state = 'waiting', epoch = epoch + 1
    FROM closed WHERE conversation.id = closed.conversation_id AND conversation.state = 'offered'
  RETURNING conversation.*
)
SELECT closed.id AS offer_id, moved.ticket_id, moved.customer_id, moved.queue_id, moved.target_user_id
  FROM closed JOIN moved ON moved.id = closed.conversation_id
""").bindparams(bindparam("wishes", type_=JSONB))
_OFFER_STATE = {"missed": "missed", "returned": "withdrawn"}


def _end_offers(session: Session, wishes: Sequence[Wish]) -> list[Answer]:
    known = [
        {"id": wish.offer_id, "state": _OFFER_STATE[wish.kind]}
        for wish in wishes
        if wish.offer_id is not None
    ]
    rows = session.execute(_END, {"now": clock.now(), "wishes": known})
    ended = {row.offer_id: row for row in rows}
    happened: list[tuple[Event, Subject]] = []
    for wish in wishes:
        row = ended.get(wish.offer_id)
        if row is not None and wish.offer_id is not None:
            subject = Subject(row.ticket_id, wish.conversation_id, row.customer_id, wish.user_id)
            happened += [
                (event, subject) for event in _endings(wish, wish.offer_id, row.queue_id, row.target_user_id)
            ]
    _record_all(session, happened)
    for user_id in sorted(
        {wish.user_id for wish in wishes if wish.kind == "missed" and wish.offer_id in ended}
    ):
        _send_away(session, user_id)
    return [(wish, wish.offer_id if wish.offer_id in ended else None) for wish in wishes]


def _endings(wish: Wish, offer_id: int, queue_id: int, target_user_id: int | None) -> list[Event]:
    missed = wish.kind == "missed"
    reason = "missed" if missed else "agent_unavailable"
    ending: Event = OfferWithdrawn(wish.conversation_id, offer_id, wish.user_id, reason)
    if missed:
        ending = OfferMissed(wish.conversation_id, offer_id, wish.user_id)
    back = ConversationRequeued(wish.conversation_id, queue_id, target_user_id, wish.user_id, reason)
    return [ending, back]


def _send_away(session: Session, user_id: int) -> None:
    """Who lets it ring is not there. He sees why, and comes back by one click."""
    presence = lock_presence(session, user_id)
    presence.then_break = None
    leave_wrap_up(session, presence)
    if presence.state in {PresenceState.READY, PresenceState.WRAP_UP}:
        change_state(session, presence, PresenceState.AWAY, MISSED_OFFER, by="system")


def _record_all(session: Session, happened: Sequence[tuple[Event, Subject]]) -> None:
    """Log many events in one statement and let their subscribers act."""
    if not happened:
        return
    at = clock.now()
    rows = [
        {"at": at, "name": event.name, "actor": "system", "data": asdict(event), **asdict(subject)}
        for event, subject in happened
    ]
    session.execute(insert(EventRow), rows)
    for event, subject in happened:
        announce(session, Recorded(event, subject, "system", at))
