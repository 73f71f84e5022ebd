"""The engine's explanation as JSON kept with an offer, and as sentences for people."""

from dataclasses import asdict
from typing import Any

from routing import Explanation

CANDIDATES_KEPT = 20


def explanation_as_json(explanation: Explanation) -> dict[str, Any]:  # Any: JSON
    """The parts behind a decision; of the agents only the nearest are kept."""
    whole = asdict(explanation)
    whole["candidates"] = whole["candidates"][:CANDIDATES_KEPT]
    whole["able"] = sum(1 for candidate in explanation.candidates if not candidate.obstacles)
    return whole
