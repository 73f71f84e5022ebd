"""Rule C-01 at the ticket: what sounds like a complaint is not put away before a person answered yes or no."""

from sqlalchemy.orm import Session

from contactcenter.complaints.rules import violation
from contactcenter.core.i18n import gettext as _
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.ports import Objection


def undecided_complaint(session: Session, ticket: Ticket) -> Objection | None:  # noqa: ARG001  the port's shape
    """Objects while the model's proposal or the customer's word is unanswered, or the answer was yes and no complaint was opened."""
    if ticket.complaint_ref is not None or not ticket.sounds_like_complaint:
        return None
    answered = ticket.complaint_answer
    if answered is not None and not answered["yes"]:
        return None
    spoken = violation("C-01", t=ticket.id)
    fix = _("Answer “complaint: yes or no, and why”.") if answered is None else _("Open the complaint.")
    return Objection("C-01", spoken.message, fix)
