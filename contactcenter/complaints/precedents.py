"""Earlier decisions that a new one is compared with (SPEC §2.1): half by the agreed facts, half by severity and harm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints.likeness import METHOD, likeness, likeness_of_meaning
from contactcenter.complaints.meaning import direction_of
from contactcenter.complaints.model import Neighbour
from contactcenter.complaints.models import ComplaintCase, ComplaintPrecedent
from contactcenter.core import clock

LOOK_BACK = timedelta(days=730)
CANDIDATES_MAX = 200
_LEVELS = 4  # severity 1–4, harm 0–4: the range that Gower's distance divides by


@dataclass(frozen=True, slots=True)
class Precedents:
    """What a case is compared with, and how the facts were compared: one way for all of them."""

    neighbours: tuple[Neighbour, ...] = ()
    method: str = METHOD


def find_neighbours(session: Session, case: ComplaintCase) -> Precedents:
    """Decided cases of the same category and pack, other customers', not themselves deviations; the latest first.

    s = ½·likeness of the facts + ½·(1 − Gower over severity and harm); Gower alone where the facts of either are not
    known. Neither who complains nor how vulnerable he is counts.
    """
    if not case.category:
        return Precedents()
    query = (
        select(
            ComplaintPrecedent.upheld,
            ComplaintPrecedent.goodwill,
            ComplaintPrecedent.severity,
            ComplaintPrecedent.harm,
            ComplaintCase.reference,
            ComplaintCase.fact_words,
            ComplaintCase.fact_method,
            ComplaintCase.fact_vector,
        )
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
    method, alike = _alike(case, rows)
    neighbours = (
        Neighbour(row.upheld, row.goodwill, _similarity(row, case, facts), row.reference)
        for row, facts in zip(rows, alike, strict=True)
    )
    return Precedents(tuple(neighbours), method)


def _alike(
    case: ComplaintCase,
    rows: Sequence[Any],  # Any: rows of the query above
) -> tuple[str, list[float | None]]:
    """By meaning if one model has read the facts of all, else by words: likenesses of two kinds cannot be ranked."""
    told: list[Any] = [case, *rows]
    read_by = {one.fact_method for one in told if one.fact_words}
    if case.fact_method and read_by == {case.fact_method}:
        directions = [direction_of(one.fact_vector) for one in told]
        if all(found for one, found in zip(told, directions, strict=True) if one.fact_words):
            return case.fact_method, likeness_of_meaning(directions[0], directions[1:])
    return METHOD, likeness(case.fact_words, [row.fact_words for row in rows])


def _similarity(
    row: Any,  # Any: a row of the query above
    case: ComplaintCase,
    facts: float | None,
) -> float:
    distances = [abs(row.severity - case.severity) / _LEVELS]
    if row.harm is not None and case.harm is not None:
        distances.append(abs(row.harm - case.harm) / _LEVELS)
    like_case: float = 1 - sum(distances) / len(distances)
    return like_case if facts is None else (facts + like_case) / 2
