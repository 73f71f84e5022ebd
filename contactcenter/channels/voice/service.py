"""A call's life: queued, answered by whoever accepts the offer, ended by either side; compare-and-set throughout."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.events import ConversationRequeued, OfferAccepted
from contactcenter.channels.voice.events import CallAnswered, CallEnded, CallQueued
from contactcenter.channels.voice.models import Call
from contactcenter.conversations.events import ConversationEnded
from contactcenter.conversations.models import Conversation, State
from contactcenter.conversations.service import about, add_system_line, end_conversation, open_conversation
from contactcenter.core import clock
from contactcenter.core.db import rows_changed
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.core.events import Recorded, record, subscribe
from contactcenter.core.i18n import format_duration
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.core.timers import cancel_timer, register, set_timer
from contactcenter.customers.models import Customer
from contactcenter.customers.service import identify
from contactcenter.edge.visitors import Visitor
from contactcenter.queues.hours import is_open
from contactcenter.queues.models import Queue
from contactcenter.tickets.service import note_first_reply, open_ticket

NAME = "voice"
GONE_TIMER = "voice.caller_gone"
GRACE_S = 10  # a reload of the caller's page takes less


def register_calls() -> None:
    """Follow what happens to voice conversations; called by compose."""
    subscribe(OfferAccepted, on_accepted)
    subscribe(ConversationRequeued, on_requeued)
    subscribe(ConversationEnded, on_ended)
    register(GONE_TIMER, on_caller_gone)


def start_call(session: Session, visitor: Visitor, *, language: str, name: str = "") -> Call:
    """The visitor calls: a ticket, a voice conversation, a place in the queue; while one runs, that one again.

    Raises Conflict out of hours.
    """
    running = running_call(session, visitor)
    if running is not None:
        return running
    queue = session.get_one(Queue, visitor.queue_id)
    if not is_open(queue, clock.now()):
        raise Conflict(_("We are closed now. Write to us, and we will answer by e-mail."))
    caller = identify(session, "visitor", visitor.id, name=name, language=language)
    alone = select(Customer.id).where(Customer.id == caller.id).with_for_update()
    session.execute(alone)  # two tabs that call at once do so one after the other
    running = running_call(session, visitor)
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


def running_call(session: Session, visitor: Visitor) -> Call | None:
    """The visitor's call that has not ended."""
    return session.scalar(select(Call).where(Call.visitor == visitor.id, Call.state != "ended"))


def call_of_agent(session: Session, user: User) -> Call | None:
    """The call that `user` is in now."""
    query = (
        select(Call)
        .join(Conversation)
        .where(Conversation.agent_id == user.id, Conversation.state == State.ACTIVE, Call.state == "talking")
    )
    return session.scalar(query.order_by(Call.id.desc()).limit(1))


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


def hang_up(session: Session, call: Call, *, by: str, actor: str) -> None:
    """Either side ends it: the conversation ends, and all else follows from that event."""
    end_conversation(session, call.conversation_id, by=by, reason="hung_up", actor=actor)


def caller_left(session: Session, visitor: Visitor) -> None:
    """The caller's socket is gone: GRACE_S to come back (a reload), then the call is over."""
    gone = update(Call).where(Call.visitor == visitor.id, Call.state != "ended")
    if rows_changed(session, gone.values(visitor_gone_at=clock.now())):
        set_timer(session, GONE_TIMER, visitor.id, clock.after(GRACE_S), {"visitor": visitor.id})


def caller_is_back(session: Session, visitor: Visitor) -> None:
    """The caller's socket is there (again)."""
    back = update(Call).where(Call.visitor == visitor.id, Call.visitor_gone_at.is_not(None))
    if rows_changed(session, back.values(visitor_gone_at=None)):
        cancel_timer(session, GONE_TIMER, visitor.id)


def on_caller_gone(session: Session, args: dict[str, Any]) -> None:
    """Timer: the caller did not come back."""
    query = select(Call).where(Call.visitor == args["visitor"], Call.state != "ended")
    call = session.scalar(query.where(Call.visitor_gone_at.is_not(None)))
    if call is not None:
        hang_up(session, call, by="customer", actor=f"customer:{call.conversation.customer_id}")


def on_accepted(session: Session, recorded: Recorded) -> None:
    """An agent took the conversation: the call is answered (again, after a transfer)."""
    event = recorded.event
    assert isinstance(event, OfferAccepted)  # noqa: S101  what `register_calls` subscribed to
    call = call_of_conversation(session, event.conversation_id)
    if call is None or call.state == "ended":
        return
    now = clock.now()
    call.state, call.answered_at = "talking", call.answered_at or now
    waited_s = (now - call.queued_at).total_seconds()
    note_first_reply(session, call.conversation.ticket, now)
    answered = CallAnswered(call.public_id, event.conversation_id, event.user_id, waited_s)
    record(session, answered, actor=recorded.actor, subject=recorded.subject)


def on_requeued(session: Session, recorded: Recorded) -> None:
    """The agent was lost or handed on: the caller waits again, at his old place."""
    if recorded.subject.conversation_id is None:
        return
    back = update(Call).where(
        Call.conversation_id == recorded.subject.conversation_id, Call.state == "talking"
    )
    session.execute(back.values(state="queued"))


def on_ended(session: Session, recorded: Recorded) -> None:
    """The conversation ended: so did the call, with its times in the transcript."""
    event = recorded.event
    assert isinstance(event, ConversationEnded)  # noqa: S101  what `register_calls` subscribed to
    call = call_of_conversation(session, event.conversation_id)
    if call is None or call.state == "ended":
        return
    now = clock.now()
    call.state, call.ended_at = "ended", now
    call.outcome = "answered" if call.answered_at else "abandoned"
    talk_s = (now - call.answered_at).total_seconds() if call.answered_at else 0.0
    cancel_timer(session, GONE_TIMER, call.visitor)
    add_system_line(session, call.conversation, "call_ended", duration=format_duration(talk_s))
    ended = CallEnded(call.public_id, event.conversation_id, call.outcome, talk_s)
    record(session, ended, actor=recorded.actor, subject=recorded.subject)
