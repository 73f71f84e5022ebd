"""What a conversation's place in the line is worth, in points of a minute each (ROUTING R2): one formula, in SQL.

Its queue's priority, its ticket's, and what its customer's segment is worth. A complaint is never moved by who complains.
"""

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, cast, func, or_, select, update
from sqlalchemy.orm import Session

from contactcenter.conversations.models import OVER, Conversation
from contactcenter.customers.models import Customer
from contactcenter.queues.models import Queue, RoutingPolicy
from contactcenter.queues.policy import ONLY
from contactcenter.tickets.models import Kind, Ticket

_complains = or_(Ticket.complaint_ref.is_not(None), Ticket.kind == Kind.COMPLAINT)
_vip = (
    select(cast(RoutingPolicy.vip[func.lower(func.trim(Customer.segment))].astext, Integer))
    .where(RoutingPolicy.id == ONLY)
    .scalar_subquery()
)
POINTS: ColumnElement[int] = (
    Queue.priority + Ticket.priority + case((_complains, 0), else_=func.coalesce(_vip, 0))
)


_WORTH = select(POINTS).select_from(Ticket).join(Customer, Customer.id == Ticket.customer_id)
_OF_TICKET = _WORTH.join(Queue, Queue.id == bindparam("queue_id")).where(Ticket.id == bindparam("ticket_id"))
POINTS_NOW = (
    _WORTH.join(Queue, Queue.id == Conversation.queue_id)
    .where(Ticket.id == Conversation.ticket_id)
    .correlate(Conversation)
    .scalar_subquery()
)
"""What the conversation of the statement around it is worth."""


def points_of(session: Session, ticket: Ticket, queue_id: int) -> int:
    """What a conversation on `ticket` (which is in the database) is worth in that queue."""
    return session.execute(_OF_TICKET, {"queue_id": queue_id, "ticket_id": ticket.id}).scalar_one()


def rank_again(session: Session, *which: ColumnElement[bool]) -> list[int]:
    """Give the open conversations for which `which` holds the points they are worth now; returns those that moved."""
    belongs = and_(
        Ticket.id == Conversation.ticket_id,
        Customer.id == Conversation.customer_id,
        Queue.id == Conversation.queue_id,
    )
    moved = update(Conversation).where(
        belongs, Conversation.state.not_in(OVER), Conversation.priority != POINTS
    )
    ids = session.scalars(moved.where(*which).values(priority=POINTS).returning(Conversation.id))
    return sorted(ids)
