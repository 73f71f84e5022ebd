"""A ticket at a glance: what lists and offers show of its conversations, without loading them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from contactcenter.conversations.analysis import SCORES
from contactcenter.conversations.models import Analysis, Author, Conversation, Message

GLANCE_CHARACTERS = 140
MOODS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Glance:
    """The latest words on a ticket (a call alone has none), by which channel, and whether the customer wrote something no agent has read."""

    channel: str
    text: str
    unread: bool


NOTHING = Glance("manual", "", unread=False)


def glances(session: Session, ticket_ids: Sequence[int]) -> dict[int, Glance]:
    """The glance of each of these tickets, in one statement however many there are."""
    latest = (
        select(
            Message.ticket_id, Conversation.channel, func.left(Message.body, GLANCE_CHARACTERS).label("text")
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.ticket_id.in_(ticket_ids))
        .ext(distinct_on(Message.ticket_id))
        .order_by(Message.ticket_id, Message.author == Author.SYSTEM, Message.rev.desc())
        .subquery("latest")
    )
    query = select(latest, _is_unread(latest.c.ticket_id).label("unread"))
    return {
        row.ticket_id: Glance(row.channel, " ".join(row.text.split()), unread=row.unread)
        for row in session.execute(query)
    }


def moods(session: Session, ticket_id: int) -> list[float]:
    """The scores (-1..1) of the customer's last messages, oldest first; a person's correction counts."""
    query = (
        select(Analysis.score, Analysis.corrected)
        .join(Message, Message.id == Analysis.message_id)
        .where(Message.ticket_id == ticket_id, Message.author == Author.CUSTOMER)
        .order_by(Message.rev.desc())
        .limit(MOODS_SHOWN)
    )
    rows = session.execute(query).all()
    return [SCORES[row.corrected] if row.corrected else row.score for row in reversed(rows)]


def last_seqs(session: Session, ticket_id: int, rev: int) -> dict[int, int]:
    """For each conversation of a ticket, the last seq among the messages whose rev is not above `rev`."""
    query = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.ticket_id == ticket_id, Message.rev <= rev, Message.seq.is_not(None))
        .group_by(Message.conversation_id)
    )
    return {row.conversation_id: row.seq for row in session.execute(query)}


def _is_unread(ticket_id: ColumnElement[int]) -> ColumnElement[bool]:
    theirs = Message.ticket_id == ticket_id, Message.author == Author.CUSTOMER
    unread = Message.conversation_id == Conversation.id, Message.seq > Conversation.agent_read_seq
    return exists().where(*theirs, *unread)
