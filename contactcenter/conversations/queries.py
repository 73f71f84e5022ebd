"""Read conversations and their messages."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from contactcenter.conversations.models import OVER, Author, Conversation, Message

REPLAY_MAX = 200


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
    """One message ready to show."""
    return session.scalar(_ready(select(Message).where(Message.id == message_id)))


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
