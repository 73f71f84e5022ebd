"""Rule C-07: what the customer writes on any channel of the matter belongs to the complaint, and ends our waiting for it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.context import case_settings
from contactcenter.complaints.folding import fold
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.service import apply
from contactcenter.complaints.vault import load_events
from contactcenter.conversations.events import MessageAdded
from contactcenter.conversations.models import Author
from contactcenter.core.events import Recorded

AWAITING_CUSTOMER = "awaiting_customer"


def end_waiting(session: Session, recorded: Recorded[MessageAdded]) -> None:
    """A customer's message on the ticket resumes a hold that waits for the customer; in the message's transaction."""
    event = recorded.event
    if event.author != Author.CUSTOMER or not event.complaint:
        return
    held = select(ComplaintCase).where(
        ComplaintCase.ticket_id == event.ticket_id, ComplaintCase.state == "investigating"
    )
    case = session.scalar(held)
    if case is not None and _waits_for_customer(session, case):
        apply(session, case, "resume", f"customer:{case.customer_id}", {"cause": "message"})


def _waits_for_customer(session: Session, case: ComplaintCase) -> bool:
    hold = fold(load_events(session, case), case_settings(case).machine).on_hold
    return hold is not None and hold.reason == AWAITING_CUSTOMER
