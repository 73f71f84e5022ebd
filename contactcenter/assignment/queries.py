"""Read who does what, for screens."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints
from contactcenter.assignment.models import Offer, Presence, PresenceState
from contactcenter.conversations.models import Conversation
from contactcenter.tickets.access import people_kept_from
from contactcenter.tickets.models import Ticket


def colleagues(session: Session, user: User, ticket: Ticket) -> list[tuple[User, str]]:
    """The other agents of a ticket's team who may have it, with what they are doing, those who can take work first."""
    query = (
        select(User, Presence.state)
        .outerjoin(Presence, Presence.user_id == User.id)
        .where(User.team_id == ticket.queue.team_id, User.id != user.id, User.active, User.service.is_(False))
        .order_by(User.name)
    )
    found = [(person, state or PresenceState.AWAY.value) for person, state in session.execute(query)]
    kept = people_kept_from(session, [ticket.id])[ticket.id]
    agents = [
        (person, state)
        for person, state in found
        if person.has(Role.AGENT)
        and person.id not in kept
        and (ticket.complaint_ref is None or may_see_complaints(person))
    ]
    return sorted(agents, key=lambda pair: pair[1] == PresenceState.AWAY)


def ringing_offers(session: Session, user: User) -> Sequence[Offer]:
    """What is held out to `user` now, oldest first, ready to show."""
    query = select(Offer).where(Offer.user_id == user.id, Offer.state == "offered").order_by(Offer.id)
    return session.scalars(_ready(query)).all()


def get_offer(session: Session, offer_id: int) -> Offer | None:
    """One offer ready to show."""
    return session.scalar(_ready(select(Offer).where(Offer.id == offer_id)))


def live_offer(session: Session, conversation_id: int) -> Offer | None:
    """Who is being offered a conversation, or has it."""
    live = Offer.state.in_(("offered", "accepted"))
    return session.scalar(select(Offer).where(Offer.conversation_id == conversation_id, live))


def _ready(query: Select[Offer]) -> Select[Offer]:
    ticket = joinedload(Offer.conversation).joinedload(Conversation.ticket)
    return query.options(ticket.joinedload(Ticket.customer), ticket.joinedload(Ticket.queue))
