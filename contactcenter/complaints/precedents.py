"""Earlier decisions that a new one is compared with (SPEC §2.1): half by the agreed facts, half by severity and harm."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.likeness import likeness
from contactcenter.complaints.model import Neighbour
from contactcenter.complaints.models import ComplaintCase, ComplaintPrecedent
from contactcenter.core import clock

LOOK_BACK = timedelta(days=730)
CANDIDATES_MAX = 200
_LEVELS = 4  # severity 1–4, harm 0–4: the range that Gower's distance divides by


def find_neighbours(session: Session, case: ComplaintCase) -> tuple[Neighbour, ...]:
    """Decided cases of the same category and pack, other customers', not themselves deviations; the latest first.

    s = ½·likeness of the facts + ½·(1 − Gower over severity and harm); Gower alone where the facts of either are not
    known. Neither who complains nor how vulnerable he is counts.
    """
    if not case.category:
        return ()
    query = (
        select(ComplaintPrecedent, ComplaintCase.fact_words, ComplaintCase.reference)
        .join(ComplaintCase, ComplaintCase.id == ComplaintPrecedent.case_id)
        .where(
            ComplaintPrecedent.category == case.category,
            ComplaintPrecedent.decided_at > clock.now() - LOOK_BACK,
            ComplaintPrecedent.deviation.is_(False),
            ComplaintCase.customer_id != case.customer_id,
            ComplaintCase.pack == case.pack,
        )
        .order_by(ComplaintPrecedent.decided_at.desc(), ComplaintPrecedent.case_id)
        .limit(CANDIDATES_MAX)
    )
    rows = session.execute(query).all()
    alike = likeness(case.fact_words, [row.fact_words for row in rows])
    return tuple(
        Neighbour(one.upheld, one.goodwill, _similarity(one, case, facts), reference)
        for (one, _words, reference), facts in zip(rows, alike, strict=True)
    )


def _similarity(row: ComplaintPrecedent, case: ComplaintCase, facts: float | None) -> float:
    distances = [abs(row.severity - case.severity) / _LEVELS]
    if row.harm is not None and case.harm is not None:
        distances.append(abs(row.harm - case.harm) / _LEVELS)
    like_case = 1 - sum(distances) / len(distances)
    return like_case if facts is None else (facts + like_case) / 2
