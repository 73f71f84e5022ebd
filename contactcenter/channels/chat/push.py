"""Tell widgets what happened, after the commit; what is missed they fetch by `seq`."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.assignment.events import ConversationOffered, ConversationRequeued, OfferAccepted
from contactcenter.channels.chat.views import first_name, message_view, state_view
from contactcenter.conversations import signals
from contactcenter.conversations.events import ConversationEnded, ConversationResumed, MessageAdded
from contactcenter.conversations.models import Author, Conversation, State
from contactcenter.conversations.queries import get_message
from contactcenter.conversations.service import add_system_line
from contactcenter.core import push
from contactcenter.core.db import look
from contactcenter.core.events import Event, Recorded, subscribe, watch

NAMESPACE = "/chat"
LINE_MAX = 30  # how many waiting visitors of a queue hear of a change at once


def register() -> None:
    """Watch what visitors should see; called by compose."""
    subscribe(OfferAccepted, say_who_joined)
    signals.listen(on_signal)
    watch(MessageAdded, on_message)
    for kind in (
        OfferAccepted,
        ConversationEnded,
        ConversationResumed,
        ConversationOffered,
        ConversationRequeued,
    ):
        watch(kind, on_change_of_hands)


def room(conversation_id: int) -> str:
    """The room of one conversation's customer."""
    return f"conversation:{conversation_id}"


def say_who_joined(session: Session, recorded: Recorded[OfferAccepted]) -> None:
    """The transcript says when a person took over, in the transaction that made it so."""
    event = recorded.event
    conversation = session.get_one(Conversation, event.conversation_id)
    if conversation.channel == "chat" and conversation.agent is not None:
        add_system_line(session, conversation, "agent_joined", name=first_name(conversation.agent))


def on_signal(signal: signals.Signal) -> None:
    """Staff type or have read: the visitor sees it, if he looks."""
    if signal.author is not Author.AGENT:
        return
    payload = {"on": signal.on, "name": signal.name} if signal.kind == "typing" else {"read": signal.seq}
    event = "typing" if signal.kind == "typing" else "receipt"
    push.emit(event, payload, room=room(signal.conversation_id), namespace=NAMESPACE)


def on_message(recorded: Recorded[MessageAdded]) -> None:
    """A message the customer may see."""
    event = recorded.event
    if event.internal or event.channel != "chat":
        return
    if not push.heard(room(event.conversation_id), namespace=NAMESPACE):
        return
    with look() as session:
        message = get_message(session, event.message_id)
        payload = message_view(message) if message else None
    if payload:
        push.emit("message", payload, room=room(event.conversation_id), namespace=NAMESPACE)


def on_change_of_hands(recorded: Recorded[Event]) -> None:
    """Somebody joined or left: this chat's state, and the places of those who wait in the same queue and listen."""
    if recorded.subject.conversation_id is None:
        return
    with look() as session:
        changed = session.get(Conversation, recorded.subject.conversation_id)
        if changed is None or changed.channel != "chat":  # a chat's place counts chats alone
            return
        concerned = [changed.id, *_waiting_beside(session, changed)]
        listening = push.heard(*(room(one) for one in concerned), namespace=NAMESPACE)
        told = [session.get_one(Conversation, one) for one in concerned if room(one) in listening]
        views = {one.id: state_view(session, one) for one in told}
    for conversation_id, view in views.items():
        push.emit("state", view, room=room(conversation_id), namespace=NAMESPACE)


def _waiting_beside(session: Session, changed: Conversation) -> Sequence[int]:
    query = select(Conversation.id).where(
        Conversation.queue_id == changed.queue_id,
        Conversation.channel == "chat",
        Conversation.state == State.WAITING,
        Conversation.id != changed.id,
    )
    return session.scalars(query.order_by(Conversation.enqueued_at).limit(LINE_MAX)).all()
