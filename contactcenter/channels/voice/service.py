"""A call's life: queued, answered by whoever accepts the offer, ended by either side; compare-and-set throughout."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.connection import lose_agent
from contactcenter.assignment.events import ConversationRequeued, OfferAccepted, WebProcessGone
from contactcenter.channels.voice import lines
from contactcenter.channels.voice.events import CallAnswered, CallEnded, CallQueued
from contactcenter.channels.voice.lines import agent_line, call_on, caller_line
from contactcenter.channels.voice.models import Call
from contactcenter.conversations.events import ConversationEnded
from contactcenter.conversations.service import about, add_system_line, end_conversation, open_conversation
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.core.events import Recorded, record, subscribe
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.core.timers import cancel_timer, register
from contactcenter.customers.models import Customer
from contactcenter.customers.service import identify
from contactcenter.edge.visitors import Visitor
from contactcenter.queues.hours import is_open
from contactcenter.queues.models import Queue
from contactcenter.tickets.service import note_first_reply, open_ticket

NAME = "voice"
CONNECTION_LOST = "connection_lost"


def register_calls() -> None:
    """Follow what happens to voice conversations and their lines; called by compose."""
    subscribe(WebProcessGone, lines.on_web_process_gone)
    subscribe(OfferAccepted, on_accepted)
    subscribe(ConversationRequeued, on_requeued)
    subscribe(ConversationEnded, on_ended)
    register(lines.GONE_TIMER, on_line_gone)


def start_call(session: Session, visitor: Visitor, *, language: str, name: str = "") -> Call:
    """The visitor calls: a ticket, a voice conversation, a place in the queue; while one runs, that one again.

    Raises Conflict out of hours.
    """
    running = call_on(session, caller_line(visitor.id))
    if running is not None:
        return running
    queue = session.get_one(Queue, visitor.queue_id)
    if not is_open(queue, clock.now()):
        raise Conflict(_("We are closed now. Write to us, and we will answer by e-mail."))
    caller = identify(session, "visitor", visitor.id, name=name, language=language)
    alone = select(Customer.id).where(Customer.id == caller.id).with_for_update()
    session.execute(alone)  # two tabs that call at once do so one after the other
    running = call_on(session, caller_line(visitor.id))
    if running is not None:
        return running
    ticket = open_ticket(
        session, caller, queue, _("Call from the web site"), actor=caller.actor, language=language
    )
    conversation = open_conversation(session, ticket, NAME, actor=caller.actor, address=visitor.id)
    call = Call(
        public_id=new_token(12),
        conversation=conversation,
        visitor=visitor.id,
        state="queued",
        queued_at=clock.now(),
    )
    session.add(call)
    session.flush()  # subscribers of what follows look for it
    add_system_line(session, conversation, "call_started")
    event = CallQueued(call.public_id, conversation.id)
    record(session, event, actor=caller.actor, subject=about(conversation))
    return call


def call_of_conversation(session: Session, conversation_id: int) -> Call | None:
    """The call behind a voice conversation."""
    return session.scalar(select(Call).where(Call.conversation_id == conversation_id))


def access_call(session: Session, public_id: object, *, visitor: Visitor | None, user: User | None) -> Call:
    """A running call for one of its two sides; NotFound for everybody else."""
    call = (
        session.scalar(select(Call).where(Call.public_id == public_id))
        if isinstance(public_id, str)
        else None
    )
    if call is not None and call.state != "ended":
        if visitor is not None and call.visitor == visitor.id:
            return call
        if user is not None and call.conversation.agent_id == user.id:
            return call
    raise NotFound(_("This call has ended."))


def hang_up(session: Session, call: Call, *, by: str, actor: str, reason: str = "hung_up") -> None:
    """Either side ends it: the conversation ends, and all else follows from that event."""
    end_conversation(session, call.conversation_id, by=by, reason=reason, actor=actor)


def on_line_gone(session: Session, args: dict[str, Any]) -> None:
    """Timer: nobody of a line came back. Without its caller a call is over; without its agent it waits again."""
    line = args["line"]
    call = call_on(session, line)
    if call is None:
        return
    if lines.is_connected(session, line):
        lines.note_caller(session, line, None)
    elif lines.is_callers(line):
        actor = f"customer:{call.conversation.customer_id}"
        hang_up(session, call, by="customer", actor=actor, reason=CONNECTION_LOST)
    elif call.conversation.agent_id is not None:
        lose_agent(session, call.conversation.agent_id, [NAME])


def on_accepted(session: Session, recorded: Recorded[OfferAccepted]) -> None:
    """An agent took the conversation: the call is answered (again, after a transfer)."""
    event = recorded.event
    call = call_of_conversation(session, event.conversation_id)
    if call is None or call.state == "ended":
        return
    now = clock.now()
    call.state, call.answered_at = "talking", call.answered_at or now
    waited_s = (now - call.queued_at).total_seconds()
    note_first_reply(session, call.conversation.ticket, now)
    answered = CallAnswered(call.public_id, event.conversation_id, event.user_id, waited_s)
    record(session, answered, actor=recorded.actor, subject=recorded.subject)
    lines.expect(session, agent_line(event.user_id))


def on_requeued(session: Session, recorded: Recorded[ConversationRequeued]) -> None:
    """The agent was lost or handed on: the caller waits again, at his old place."""
    conversation_id = recorded.event.conversation_id
    back = update(Call).where(Call.conversation_id == conversation_id, Call.state == "talking")
    session.execute(back.values(state="queued"))


def on_ended(session: Session, recorded: Recorded[ConversationEnded]) -> None:
    """The conversation ended: so did the call, with its times in the transcript."""
    event = recorded.event
    call = call_of_conversation(session, event.conversation_id)
    if call is None or call.state == "ended":
        return
    cancel_timer(session, lines.GONE_TIMER, caller_line(call.visitor))
    over_at = _over_at(call)
    call.state, call.ended_at = "ended", over_at
    call.outcome = "answered" if call.answered_at else "abandoned"
    talk_s = (over_at - call.answered_at).total_seconds() if call.answered_at else 0.0
    add_system_line(session, call.conversation, _last_line(call, event.reason), seconds=str(round(talk_s)))
    ended = CallEnded(call.public_id, event.conversation_id, call.outcome, talk_s)
    record(session, ended, actor=recorded.actor, subject=recorded.subject)


def _over_at(call: Call) -> datetime:
    """Now, or when the caller was lost; nobody was answered after his end."""
    over_at = call.visitor_gone_at or clock.now()
    return max(over_at, call.answered_at) if call.answered_at else over_at


def _last_line(call: Call, reason: str) -> str:
    if call.answered_at is None:
        return "call_missed"
    return "call_lost" if reason == CONNECTION_LOST else "call_ended"
