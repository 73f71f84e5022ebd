"""What this floor does when something happens below it; `compose` calls `register` once per process."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, or_, select, union
from sqlalchemy.orm import Session

from contactcenter.accounts.events import UserChanged, UserCreated, UserDeactivated
from contactcenter.accounts.models import User
from contactcenter.assignment.connection import (
    PROCESS_TIMER,
    VANISHED_TIMER,
    on_agent_vanished,
    on_process_silent,
)
from contactcenter.assignment.events import ConversationAbandoned, WrapUpStarted
from contactcenter.assignment.handover import close_offer, subject_of
from contactcenter.assignment.inbox import tell_router
from contactcenter.assignment.presence import (
    LIVE_CHANNELS,
    WRAP_UP_TIMER,
    begin_wrap_up,
    go_on_planned_break,
    on_wrap_up_over,
)
from contactcenter.assignment.service import give_by_hand, release_agent, take_from, withdraw_event
from contactcenter.assignment.sticky import keep_for_who_knows
from contactcenter.complaints.events import ComplaintOpened
from contactcenter.conversations.events import ConversationEnded, ConversationOpened, ConversationResumed
from contactcenter.conversations.models import OVER, Conversation, State
from contactcenter.conversations.ranking import rank_again
from contactcenter.conversations.service import end_conversation
from contactcenter.core import clock, timers
from contactcenter.core.events import Event, Recorded, record, subscribe
from contactcenter.customers.events import CustomerChanged, CustomerJoined, CustomerSeparated
from contactcenter.queues.events import (
    AgentSkillsChanged,
    HoursChanged,
    QueueChanged,
    QueueCreated,
    RoutingPolicyChanged,
)
from contactcenter.queues.models import Queue
from contactcenter.tickets import service as tickets
from contactcenter.tickets.access import is_kept_from, may_see
from contactcenter.tickets.events import TicketChanged, TicketStatusChanged
from contactcenter.tickets.models import Status, Ticket
from contactcenter.tickets.states import LIVE

TICKET_RESTS_TIMER = "assignment.ticket_rests"
RANK_TIMER = "assignment.rank_again"
HIDDEN_TIMER = "assignment.ticket_hidden"
TOLD_SINGLY_N = 200
RIGHTS = {"roles", "team_id", "active"}  # fields of a user that decide what he sees
RESTING = {Status.PENDING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED}


def register() -> None:
    """Subscribe to the floors below and name this floor's timers."""
    subscribe(ConversationOpened, on_opened)
    subscribe(ConversationResumed, on_resumed)
    subscribe(ConversationEnded, on_ended)
    subscribe(TicketStatusChanged, on_ticket_status)
    subscribe(TicketChanged, on_ticket_changed)
    subscribe(ComplaintOpened, on_complaint_opened)
    subscribe(QueueCreated, on_definitions)
    subscribe(QueueChanged, on_queue_changed)
    subscribe(RoutingPolicyChanged, on_policy_changed)
    subscribe(CustomerChanged, on_customer_changed)
    subscribe(CustomerJoined, on_customers_joined)
    subscribe(CustomerSeparated, on_customers_joined)
    subscribe(HoursChanged, on_definitions)
    subscribe(AgentSkillsChanged, on_agent)
    subscribe(UserCreated, on_agent)
    subscribe(UserChanged, on_rights)
    subscribe(UserDeactivated, on_rights)
    timers.register(WRAP_UP_TIMER, on_wrap_up_over)
    timers.register(VANISHED_TIMER, on_agent_vanished)
    timers.register(PROCESS_TIMER, on_process_silent)
    timers.register(TICKET_RESTS_TIMER, on_ticket_rests)
    timers.register(RANK_TIMER, on_rank)
    timers.register(HIDDEN_TIMER, on_ticket_hidden)


def on_opened(session: Session, recorded: Recorded[ConversationOpened]) -> None:
    """A new conversation waits, maybe for somebody, or (outbound) is its agent's from the start."""
    conversation = session.get_one(Conversation, recorded.event.conversation_id)
    if conversation.state == State.ACTIVE and conversation.agent_id is not None:
        give_by_hand(session, conversation, session.get_one(User, conversation.agent_id))
    else:
        keep_for_who_knows(session, conversation)
    tell_router(session, "conversation", conversation.id)


