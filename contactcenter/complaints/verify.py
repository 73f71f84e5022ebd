"""The nightly proof: every chain holds, every projection equals its events, every commitment its value."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.chain import first_broken, head_of, seal
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.folding import fold
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.vault import load_events

BATCH = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a case; `seq` is the first event concerned, 0 the whole case."""

    reference: str
    seq: int
    what: str


def verify_all(session: Session) -> Iterator[Fault]:
    """Every fault in every case; none means proven."""
    last = 0
    while batch := session.scalars(
        select(ComplaintCase).where(ComplaintCase.id > last).order_by(ComplaintCase.id).limit(BATCH)
    ).all():
        for case in batch:
            fault = verify_case(session, case)
            if fault is not None:
                yield fault
        last = batch[-1].id


def verify_case(session: Session, case: ComplaintCase) -> Fault | None:
    """The first fault of one case."""
    events = load_events(session, case)
    broken = first_broken(events)
    if broken is not None:
        return Fault(case.reference, broken, "an event was changed, moved or taken out")
    if (head_of(events), len(events)) != (case.head, case.events_n):
        return Fault(case.reference, len(events), "the end of the log does not meet the case's head")
    if case.case_key is not None:
        settings = case_settings(case)
        for event in events:
            if seal(event.name, event.data, settings.seal_key) != event.sealed:
                return Fault(case.reference, event.seq, "a stored value is not the one that was committed to")
    state = fold(events, case_settings(case).machine).state
    return (
        None
        if state == case.state
        else Fault(case.reference, 0, f"is shown as {case.state}, its events say {state}")
    )
