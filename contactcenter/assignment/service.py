"""Take work, hand it on, finish it. Who gets an offer is the router's decision alone; here people answer it.

Every change is one guarded UPDATE (somebody else may be faster), its events and a row for the router, all in the
caller's transaction.
"""

from typing import Any, NoReturn

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_supervise
from contactcenter.assignment.events import OfferAccepted, OfferDeclined, OfferWithdrawn
from contactcenter.assignment.handover import FREE, close_offer, move, put_back, subject_of
from contactcenter.assignment.inbox import tell_router
from contactcenter.assignment.models import Offer, Presence, PresenceState
from contactcenter.assignment.presence import LIVE_CHANNELS, go_on_planned_break, hold_s, lock_presence
from contactcenter.conversations.models import Conversation, State
from contactcenter.conversations.ranking import points_of
from contactcenter.conversations.service import end_conversation
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, Invalid, NotAllowed, NotFound
from contactcenter.core.events import record
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.models import Queue
from contactcenter.tickets import service as tickets
from contactcenter.tickets.access import is_kept_from, may_see
from contactcenter.tickets.models import Ticket

REASON_MAX = 200
NO_TARGET: dict[str, Any] = {"target_user_id": None, "target_until": None}  # Any: column values


def accept_offer(session: Session, user: User, offer_id: int) -> Conversation:
    """The agent takes what is offered to him; asking again is no error. Raises Conflict if it came too late."""
    offer = _own_offer(session, user, offer_id)
    if offer.state == "accepted":
        return session.get_one(Conversation, offer.conversation_id)
    target = session.get_one(Conversation, offer.conversation_id).target_user_id
    conversation = move(session, offer.conversation_id, State.OFFERED, **_in_hands_of(user))
    held = update(Offer).where(Offer.id == offer_id, Offer.state == "offered")
    accepted = session.scalar(held.values(state="accepted", accepted_at=clock.now()).returning(Offer.id))
    if conversation is None or accepted is None or is_kept_from(session, user, conversation.ticket):
        _too_late()
    _own_ticket(session, conversation, user, handed_over=target == user.id)
    _record_acceptance(session, conversation, offer_id, user, taken=False)
    return conversation


def decline_offer(session: Session, user: User, offer_id: int, reason: str = "") -> None:
    """The agent says no: the conversation keeps its place and does not come back to him for a while."""
    offer = _own_offer(session, user, offer_id)
    kept_for_him = _existing(session, offer.conversation_id).target_user_id == user.id
    changes = FREE | (NO_TARGET if kept_for_him else {})
    conversation = move(session, offer.conversation_id, State.OFFERED, **changes)
    if conversation is None or close_offer(session, conversation.id, "offered", "declined") is None:
        _too_late()
    lock_presence(session, user.id).idle_since = clock.now()
    why = " ".join(reason.split())[:REASON_MAX]
    event = OfferDeclined(conversation.id, offer_id, user.id, why)
    record(session, event, actor=user.actor, subject=subject_of(conversation, user.id))
    put_back(session, conversation, from_user_id=user.id, reason="declined", actor=user.actor)


def complete_conversation(
    session: Session, user: User, conversation_id: int, *, reason: str = "completed"
) -> None:
    """Its agent (or a supervisor) ends it. Chats and calls are followed by wrap-up (see `subscriptions`)."""
    conversation = _existing(session, conversation_id)
    if conversation.agent_id != user.id:
        _refuse_strangers(session, user, conversation)
    if not end_conversation(session, conversation_id, by="agent", reason=reason, actor=user.actor):
        raise Conflict(_("This conversation has ended already."))


def transfer_to_queue(session: Session, user: User, conversation_id: int, queue_id: int) -> Conversation:
    """Hand it, and its ticket, to another queue; it keeps its age. Conflict if it changed hands meanwhile."""
    queue = session.get(Queue, queue_id)
    if queue is None:
        raise NotFound(_("This queue does not exist."))
    conversation = _existing(session, conversation_id)
    points = points_of(session, conversation.ticket, queue.id)
    changes = NO_TARGET | {"queue_id": queue.id, "priority": points}
    return _hand_on(session, user, conversation, changes, queue)


