"""Consistency with similar cases (SPEC §2.1): the usual range of goodwill, and how such cases were decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from contactcenter.complaints.model import Neighbour

NEIGHBOURS_MAX = 15
SIMILAR_FROM = 0.60
BAND_FROM_N = 8
UPHELD_SHARE = 0.80
REJECTED_SHARE = 0.20
_LOW, _HIGH = 20, 80

# Harm level → goodwill in minor units (SPEC §2.1); the highest level has no upper end.
HARM_BANDS: dict[int, tuple[int, int | None]] = {
    0: (0, 0),
    1: (0, 100_00),
    2: (100_00, 300_00),
    3: (300_00, 750_00),
    4: (750_00, None),
}
_UNASSESSED = (0, 100_00)


@dataclass(frozen=True, slots=True)
class Band:
    """The usual range of goodwill in minor units, from `n` upheld similar cases or from the harm matrix."""

    low: int
    high: int | None
    n: int
    method: str

    def contains(self, amount: int) -> bool:
        return amount >= self.low and (self.high is None or amount <= self.high)


def nearest(neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """The at most 15 cases that are similar enough, most similar first (ties in the order given)."""
    similar = [one for one in neighbours if one.s >= SIMILAR_FROM]
    return sorted(similar, key=lambda one: -one.s)[:NEIGHBOURS_MAX]


def band_of(neighbours: Sequence[Neighbour], harm: int | None) -> Band:
    """Nearest-rank [P20, P80] of the upheld neighbours; with fewer than 8 of them the harm matrix.

    An unassessed harm is read as the lowest that still allows a goodwill.
    """
    amounts = sorted(one.goodwill for one in nearest(neighbours) if one.upheld)
    if len(amounts) >= BAND_FROM_N:
        return Band(_percentile(amounts, _LOW), _percentile(amounts, _HIGH), len(amounts), "neighbours")
    low, high = _UNASSESSED if harm is None else HARM_BANDS[harm]
    return Band(low, high, len(amounts), "harm")


def upheld_share(neighbours: Sequence[Neighbour]) -> float | None:
    """Σs·upheld / Σs; None without a similar case."""
    similar = nearest(neighbours)
    weight = sum(one.s for one in similar)
    return sum(one.s for one in similar if one.upheld) / weight if weight else None


def _percentile(amounts: Sequence[int], percent: int) -> int:
    return amounts[max(0, ceil(len(amounts) * percent / 100) - 1)]
