"""What staff see of the cases that a case is compared with before and after it is decided (F-08, F-09)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.access import cases_visible_to
from contactcenter.complaints.likeness import METHOD
from contactcenter.complaints.model import Neighbour
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.precedents import Precedents
from contactcenter.complaints.similar import Band, band_of, nearest, upheld_share


@dataclass(frozen=True, slots=True)
class Comparison:
    """The most similar cases first, the usual range of goodwill, and how often they were upheld (None: never compared).

    `open_to_reader` are the references that whoever looks may follow; `by_meaning`: a model read all the facts.
    """

    similar: Sequence[Neighbour]
    band: Band
    upheld_share: float | None
    open_to_reader: frozenset[str]
    by_meaning: bool


def compare(session: Session, reader: User, case: ComplaintCase, found: Precedents) -> Comparison | None:
    """What `case` is compared with, as `reader` may see it; None before it has a category."""
    if not case.category:
        return None
    neighbours = found.neighbours
    similar = nearest(neighbours)
    visible = select(ComplaintCase.reference).where(
        ComplaintCase.reference.in_([one.reference for one in similar]), cases_visible_to(session, reader)
    )
    return Comparison(
        similar=similar,
        band=band_of(neighbours, case.harm),
        upheld_share=upheld_share(neighbours),
        open_to_reader=frozenset(session.scalars(visible)) if similar else frozenset(),
        by_meaning=found.method != METHOD,
    )
