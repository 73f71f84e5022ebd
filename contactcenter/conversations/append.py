"""The hot path: one message, its numbers, its event and its analysis job in ONE statement.

The conversation's row lock gives `seq` its order, the ticket's row lock `rev`. A client id seen before changes nothing.
Everybody locks in this order, conversation before ticket, so that nobody waits in a circle.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from contactcenter.conversations.events import MessageAdded, SilenceBroken
from contactcenter.conversations.models import OVER, Author, Conversation, Message
from contactcenter.conversations.personal_link import without_keys
from contactcenter.conversations.ports import Received
from contactcenter.core import clock, outbox
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.events import Recorded, Subject, announce, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.idempotency import KeyReused
from contactcenter.core.search import index_text
from contactcenter.core.text import storable
from contactcenter.tickets.states import WAKES_ON_MESSAGE

ANALYSE = "nlp.analyse"
BODY_MAX = 200_000
SEARCH_MAX_BYTES = 800_000  # PostgreSQL refuses a tsvector of 1 MiB; a ticket must take messages for ever


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What the statement needs; exactly one of `user_id` and `customer_id`, or neither for system lines."""

    author: Author
    body: str
    user_id: int | None = None
    customer_id: int | None = None
    internal: bool = False
    client_id: str | None = None
    delivery: str = "sent"
    html: str | None = None
    quoted: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)  # Any: JSON
    at: datetime | None = None

    @property
    def actor(self) -> str:
        """How the event log names the author."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        return f"customer:{self.customer_id}" if self.customer_id is not None else "system"


_APPEND = text("""
WITH conv AS (
  UPDATE conversation SET last_seq = last_seq + :visible
   WHERE id = :conversation_id AND NOT EXISTS (
     SELECT 1 FROM message WHERE conversation_id = :conversation_id AND client_id = :client_id)
  RETURNING id, ticket_id, last_seq, channel, customer_id, silent_at, state
), tick AS (
  UPDATE ticket SET rev = rev + 1, updated_at = :now,
         search = CASE WHEN pg_column_size(coalesce(search, '') || ''::tsvector) < :search_max
                       THEN coalesce(search, '') || to_tsvector('simple', :words) ELSE search END
    FROM conv WHERE ticket.id = conv.ticket_id
  RETURNING ticket.id, ticket.rev, ticket.status, ticket.snoozed_until, ticket.complaint_ref IS NOT NULL AS complaint
), msg AS (
  INSERT INTO message (ticket_id, conversation_id, seq, rev, author, internal, user_id, customer_id, body, html,
                       quoted, client_id, delivery, meta, created_at)
  SELECT conv.ticket_id, conv.id, CASE WHEN :internal THEN NULL ELSE conv.last_seq END, tick.rev, :author, :internal,
         :user_id, :customer_id, :body, :html, :quoted, :client_id, :delivery, :meta, :at
    FROM conv, tick
  RETURNING id, seq, rev
), logged AS (
  INSERT INTO event (at, name, actor, ticket_id, conversation_id, customer_id, user_id, data)
  SELECT :now, 'message.added', :actor, conv.ticket_id, conv.id, conv.customer_id, :user_id,
         jsonb_build_object('message_id', msg.id, 'seq', msg.seq, 'rev', msg.rev, 'author', :author,
                            'conversation_id', conv.id, 'ticket_id', conv.ticket_id,
                            'internal', :internal, 'channel', conv.channel, 'complaint', tick.complaint)
    FROM conv, tick, msg
), queued AS (
  INSERT INTO outbox (task, queue, args, key, created_at)
  SELECT :task, :queue, jsonb_build_object('message_ids', jsonb_build_array(msg.id)), :task || ':' || msg.id, :now
    FROM msg WHERE :analyse
)
SELECT msg.id, msg.seq, msg.rev, conv.ticket_id, conv.channel, conv.customer_id, conv.silent_at, tick.complaint, pg_notify('outbox', ''),
       conv.state = ANY(CAST(:over AS text[])) OR tick.status = ANY(CAST(:wakes AS text[])) OR tick.snoozed_until IS NOT NULL AS asleep
  FROM conv, tick, msg