def on_resumed(session: Session, recorded: Recorded[ConversationResumed]) -> None:
    """An ended conversation waits again."""
    tell_router(session, "conversation", recorded.event.conversation_id)


def on_ended(session: Session, recorded: Recorded[ConversationEnded]) -> None:
    """Free whoever held it: take back an offer that rings, or let the agent of a chat or call wrap up."""
    event = recorded.event
    conversation = session.get_one(Conversation, event.conversation_id)
    offer = close_offer(session, conversation.id, "offered", "withdrawn")
    if offer is not None:
        withdraw_event(session, conversation, offer, reason="customer_left", actor=recorded.actor)
    if conversation.accepted_at is not None and conversation.agent_id is not None:
        _free_agent(session, conversation, conversation.agent_id)
    elif event.by == "customer":
        waited_s = (clock.now() - conversation.enqueued_at).total_seconds()
        abandoned = ConversationAbandoned(conversation.id, conversation.queue_id, round(waited_s, 3))
        record(session, abandoned, actor=recorded.actor, subject=subject_of(conversation, None))
    tell_router(session, "conversation", conversation.id)


def _free_agent(session: Session, conversation: Conversation, user_id: int) -> None:
    wrap_up_s = session.get_one(Queue, conversation.queue_id).wrap_up_s
    presence = release_agent(session, conversation.id, user_id)
    if conversation.channel not in LIVE_CHANNELS or not begin_wrap_up(session, presence, wrap_up_s):
        go_on_planned_break(session, presence)
        return
    conversation.state = State.WRAP_UP.value
    conversation.wrap_until = clock.after(wrap_up_s)
    event = WrapUpStarted(conversation.id, user_id, conversation.wrap_until.isoformat())
    record(session, event, actor="system", subject=subject_of(conversation, user_id))


def on_ticket_status(session: Session, recorded: Recorded[TicketStatusChanged]) -> None:
    """A ticket that rests needs nobody's capacity.

    Its conversations end a moment later, in a transaction of their own: this one holds the ticket's row, and whoever
    holds a ticket must not wait for a conversation.
    """
    if recorded.event.new in RESTING:
        ticket_id = recorded.event.ticket_id
        timers.set_timer(session, TICKET_RESTS_TIMER, str(ticket_id), clock.now(), {"ticket_id": ticket_id})


def on_ticket_rests(session: Session, args: dict[str, Any]) -> None:
    """Timer: end the conversations of a ticket that rests; a chat or call goes on until the matter is solved."""
    query = select(Conversation).where(Conversation.ticket_id == args["ticket_id"])
    open_ones = query.where(Conversation.state.not_in(OVER))
    for conversation in session.scalars(open_ones.order_by(Conversation.id)).all():
        status = conversation.ticket.status
        over = status in {Status.SOLVED, Status.CLOSED}
        if over or (status in RESTING and conversation.channel not in LIVE_CHANNELS):
            end_conversation(session, conversation.id, by="agent", reason=status, actor="system")


def on_ticket_changed(session: Session, recorded: Recorded[TicketChanged]) -> None:
    """A new priority moves its conversations, and so does becoming a complaint."""
    if {"priority", "kind"} & set(recorded.event.changes):
        _rank_soon(session, "ticket", recorded.event.ticket_id)


def on_customer_changed(session: Session, recorded: Recorded[CustomerChanged]) -> None:
    """Another segment may be worth more or less."""
    if "segment" in recorded.event.changes:
        _rank_soon(session, "customer", recorded.event.customer_id)


def on_customers_joined(session: Session, recorded: Recorded[CustomerJoined | CustomerSeparated]) -> None:
    """Conversations have another customer now, maybe of another segment."""
    for customer_id in (recorded.event.customer_id, recorded.event.joined_id):
        _rank_soon(session, "customer", customer_id)


def on_queue_changed(session: Session, recorded: Recorded[QueueChanged]) -> None:
    """Whoever waits may wait for somebody else now, or at another place."""
    on_definitions(session, recorded)
    if "priority" in recorded.event.changes:
        _rank_soon(session, "queue", recorded.event.queue_id)


def on_policy_changed(session: Session, recorded: Recorded[RoutingPolicyChanged]) -> None:
    """Handicaps hold at once; segments may be worth more or less."""
    on_definitions(session, recorded)
    if "vip" in recorded.event.changes:
        _rank_soon(session, "policy", 0)