def transfer_to_agent(session: Session, user: User, conversation_id: int, to: User) -> Conversation:
    """Offer it to one person alone for a while (`hold_s`); it keeps its age. Raises Invalid if he is not there."""
    conversation = _existing(session, conversation_id)
    presence = session.get(Presence, to.id)
    if not to.active or presence is None or presence.state == PresenceState.AWAY:
        raise Invalid(_("%(name)s is away. Choose somebody else or a queue.", name=to.name), field="to")
    if presence.state == PresenceState.BREAK and conversation.channel in LIVE_CHANNELS:
        raise Invalid(_("%(name)s is on a break. Choose somebody else or a queue.", name=to.name), field="to")
    if conversation.agent_id == to.id:
        raise Invalid(_("%(name)s has this conversation already.", name=to.name), field="to")
    if is_kept_from(session, to, conversation.ticket):
        raise Invalid(
            _("%(name)s may not see this complaint. Choose somebody else.", name=to.name), field="to"
        )
    until = clock.after(hold_s(conversation.channel))
    return _hand_on(session, user, conversation, {"target_user_id": to.id, "target_until": until}, None)


def take_conversation(session: Session, user: User, conversation_id: int) -> Conversation:
    """Take what waits or rings elsewhere, past the router: for supervisors of its team and for the ticket's owner.

    Where its queue lets agents pick, also for those of its team, but only what waits. Capacity is not asked: who takes
    by hand knows why.
    """
    conversation = _existing(session, conversation_id)
    if is_kept_from(session, user, conversation.ticket):
        raise NotFound(_("This conversation does not exist."))
    if not may_take(session, user, conversation):
        raise NotAllowed(_("Only its owner or a supervisor may take it: the router offers it in turn."))
    taken = _in_hands_of(user)
    moved = move(session, conversation_id, State.OFFERED, **taken)
    moved = moved or move(session, conversation_id, State.WAITING, **taken)
    if moved is None:
        raise Conflict(_("Somebody else has this conversation already."))
    session.refresh(
        moved.ticket, with_for_update={"of": Ticket}
    )  # before his presence, which others hold after it
    _withdraw(session, moved, reason="taken", actor=user.actor)
    lock_presence(session, user.id)
    offer_id = give_by_hand(session, moved, user)
    _own_ticket(session, moved, user, handed_over=True)
    _record_acceptance(session, moved, offer_id, user, taken=True)
    return moved


def may_take(session: Session, user: User, conversation: Conversation) -> bool:
    """Whether `user` may take, past the router, a conversation that nobody has."""
    queue = session.get_one(Queue, conversation.queue_id)
    if conversation.ticket.owner_id == user.id or may_supervise(session, user, queue.team_id):
        return True
    is_his = user.has(Role.AGENT) and user.team_id == queue.team_id
    return queue.may_pick and is_his and conversation.state == State.WAITING


def give_by_hand(session: Session, conversation: Conversation, user: User) -> int:
    """The row that says who holds a conversation the router did not offer; returns its id."""
    now = clock.now()
    row = {"conversation_id": conversation.id, "user_id": user.id, "state": "accepted"}
    row |= {"offered_at": now, "accepted_at": now, "reasons": {"by_hand": True}}
    return session.execute(insert(Offer).values(row).returning(Offer.id)).scalar_one()


def _in_hands_of(user: User) -> dict[str, Any]:  # Any: column values
    now = clock.now()
    return {"state": State.ACTIVE, "agent_id": user.id, "accepted_at": now, **NO_TARGET}


def _own_offer(session: Session, user: User, offer_id: int) -> Offer:
    offer = session.get(Offer, offer_id, populate_existing=True)
    if offer is None or offer.user_id != user.id:
        raise NotFound(_("This offer does not exist."))
    return offer


