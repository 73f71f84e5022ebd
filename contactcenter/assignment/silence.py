"""A chat whose customer is silent takes no slot of its agent; when he writes again it is hers at once, as one too many at most.

It stays her conversation all the time. Once somebody comes back and she has one too many already, is in a call or is not
at work, his chat waits at its old place for whoever is next.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.events import ConversationSilent, OfferAccepted
from contactcenter.assignment.handover import FREE, close_offer, move, put_back, subject_of
from contactcenter.assignment.inbox import tell_router
from contactcenter.assignment.models import PresenceState
from contactcenter.assignment.presence import go_on_planned_break, lock_presence
from contactcenter.assignment.staff import agent_now
from contactcenter.conversations.events import SilenceBroken
from contactcenter.conversations.models import Author, Conversation, Message, State
from contactcenter.core import clock, timers
from contactcenter.core.db import lock_row
from contactcenter.core.events import Recorded, record, subscribe
from contactcenter.queues.events import QueueChanged
from contactcenter.queues.models import Queue

TIMER = "assignment.customer_silent"
CHANNEL = "chat"
AT_WORK = (PresenceState.READY, PresenceState.BUSY, PresenceState.WRAP_UP)
HERS: dict[str, Any] = {"silent_at": None}  # Any: column values


def register() -> None:
    """Subscribe, and name this module's timer; called by compose."""
    subscribe(OfferAccepted, on_accepted)
    subscribe(SilenceBroken, on_silence_broken)
    subscribe(QueueChanged, on_queue_changed)
    timers.register(TIMER, on_silent)


def on_accepted(session: Session, recorded: Recorded[OfferAccepted]) -> None:
    """Somebody has it: from now on its customer's silence counts."""
    conversation = session.get_one(Conversation, recorded.event.conversation_id)
    if conversation.channel == CHANNEL:
        _look_again(session, conversation, clock.now())


def on_queue_changed(session: Session, recorded: Recorded[QueueChanged]) -> None:
    """Another patience holds for the chats that run, too; who is called silent already stays so until he writes."""
    if "silent_s" not in recorded.event.changes:
        return
    running = select(Conversation.id).where(
        Conversation.queue_id == recorded.event.queue_id,
        Conversation.channel == CHANNEL,
        Conversation.state == State.ACTIVE,
    )
    for conversation_id in session.scalars(running):
        timers.set_timer(
            session, TIMER, str(conversation_id), clock.now(), {"conversation_id": conversation_id}
        )


def on_silent(session: Session, args: dict[str, Any]) -> None:
    """Timer: look whether the customer has been silent for long enough, else come again when he may have been.

    The lock on the conversation keeps his next message out until this is decided.
    """
    conversation = lock_row(session, Conversation, args["conversation_id"])
    if conversation is None or conversation.state != State.ACTIVE or conversation.silent_at is not None:
        return
    answered_at = _unanswered_since(session, conversation)
    if answered_at is None or answered_at + _patience(session, conversation) > clock.now():
        _look_again(session, conversation, answered_at or clock.now())
    elif conversation.agent_id is not None and _patience(session, conversation):
        _release(session, conversation, conversation.agent_id)


def on_silence_broken(session: Session, recorded: Recorded[SilenceBroken]) -> None:
    """He wrote. Whoever decides about her hands meanwhile waits for the lock on her presence."""
    conversation = session.get_one(Conversation, recorded.event.conversation_id, populate_existing=True)
    agent = session.get_one(User, conversation.agent_id)
    lock_presence(session, agent.id)
    fits = _has_a_hand(session, agent)
    moved = move(session, conversation.id, State.ACTIVE, holder=agent.id, **(HERS if fits else FREE))
    if moved is not None and fits:
        _look_again(session, moved, clock.now())
        tell_router(session, "conversation", moved.id)
    elif moved is not None:
        close_offer(session, moved.id, "accepted", "ended")
        put_back(session, moved, from_user_id=agent.id, reason="agent_unavailable", actor="system")


def is_silent(conversations: Iterable[Conversation]) -> bool:
    """Whether one of these takes no slot of its agent now."""
    return any(conversation.silent_at is not None for conversation in conversations)


def _look_again(session: Session, conversation: Conversation, since: datetime) -> None:
    patience = _patience(session, conversation)
    if patience:
        key, args = str(conversation.id), {"conversation_id": conversation.id}
        timers.set_timer(session, TIMER, key, since + patience, args)


def _patience(session: Session, conversation: Conversation) -> timedelta:
    return timedelta(seconds=session.get_one(Queue, conversation.queue_id).silent_s)


def _unanswered_since(session: Session, conversation: Conversation) -> datetime | None:
    """When we had the last word; None: the customer had it, and waits for us."""
    said = select(Message.author, Message.created_at).where(
        Message.conversation_id == conversation.id,
        Message.seq.is_not(None),
        Message.author != Author.SYSTEM,
        Message.delivery != "taken_back",
    )
    last = session.execute(said.order_by(Message.seq.desc()).limit(1)).first()
    return last.created_at if last is not None and last.author == Author.AGENT else None


def _release(session: Session, conversation: Conversation, user_id: int) -> None:
    presence = lock_presence(session, user_id)
    conversation.silent_at = presence.idle_since = clock.now()
    event = ConversationSilent(conversation.id, conversation.ticket_id, user_id)
    record(session, event, actor="system", subject=subject_of(conversation, user_id))
    go_on_planned_break(session, presence)
    tell_router(session, "conversation", conversation.id)
    tell_router(session, "agent", user_id)


def _has_a_hand(session: Session, agent: User) -> bool:
    """At work, in no call, and not yet one over her capacity (offers that ring count)."""
    now = agent_now(session, agent)
    return now.state in AT_WORK and not now.load["voice"] and now.load["chat"] <= now.caps["chat"]
