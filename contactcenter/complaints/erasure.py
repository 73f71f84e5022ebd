"""What complaints do when a customer is erased: refuse while they are open or must be kept, else destroy the key.

The chain stays and verifies; the clock adds its own event when the time of keeping is over. Before that a closed case is
erased only if whoever answers for it says so.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contactcenter.complaints.acts import pending_acts
from contactcenter.complaints.clocks import clocks_of
from contactcenter.complaints.context import context_of
from contactcenter.complaints.folding import fold
from contactcenter.complaints.model import Context, Event
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter, ComplaintLink
from contactcenter.complaints.service import lock_case
from contactcenter.complaints.vault import load_events, shred
from contactcenter.core import clock
from contactcenter.core.errors import Conflict
from contactcenter.core.events import Recorded
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.erasure import CustomerErased

ERASE = "erase"


def forget(session: Session, recorded: Recorded[CustomerErased]) -> None:
    """Part of the erasure's transaction. Raises Conflict, naming the case and until when it is kept."""
    his = ComplaintCase.customer_id.in_(recorded.event.customer_ids)
    kept = select(ComplaintCase).where(his, ComplaintCase.case_key.is_not(None)).order_by(ComplaintCase.id)
    for case in session.scalars(kept).all():
        _erase(session, case, before_its_time=recorded.event.before_its_time)
    numbers = select(ComplaintCase.id).where(his)
    session.execute(delete(ComplaintLink).where(ComplaintLink.case_id.in_(numbers)))
    session.execute(update(ComplaintLetter).where(ComplaintLetter.case_id.in_(numbers)).values(sealed=""))


def _erase(session: Session, case: ComplaintCase, *, before_its_time: bool) -> None:
    lock_case(session, case)
    context, now = context_of(session, case), clock.now()
    until = _kept_until(load_events(session, case), context, now)
    if until is None:
        raise Conflict(_("The complaint %(reference)s is still open.", reference=case.reference))
    if until > now and not before_its_time:
        raise Conflict(
            _(
                "The complaint %(reference)s must be kept until %(date)s.",
                reference=case.reference,
                date=f"{until:%Y-%m-%d}",
            )
        )
    shred(session, case)


def _kept_until(events: Sequence[Event], context: Context, now: datetime) -> datetime | None:
    """When the clock would erase it; None while it is open."""
    facts = fold(events, context.machine)
    waiting = pending_acts(facts, clocks_of(facts, context, now), context, now)
    return next((act.at for act in waiting if act.name == ERASE), None)