def _existing(session: Session, conversation_id: int) -> Conversation:
    conversation = session.get(Conversation, conversation_id, populate_existing=True)
    if conversation is None:
        raise NotFound(_("This conversation does not exist."))
    return conversation


def _too_late() -> NoReturn:
    raise Conflict(_("This offer is gone: its time ran out or it was taken back."))


def _refuse_strangers(session: Session, user: User, conversation: Conversation) -> None:
    queue = session.get_one(Queue, conversation.queue_id)
    if not may_supervise(session, user, queue.team_id):
        raise NotAllowed(_("Only its agent or a supervisor of its team may do that."))


def _own_ticket(session: Session, conversation: Conversation, user: User, *, handed_over: bool) -> None:
    """A ticket without an owner, one handed over on purpose, or one he could not see otherwise, becomes the agent's."""
    ticket = conversation.ticket
    if handed_over or ticket.owner_id is None or not may_see(session, user, ticket):
        tickets.assign_owner(session, conversation.ticket, user, actor=user.actor)


def _record_acceptance(
    session: Session, conversation: Conversation, offer_id: int, user: User, *, taken: bool
) -> None:
    waited_s = (clock.now() - conversation.enqueued_at).total_seconds()
    event = OfferAccepted(conversation.id, offer_id, user.id, round(waited_s, 3), taken)
    record(session, event, actor=user.actor, subject=subject_of(conversation, user.id))
    tell_router(session, "conversation", conversation.id)


def take_from(session: Session, conversation: Conversation, agent: User) -> None:
    """What `agent` has waits again at its old place, because he may have it no longer; his time to wrap up is not asked."""
    moved = move(session, conversation.id, State.ACTIVE, holder=agent.id, **FREE, **NO_TARGET)
    if moved is not None:
        put_back(session, moved, from_user_id=agent.id, reason="agent_unavailable", actor="system")
        go_on_planned_break(session, release_agent(session, moved.id, agent.id))


def _hand_on(
    session: Session,
    user: User,
    conversation: Conversation,
    changes: dict[str, Any],  # Any: column values
    queue: Queue | None,
) -> Conversation:
    """Let it wait again with `changes`; the agent who had it is free at once, without wrap-up."""
    holder = conversation.agent_id
    if holder != user.id:
        _refuse_strangers(session, user, conversation)
    if conversation.state not in {State.ACTIVE, State.OFFERED, State.WAITING}:
        raise Conflict(_("This conversation has ended already."))
    moved = move(session, conversation.id, State(conversation.state), holder=holder, **FREE, **changes)
    if moved is None:
        raise Conflict(_("Somebody else has this conversation now."))
    if queue is not None:
        tickets.move_to_queue(session, moved.ticket, queue, actor=user.actor)
    _withdraw(session, moved, reason="moved", actor=user.actor)
    put_back(session, moved, from_user_id=holder, reason="transferred", actor=user.actor)
    if holder is not None:
        go_on_planned_break(session, release_agent(session, moved.id, holder))
    return moved


def release_agent(session: Session, conversation_id: int, user_id: int) -> Presence:
    """The agent has one piece of work less, and his idle time starts."""
    presence = lock_presence(session, user_id)
    close_offer(session, conversation_id, "accepted", "ended")
    presence.idle_since = clock.now()
    tell_router(session, "agent", user_id)
    return presence


def _withdraw(session: Session, conversation: Conversation, *, reason: str, actor: str) -> None:
    offer = close_offer(session, conversation.id, "offered", "withdrawn")
    if offer is not None:
        withdraw_event(session, conversation, offer, reason=reason, actor=actor)


def withdraw_event(
    session: Session, conversation: Conversation, offer: Offer, *, reason: str, actor: str
) -> None:
    """Say that an agent need no longer answer."""
    event = OfferWithdrawn(conversation.id, offer.id, offer.user_id, reason)
    record(session, event, actor=actor, subject=subject_of(conversation, offer.user_id))
