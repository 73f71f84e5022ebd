"""Earlier decisions that a new one is compared with (SPEC §2.1), from the projection: category, severity, harm, outcome."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.model import Neighbour
from contactcenter.complaints.models import ComplaintCase, ComplaintPrecedent
from contactcenter.core import clock

LOOK_BACK = timedelta(days=730)
CANDIDATES_MAX = 200
_LEVELS = 4  # severity 1–4, harm 0–4: the range that Gower's distance divides by


def find_neighbours(session: Session, case: ComplaintCase) -> tuple[Neighbour, ...]:
    """Decided cases of the same category and pack family, other customers', not themselves deviations; nearest first.

    The text of the facts is not compared yet: s = 1 − Gower over severity and harm.
    """
    if not case.category:
        return ()
    query = (
        select(ComplaintPrecedent)
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
    rows = session.scalars(query)
    return tuple(Neighbour(row.upheld, row.goodwill, _similarity(row, case)) for row in rows)


def _similarity(row: ComplaintPrecedent, case: ComplaintCase) -> float:
    distances = [abs(row.severity - case.severity) / _LEVELS]
    if row.harm is not None and case.harm is not None:
        distances.append(abs(row.harm - case.harm) / _LEVELS)
    return 1 - sum(distances) / len(distances)
