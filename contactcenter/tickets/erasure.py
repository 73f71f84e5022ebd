"""What tickets do when a customer is erased: no subject, no search words, no drafts, no mood; dates and people stay."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contactcenter.core.events import EventRow, Recorded, blank_words
from contactcenter.customers.erasure import CustomerErased
from contactcenter.tickets.models import Draft, Ticket

ERASED = "—"
"""Stands where a subject was: lists need something to press."""


def forget(session: Session, recorded: Recorded[CustomerErased]) -> None:
    """Part of the erasure's transaction."""
    his = Ticket.customer_id.in_(recorded.event.customer_ids)
    numbers = select(Ticket.id).where(his)
    session.execute(delete(Draft).where(Draft.ticket_id.in_(numbers)))
    blank_words(session, EventRow.ticket_id.in_(numbers))
    gone = {"subject": ERASED, "search": None, "complaint_answer": None, "mood": None, "mood_min": None}
    session.execute(update(Ticket).where(his).values(gone))
