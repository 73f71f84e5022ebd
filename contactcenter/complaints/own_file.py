"""The customer's own copy of his file (C-09): everything he may see, and a head that no later change can hide from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from contactcenter.complaints.context import case_settings
from contactcenter.complaints.folding import fold
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.queries import StatusView, view_status
from contactcenter.complaints.service import lock_case
from contactcenter.complaints.vault import load_events
from contactcenter.complaints.verify import HEALTH, verify_case
from contactcenter.conversations.models import Message
from contactcenter.conversations.queries import said_to_customer
from contactcenter.core.health import report


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What he complained of, what was agreed, what was said and written, and the log's head after `events_n` events."""

    status: StatusView
    story: str
    key_points: Sequence[str]
    said: Sequence[Message]
    events_n: int
    head: str


def own_file(session: Session, case: ComplaintCase) -> OwnFile | None:
    """The whole file as its customer may have it; None if its log does not verify, for nobody is given a doubtful one.

    The supervisors' board then says so at once, not only after the nightly proof. The case is held meanwhile: a step that
    came between its head and its log would look like a fault.
    """
    lock_case(session, case)
    fault = verify_case(session, case)
    if fault is not None:
        report(session, HEALTH, ok=False, reason=f"{fault.reference}: {fault.what}")
        return None
    facts = fold(load_events(session, case), case_settings(case).machine)
    return OwnFile(
        status=view_status(session, case, whole=True),
        story=facts.text,
        key_points=facts.key_points,
        said=said_to_customer(session, case.ticket_id),
        events_n=case.events_n,
        head=case.head,
    )
