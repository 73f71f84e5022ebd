"""What agents see change: rows, conversations, offers, presence; rendered after the commit by whoever committed.

Each watcher reads what is true now, so that a late or doubled push still shows the truth.
"""

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.events import (
    CapacityChanged,
    ConversationOffered,
    ConversationRequeued,
    ConversationSilent,
    OfferAccepted,
    OfferDeclined,
    OfferMissed,
    OfferWithdrawn,
    PresenceChanged,
    WrapUpCodeChosen,
    WrapUpEnded,
)
from contactcenter.assignment.queries import get_offer
from contactcenter.assignment.silence import is_silent
from contactcenter.assignment.staff import agent_now
from contactcenter.assignment.wrap_up import wrap_up_of
from contactcenter.complaints.events import ComplaintOpened
from contactcenter.conversations import signals
from contactcenter.conversations.events import (
    ConversationEnded,
    ConversationResumed,
    MessageAdded,
    MessageAnalysed,
    MessageChanged,
    SentimentCorrected,
    SilenceBroken,
)
from contactcenter.conversations.glance import NOTHING, glances, moods
from contactcenter.conversations.models import Author, Conversation, Message
from contactcenter.conversations.queries import conversations_of, get_message, received_between
from contactcenter.core.db import as_of, look
from contactcenter.core.events import Event, Recorded, watch, watch_ticket
from contactcenter.live.fragments import Context, drop, fetch_anew, heard, put, tell
from contactcenter.live.rooms import hidden_from_some
from contactcenter.tickets.access import may_see
from contactcenter.tickets.events import (
    ComplaintAnswered,
    ComplaintProposed,
    MoodChanged,
    SlaBreached,
    TicketChanged,
    TicketOpened,
    TicketOwnerChanged,
    TicketQueueChanged,
    TicketSnoozed,
    TicketStatusChanged,
)
from contactcenter.tickets.models import Ticket, is_unhappy
from contactcenter.tickets.queries import get_ticket

MessageMoved = MessageAdded | MessageChanged | MessageAnalysed | SentimentCorrected
OfferOver = OfferAccepted | OfferDeclined | OfferMissed | OfferWithdrawn
HandsMoved = (
    PresenceChanged
    | CapacityChanged
    | ConversationOffered
    | ConversationSilent
    | OfferAccepted
    | OfferWithdrawn
)


def register() -> None:
    """Watch what the console shows; called by compose."""
    watch(MessageAdded, on_message)
    watch_ticket(MessageAdded, put_row)
    watch(MessageChanged, on_message)
    watch(MessageAnalysed, on_message)
    watch(SentimentCorrected, on_message)
    for kind in (
        TicketOpened,
        TicketChanged,
        TicketStatusChanged,
        TicketOwnerChanged,
        TicketSnoozed,
        SlaBreached,
        ConversationEnded,
        ConversationResumed,
        ComplaintProposed,
        ComplaintAnswered,
        ComplaintOpened,
    ):
        watch_ticket(kind, put_row)
        watch_ticket(kind, put_head)
    watch(MoodChanged, on_mood)
    watch(TicketQueueChanged, on_queue_changed)
    watch(ConversationOffered, on_offered)
    watch(OfferAccepted, on_offer_over)
    watch(OfferDeclined, on_offer_over)
    watch(OfferMissed, on_offer_over)
    watch(OfferWithdrawn, on_offer_over)
    watch(PresenceChanged, on_presence)
    watch(CapacityChanged, on_presence)
    watch(ConversationOffered, on_presence)
    watch(OfferAccepted, on_presence)
    watch(OfferWithdrawn, on_presence)
    watch(ConversationEnded, on_conversation_moved)
    watch(ConversationSilent, on_presence)
    watch(SilenceBroken, on_conversation_moved)
    for moved in (ConversationSilent, SilenceBroken, ConversationEnded, ConversationRequeued):
        watch(moved, on_silence)
    for over in (ConversationEnded, ConversationResumed, TicketStatusChanged, WrapUpEnded, WrapUpCodeChosen):
        watch(over, on_wrap_up)
    watch(ConversationRequeued, on_requeued)
    signals.listen(on_signal)


