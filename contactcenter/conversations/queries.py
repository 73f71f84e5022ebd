"""Read conversations and their messages."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from contactcenter.conversations.models import OVER, Author, Conversation, Message
from contactcenter.customers.models import Customer

REPLAY_MAX = 200
RECEIPTS_SHOWN = 5  # how many of our latest messages change their tick when the customer reads

_SHOWN_ALONE = (
    joinedload(Message.user),
    joinedload(Message.attachments),
    joinedload(Message.analysis),
    joinedload(Message.conversation).joinedload(Conversation.customer).joinedload(Customer.identities),
)


def timeline(
    session: Session, ticket_id: int, *, after_rev: int = 0, limit: int = REPLAY_MAX
) -> Sequence[Message]:
    """A ticket's messages and notes over all channels with rev > after_rev, oldest first, ready to show."""
    query = select(Message).where(Message.ticket_id == ticket_id, Message.rev > after_rev)
    return session.scalars(_ready(query).order_by(Message.rev).limit(limit)).all()


def earlier(session: Session, ticket_id: int, *, before_rev: int, limit: int = 50) -> Sequence[Message]:
    """The `limit` messages before `before_rev`, oldest first."""
    query = select(Message).where(Message.ticket_id == ticket_id, Message.rev < before_rev)
    rows = session.scalars(_ready(query).order_by(Message.rev.desc()).limit(limit)).all()
    return rows[::-1]


def replay(
    session: Session, conversation_id: int, after_seq: int, *, limit: int = REPLAY_MAX
) -> Sequence[Message]:
    """What the customer of a conversation may see with seq > after_seq, in order."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.seq > after_seq)
    visible = query.where(Message.internal.is_(False), Message.delivery != "taken_back")
    return session.scalars(_ready(visible).order_by(Message.seq).limit(limit)).all()


def said_to_customer(session: Session, ticket_id: int) -> Sequence[Message]:
    """All that a ticket's customer has written and been told, over all channels, oldest first."""
    query = select(Message).where(Message.ticket_id == ticket_id, Message.internal.is_(False))
    said = query.where(Message.author != Author.SYSTEM, Message.delivery != "taken_back")
    return session.scalars(_ready(said).order_by(Message.rev)).all()


def get_message(session: Session, message_id: int) -> Message | None:
    """One message ready to show with its conversation and customer, in one statement: it is pushed with every change."""
    return session.get(Message, message_id, options=_SHOWN_ALONE)


def received_between(session: Session, conversation_id: int, after: int, seq: int) -> Sequence[Message]:
    """Our messages with after < their seq <= `seq`, the last RECEIPTS_SHOWN of them, newest first, each as `get_message`."""
    query = select(Message).where(
        Message.conversation_id == conversation_id,
        Message.author == Author.AGENT,
        Message.seq > after,
        Message.seq <= seq,
    )
    newest = query.order_by(Message.seq.desc()).limit(RECEIPTS_SHOWN).options(*_SHOWN_ALONE)
    return session.scalars(newest).unique().all()


def conversations_of(session: Session, ticket_id: int) -> Sequence[Conversation]:
    """A ticket's conversations, oldest first, with their agents."""
    query = select(Conversation).where(Conversation.ticket_id == ticket_id).order_by(Conversation.id)
    return session.scalars(query.options(joinedload(Conversation.agent))).all()


def open_conversation_of(session: Session, ticket_id: int) -> Conversation | None:
    """The newest conversation of a ticket that is not over."""
    query = select(Conversation).where(Conversation.ticket_id == ticket_id, Conversation.state.not_in(OVER))
    return session.scalar(query.order_by(Conversation.id.desc()).limit(1))


def _ready(query: Select[Message]) -> Select[Message]:
    return query.options(
        joinedload(Message.user), selectinload(Message.attachments), joinedload(Message.analysis)
    )
