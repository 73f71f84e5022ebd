"""The words of facts are kept as keyed hashes: after a change of the key they are counted again from the facts."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.folding import fold
from contactcenter.complaints.likeness import count_words
from contactcenter.complaints.machine import machine_of
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.vault import load_events

BATCH = 50


@dataclass(frozen=True, slots=True)
class Recounted:
    """Up to which case, and how many of the batch had other hashes."""

    last_id: int
    changed_n: int


def recount(session: Session, after: int) -> Recounted | None:
    """The next BATCH of cases beyond the number `after`; None when there are no more. What they mean stays as it was read."""
    with_facts = select(ComplaintCase).where(ComplaintCase.id > after, ComplaintCase.fact_words != {})
    cases = session.scalars(
        with_facts.order_by(ComplaintCase.id).limit(BATCH).with_for_update(key_share=True)
    ).all()
    changed_n = sum(_recount(session, case) for case in cases)
    return Recounted(cases[-1].id, changed_n) if cases else None


def _recount(session: Session, case: ComplaintCase) -> bool:
    words = count_words(fold(load_events(session, case), machine_of(case.pack)).key_points)
    changed = words != case.fact_words
    case.fact_words = words
    return changed