def on_message(recorded: Recorded[MessageMoved]) -> None:
    """A message came, moved on or was read by the model: its line."""
    event = recorded.event
    if not heard(f"ticket:{event.ticket_id}"):
        return
    with look() as session:
        message = get_message(session, event.message_id)
        if message is not None:
            _put_message(session, message)
        if isinstance(event, MessageAdded) and event.author == Author.AGENT and not event.internal:
            ticket = get_ticket(session, event.ticket_id)
            if ticket is not None:
                _put_head(session, ticket)  # a promise may be kept by it


def put_head(ticket_id: int) -> None:
    """Show a ticket's head and facts as they are now, and whether it waits for an answer to C-01."""
    if not heard(f"ticket:{ticket_id}"):
        return
    with look() as session:
        ticket = get_ticket(session, ticket_id)
        if ticket is not None:
            _put_head(session, ticket)


def on_mood(recorded: Recorded[MoodChanged]) -> None:
    """With every line of the customer: so nothing more is made than what shows it. Rows show whether he is unhappy."""
    event = recorded.event
    if heard(f"ticket:{event.ticket_id}"):
        with look() as session:
            ticket = get_ticket(session, event.ticket_id)
            if ticket is not None:
                _put_mood(session, ticket)
    if is_unhappy(event.mood) != is_unhappy(event.was):
        put_row(event.ticket_id)


def _put_head(session: Session, ticket: Ticket) -> None:
    _put_mood(session, ticket)
    context: Context = {"ticket": ticket}
    put(
        f"ticket:{ticket.id}",
        f"facts-{ticket.id}",
        "console/_ticket_facts.html",
        context,
        read=as_of(session),
    )


def _put_mood(session: Session, ticket: Ticket) -> None:
    context: Context = {"ticket": ticket, "moods": moods(session, ticket.id)}
    put(f"ticket:{ticket.id}", f"head-{ticket.id}", "console/_head.html", context, read=as_of(session))
    if ticket.complaint_answer is not None or ticket.complaint_ref is not None:
        drop(f"ticket:{ticket.id}", f"proposal-{ticket.id}")
    elif ticket.sounds_like_complaint:
        put(f"ticket:{ticket.id}", f"proposal-{ticket.id}", "console/_proposal.html", {"ticket": ticket})


def on_queue_changed(recorded: Recorded[TicketQueueChanged]) -> None:
    """A ticket left one queue's list for another's."""
    drop(f"queue:{recorded.event.old}", f"row-{recorded.event.ticket_id}")
    put_row(recorded.event.ticket_id)
    put_head(recorded.event.ticket_id)


def on_offered(recorded: Recorded[ConversationOffered]) -> None:
    """Work is held out to somebody."""
    event = recorded.event
    with look() as session:
        offer = get_offer(session, event.offer_id)
        if offer is None or offer.state != "offered":
            return
        ticket_id = offer.conversation.ticket_id
        glance = glances(session, [ticket_id]).get(ticket_id, NOTHING)
        context = {"offer": offer, "glance": glance}
        put(f"agent:{event.user_id}", f"offer-{offer.id}", "console/_offer.html", context)


def on_offer_over(recorded: Recorded[OfferOver]) -> None:
    """An offer was answered or taken back."""
    drop(f"agent:{recorded.event.user_id}", f"offer-{recorded.event.offer_id}")


def on_presence(recorded: Recorded[HandsMoved]) -> None:
    """What an agent is doing, or how much he has in hand, changed: his own menu, on all his screens."""
    _put_presence(recorded.event.user_id)


