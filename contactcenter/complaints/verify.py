"""The nightly proof: every chain holds, every projection equals its events, every commitment its value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.chain import first_broken, head_of, seal
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.folding import fold
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.vault import load_events
from contactcenter.core import clock
from contactcenter.core.health import report
from contactcenter.core.timers import set_timer

BATCH = 200
NIGHTLY = "complaints.verify"
NIGHT_HOUR = 2
HEALTH = "complaint chains"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a case; `seq` is the first event concerned, 0 the whole case."""

    reference: str
    seq: int
    what: str


def plan_nightly(session: Session) -> None:
    """Let the proof run at the next NIGHT_HOUR (UTC); a clock process asks for it when it starts."""
    now = clock.now()
    tonight = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    set_timer(session, NIGHTLY, "all", tonight if tonight > now else tonight + timedelta(days=1))


def on_nightly(session: Session, _args: Mapping[str, Any]) -> None:  # Any: JSON of the timer
    """Timer: prove every chain, say on the supervisors' board what is broken, and come again tomorrow."""
    faults = [f"{one.reference}: {one.what}" for one in verify_all(session)]
    report(session, HEALTH, ok=not faults, reason="; ".join(faults))
    plan_nightly(session)


def verify_all(session: Session) -> Iterator[Fault]:
    """Every fault in every case; none means proven."""
    last = 0
    while batch := session.scalars(
        select(ComplaintCase).where(ComplaintCase.id > last).order_by(ComplaintCase.id).limit(BATCH)
    ).all():
        for case in batch:
            if verify_case(session, case) is None:
                continue
            session.refresh(case)  # it was read with its batch: a step may have been taken since
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
