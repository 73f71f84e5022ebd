"""Tell both browsers of a call where it stands, after the commit."""

from contactcenter.accounts.models import User
from contactcenter.assignment.events import ConversationRequeued
from contactcenter.channels.voice.events import CallAnswered, CallEnded, CallQueued
from contactcenter.channels.voice.lines import agent_line, caller_line
from contactcenter.channels.voice.models import Call
from contactcenter.channels.voice.service import call_of_conversation
from contactcenter.core import clock, push
from contactcenter.core.db import unit_of_work
from contactcenter.core.events import Event, Recorded, watch
from contactcenter.customers.service import display_name

NAMESPACE = "/voice"


def register() -> None:
    """Watch what the two sides must know; called by compose."""
    for kind in (CallQueued, CallAnswered, CallEnded, ConversationRequeued):
        watch(kind, on_change)


def visitor_room(visitor: str) -> str:
    """The room of a caller's sockets: those of his line."""
    return caller_line(visitor)


def agent_room(user_id: int) -> str:
    """The room of an agent's sockets: those of his line."""
    return agent_line(user_id)


def on_change(recorded: Recorded[Event]) -> None:
    """Send the call as it is now to the caller and to the agent it is, or was, with."""
    if recorded.subject.conversation_id is None:
        return
    with unit_of_work() as session:
        call = call_of_conversation(session, recorded.subject.conversation_id)
        if call is None:
            return
        agent = session.get(User, call.conversation.agent_id) if call.conversation.agent_id else None
        views = {visitor_room(call.visitor): caller_view(call, agent)}
        for user_id in {agent.id if agent else None, recorded.subject.user_id} - {None}:
            views[agent_room(user_id or 0)] = agent_view(call)
    for room, view in views.items():
        push.emit("call", view, room=room, namespace=NAMESPACE)


def caller_view(call: Call, agent: User | None) -> push.Payload:
    """What the caller sees: no more of the agent than his first name; `seconds` it has waited, or been answered."""
    since = call.answered_at if call.state == "talking" and call.answered_at else call.queued_at
    return {
        "call": call.public_id,
        "state": call.state,
        "agent": agent.name.split()[0] if agent and call.state == "talking" else "",
        "seconds": round((clock.now() - since).total_seconds()),
    }


def agent_view(call: Call) -> push.Payload:
    """What the agent sees."""
    return {
        "call": call.public_id,
        "state": call.state,
        "ticket": call.conversation.ticket_id,
        "customer": display_name(call.conversation.customer),
        "answered_at": call.answered_at.isoformat() if call.answered_at else None,
    }