""").bindparams(
    bindparam("meta", type_=JSONB),
    over=[one.value for one in OVER],
    wakes=sorted(one.value for one in WAKES_ON_MESSAGE),
)


def append_message(session: Session, conversation_id: int, message: NewMessage) -> Received:
    """Store a message in one round trip and announce it to subscribers.

    Raises Invalid for a body that is empty or over BODY_MAX characters, NotFound for an unknown conversation.
    """
    message = _harmless(message)
    body = _checked_body(message)
    row = session.execute(_APPEND, _values(conversation_id, message, body)).first()
    if row is None:
        return _seen_before(session, conversation_id, message.client_id)
    event = MessageAdded(
        message_id=row.id,
        conversation_id=conversation_id,
        ticket_id=row.ticket_id,
        seq=row.seq,
        rev=row.rev,
        author=message.author.value,
        internal=message.internal,
        channel=row.channel,
        complaint=row.complaint,
    )
    subject = Subject(row.ticket_id, conversation_id, row.customer_id, message.user_id)
    announce(session, Recorded(event, subject, message.actor, clock.now()))
    if row.silent_at is not None and message.author is Author.CUSTOMER:
        record(session, SilenceBroken(conversation_id, row.ticket_id), actor=message.actor, subject=subject)
    return Received(row.ticket_id, conversation_id, row.id, row.seq, row.rev, asleep=row.asleep)


def refuse_other_words(session: Session, received: Received, message: NewMessage) -> None:
    """Who changes what he sent after its answer was lost must learn that the first words arrived. Raises KeyReused."""
    known = session.get_one(Message, received.message_id)
    if (known.body, known.internal) != (storable(_harmless(message).body), message.internal):
        raise KeyReused(
            _("This was sent already, with other words. Look at what arrived before you send it again.")
        )


def _values(conversation_id: int, message: NewMessage, body: str) -> dict[str, Any]:  # Any: bind values
    now = clock.now()
    return {
        "conversation_id": conversation_id,
        "visible": 0 if message.internal else 1,
        "internal": message.internal,
        "author": message.author.value,
        "user_id": message.user_id,
        "customer_id": message.customer_id,
        "body": body,
        "html": message.html,
        "quoted": message.quoted,
        "client_id": message.client_id,
        "delivery": message.delivery,
        "meta": message.meta,
        "words": index_text(body[:20_000]),
        "search_max": SEARCH_MAX_BYTES,
        "now": now,
        "at": message.at or now,
        "actor": message.actor,
        "task": ANALYSE,
        "queue": outbox.queue_of(ANALYSE),
        "analyse": message.author is Author.CUSTOMER and bool(body.strip()),
    }


def _harmless(message: NewMessage) -> NewMessage:
    """Customers quote our letters with their own links in them: nobody here is to read a link that works."""
    if message.author is not Author.CUSTOMER:
        return message
    html, quoted = (text and without_keys(text) for text in (message.html, message.quoted))
    return replace(message, body=without_keys(message.body), html=html, quoted=quoted)


def _seen_before(session: Session, conversation_id: int, client_id: str | None) -> Received:
    known = session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    )
    if known is None or session.get(Conversation, conversation_id) is None:
        raise NotFound(_("This conversation does not exist."))
    return Received(known.ticket_id, conversation_id, known.id, known.seq, known.rev, duplicate=True)


def _checked_body(message: NewMessage) -> str:
    body = storable(message.body)
    if len(body) > BODY_MAX:
        raise Invalid(
            _("The message is longer than %(n)s characters. Send it in parts.", n=BODY_MAX), field="body"
        )
    if not body.strip() and message.author is not Author.SYSTEM and not message.meta.get("files"):
        raise Invalid(_("Write something first."), field="body")
    return body