def _rank_soon(session: Session, of: str, number: int) -> None:
    """A moment later, in a transaction of its own: conversations are locked before whatever this one holds."""
    timers.set_timer(session, RANK_TIMER, f"{of}:{number}", clock.now(), {"of": of, "id": number})


RANKED: dict[str, Callable[[int], tuple[ColumnElement[bool], ...]]] = {
    "ticket": lambda number: (Conversation.ticket_id == number,),
    "customer": lambda number: (Conversation.customer_id == number,),
    "queue": lambda number: (Conversation.queue_id == number,),
    "policy": lambda _number: (),
}


def on_rank(session: Session, args: dict[str, Any]) -> None:
    """Timer: give conversations the place they are worth now; of very many the router hears in one word."""
    moved = rank_again(session, *RANKED[args["of"]](args["id"]))
    if len(moved) > TOLD_SINGLY_N:
        tell_router(session, "definitions")
    else:
        for conversation_id in moved:
            tell_router(session, "conversation", conversation_id)


def on_complaint_opened(session: Session, recorded: Recorded[ComplaintOpened]) -> None:
    """Fewer people may have it now: what rings at one of them returns, what one of them has is put back a moment later."""
    ticket_id = recorded.event.ticket_id
    query = select(Conversation.id).where(
        Conversation.ticket_id == ticket_id, Conversation.state.not_in(OVER)
    )
    for conversation_id in session.scalars(query).all():
        tell_router(session, "conversation", conversation_id)
    _rank_soon(session, "ticket", ticket_id)
    _recheck_holders(session, ticket_id)


def on_ticket_hidden(session: Session, args: dict[str, Any]) -> None:
    """Timer: who may no longer see the ticket, or has left with it unfinished, neither talks to its customer nor owns it."""
    query = select(Conversation).where(
        Conversation.ticket_id == args["ticket_id"], Conversation.state == State.ACTIVE
    )
    active = session.scalars(query.order_by(Conversation.id).with_for_update(of=Conversation)).all()
    ticket = session.get_one(Ticket, args["ticket_id"], with_for_update={"of": Ticket})
    for conversation in active:
        agent = session.get_one(User, conversation.agent_id)
        if not may_see(session, agent, ticket):
            take_from(session, conversation, agent)
    if ticket.owner is not None and _may_not_own(session, ticket.owner, ticket):
        tickets.assign_owner(session, ticket, None, actor="system")


def _may_not_own(session: Session, owner: User, ticket: Ticket) -> bool:
    has_left = not owner.active and ticket.status in LIVE
    return has_left or is_kept_from(session, owner, ticket)


def _recheck_holders(session: Session, ticket_id: int) -> None:
    """A moment later: this transaction may hold the ticket's row, and conversations are locked before tickets."""
    timers.set_timer(session, HIDDEN_TIMER, str(ticket_id), clock.now(), {"ticket_id": ticket_id})


def on_definitions(session: Session, _recorded: Recorded[Event]) -> None:
    """Queues, skills or hours changed: whoever waits may wait for somebody else now."""
    tell_router(session, "definitions")


def on_agent(session: Session, recorded: Recorded[Event]) -> None:
    """Somebody came or learnt something."""
    if recorded.subject.user_id is not None:
        tell_router(session, "agent", recorded.subject.user_id)


def on_rights(session: Session, recorded: Recorded[UserChanged | UserDeactivated]) -> None:
    """Somebody left, or has other roles or another team: of what he has, he may see less now."""
    on_agent(session, recorded)
    event, user_id = recorded.event, recorded.subject.user_id
    if isinstance(event, UserChanged) and not RIGHTS & set(event.fields):
        return
    talks = select(Conversation.ticket_id).where(
        Conversation.agent_id == user_id, Conversation.state == State.ACTIVE
    )
    owned = select(Ticket.id).where(Ticket.owner_id == user_id)
    if isinstance(event, UserDeactivated):
        owned = owned.where(or_(Ticket.complaint_ref.is_not(None), Ticket.status.in_(LIVE)))
    else:
        owned = owned.where(Ticket.complaint_ref.is_not(None))
    for ticket_id in session.scalars(union(talks, owned)).all():
        _recheck_holders(session, ticket_id)
