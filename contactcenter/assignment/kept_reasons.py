"""What is kept with an offer of why it was made: the keys that decided, and the nearest rivals."""

from dataclasses import asdict, replace
from typing import Any

from routing import Explanation

WHOLE_FLOOR_MAX = 300
"""Above this many agents it costs too much to look with every offer at those who had no room."""

CANDIDATES_KEPT = 20


def as_kept(explanation: Explanation) -> dict[str, Any]:  # Any: JSON
    """Of the agents only the nearest are kept, and how many others could have had it."""
    nearest = replace(explanation, candidates=explanation.candidates[:CANDIDATES_KEPT])
    chosen = explanation.chosen.agent if explanation.chosen else None
    able = [each for each in explanation.candidates if not each.obstacles and each.key.agent != chosen]
    return {**asdict(nearest), "others_able": len(able)}