def on_requeued(recorded: Recorded[ConversationRequeued]) -> None:
    """A conversation was taken from its agent, who may be free again."""
    _put_presence(recorded.event.from_user_id)


def on_conversation_moved(recorded: Recorded[ConversationEnded | SilenceBroken]) -> None:
    """A conversation is over, or takes a place again: whoever has it may be free, or have one too many."""
    with look() as session:
        agent_id = session.get_one(Conversation, recorded.event.conversation_id).agent_id
    _put_presence(agent_id)


def on_wrap_up(recorded: Recorded[Event]) -> None:
    """What it was about can be said now, has been said, or no longer: on the screens of whoever had it."""
    with look() as session:
        ticket = session.get_one(Ticket, recorded.subject.ticket_id)
        had_it = {one.agent for one in conversations_of(session, ticket.id)} | {ticket.owner}
        for user in had_it:
            if user is not None and heard(f"agent:{user.id}") and may_see(session, user, ticket):
                context: Context = {"ticket": ticket, "wrap_up": wrap_up_of(session, user, ticket)}
                put(f"agent:{user.id}", f"wrap-up-{ticket.id}", "console/_wrap_up.html", context)


def on_silence(recorded: Recorded[Event]) -> None:
    """Whether a chat takes a place of its agent: beside its messages."""
    ticket_id = recorded.subject.ticket_id
    if not heard(f"ticket:{ticket_id}"):
        return
    with look() as session:
        ticket = session.get_one(Ticket, ticket_id)
        context: Context = {"ticket": ticket, "silent": is_silent(conversations_of(session, ticket.id))}
        put(f"ticket:{ticket.id}", f"silent-{ticket.id}", "console/_silent.html", context)


def _put_presence(user_id: int | None) -> None:
    if user_id is None or not heard(f"agent:{user_id}"):
        return
    with look() as session:
        now = agent_now(session, session.get_one(User, user_id))
        put(f"agent:{user_id}", "presence", "console/_presence.html", {"presence": now})


def on_signal(signal: signals.Signal) -> None:
    """The customer types, or has got or read our words."""
    if signal.author is not Author.CUSTOMER:
        return
    subject = f"ticket:{signal.ticket_id}"
    if signal.kind == "typing":
        tell(subject, "typing", {"ticket": signal.ticket_id, "by": "customer", "on": signal.on})
        return
    if not heard(subject):
        return
    with look() as session:
        for message in received_between(session, signal.conversation_id, signal.after, signal.seq):
            _put_message(session, message)


def put_row(ticket_id: int) -> None:
    """Show a ticket's row as it is now; also for changes that are no event (somebody read it)."""
    with look() as session:
        _put_row(session, ticket_id)


def _put_message(session: Session, message: Message) -> None:
    conversation = message.conversation
    context: Context = {"message": message, "conversation": conversation, "customer": conversation.customer}
    subject, element_id = f"ticket:{message.ticket_id}", f"message-{message.id}"
    put(subject, element_id, "console/_message.html", context, rev=message.rev, read=as_of(session))


def _put_row(session: Session, ticket_id: int) -> None:
    """On the lists of the queue and of the owner; who may not see the ticket gets no row of it."""
    ticket = get_ticket(session, ticket_id)
    if ticket is None:
        return
    queue, owner = f"queue:{ticket.queue_id}", f"agent:{ticket.owner_id}"
    if not heard(queue, owner):
        return
    glance = glances(session, [ticket_id]).get(ticket_id, NOTHING)
    row = (f"row-{ticket_id}", "console/_row.html", {"ticket": ticket, "glance": glance})
    read = as_of(session)
    if hidden_from_some(session, ticket):
        fetch_anew(queue)
    else:
        put(queue, *row, read=read)
    if ticket.owner is None:
        return
    if may_see(session, ticket.owner, ticket):
        put(owner, *row, read=read)
    else:
        drop(owner, f"row-{ticket_id}")
