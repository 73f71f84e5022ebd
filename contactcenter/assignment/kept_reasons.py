"""What is kept with an offer of why it was made: the keys that decided, and the nearest rivals."""

from dataclasses import asdict, replace
from typing import Any

from routing import Explanation

EXPLAINED_AGENTS_MAX = 300
"""Above this many agents an explanation costs too much to make one for every offer."""

CANDIDATES_KEPT = 20


def as_kept(explanation: Explanation) -> dict[str, Any]:  # Any: JSON
    """Of the agents only the nearest are kept, and how many others could have had it."""
    nearest = replace(explanation, candidates=explanation.candidates[:CANDIDATES_KEPT])
    chosen = explanation.chosen.agent if explanation.chosen else None
    able = [each for each in explanation.candidates if not each.obstacles and each.key.agent != chosen]
    return {**asdict(nearest), "others_able": len(able)}
