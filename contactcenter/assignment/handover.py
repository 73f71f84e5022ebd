"""How a conversation goes from hand to hand: guarded moves, each of which only one of two rivals can make."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contactcenter.assignment.events import ConversationRequeued
from contactcenter.assignment.inbox import tell_router
from contactcenter.assignment.models import Offer
from contactcenter.conversations.models import Conversation, State
from contactcenter.conversations.service import about, silence_until
from contactcenter.core import clock
from contactcenter.core.events import Subject, record
from contactcenter.tickets import service as tickets

FREE: dict[str, Any] = {  # Any: column values
    "state": State.WAITING,
    "agent_id": None,
    "accepted_at": None,
    "silent_at": None,
}


def move(
    session: Session, conversation_id: int, was: State, *, holder: int | None = None, **values: Any
) -> Conversation | None:  # Any: column values
    """Change a conversation if it still is `was` (and `holder` still has it); None if somebody was faster."""
    if was is State.ACTIVE:
        values["silent_for_s"] = silence_until(clock.now())
    query = update(Conversation).where(Conversation.id == conversation_id, Conversation.state == was)
    if holder is not None:
        query = query.where(Conversation.agent_id == holder)
    changed = query.values(epoch=Conversation.epoch + 1, **values).returning(Conversation)
    return session.scalar(changed, execution_options={"populate_existing": True})


def close_offer(session: Session, conversation_id: int, was: str, becomes: str) -> Offer | None:
    """End the live offer of a conversation if it is in state `was`; None if there is none."""
    query = update(Offer).where(Offer.conversation_id == conversation_id, Offer.state == was)
    closed = query.values(state=becomes, ended_at=clock.now()).returning(Offer)
    return session.scalar(closed, execution_options={"populate_existing": True})


def put_back(
    session: Session,
    conversation: Conversation,
    *,
    from_user_id: int | None,
    reason: str,
    actor: str,
) -> None:
    """Announce that a conversation waits again at its old place, and take the ticket from whoever had both."""
    if from_user_id is not None and reason != "declined" and conversation.ticket.owner_id == from_user_id:
        tickets.assign_owner(session, conversation.ticket, None, actor=actor)
    event = ConversationRequeued(
        conversation.id, conversation.queue_id, conversation.target_user_id, from_user_id, reason
    )
    record(session, event, actor=actor, subject=subject_of(conversation, from_user_id))
    tell_router(session, "conversation", conversation.id)


def put_back_live_work(session: Session, user_id: int, channels: Collection[str]) -> None:
    """Chats and calls (those of `channels`) of an agent who vanished wait again; mails and silent chats stay his."""
    query = select(Conversation.id).where(
        Conversation.agent_id == user_id,
        Conversation.state == State.ACTIVE,
        Conversation.channel.in_(channels),
        Conversation.silent_at.is_(None),
    )
    for conversation_id in session.scalars(query.order_by(Conversation.id)).all():
        moved = move(session, conversation_id, State.ACTIVE, holder=user_id, **FREE)
        if moved is not None:
            close_offer(session, conversation_id, "accepted", "ended")
            put_back(session, moved, from_user_id=user_id, reason="connection_lost", actor="system")


def subject_of(conversation: Conversation, user_id: int | None) -> Subject:
    """The subject of an event about a conversation and one agent."""
    return replace(about(conversation), user_id=user_id)
