"""The exact interval of a share (Clopper and Pearson 1934): honest for few cases, where the normal one is not."""

from collections.abc import Callable
from math import exp, lgamma, log

CONFIDENCE = 0.95
_STEPS = 50  # halvings: exact to fifteen digits


def exact_interval(hits: int, n: int) -> tuple[float, float]:
    """From what to what the true share may be (0..1), at CONFIDENCE. With n = 0 nothing is known: (0, 1)."""
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if hits == 0 else _solve(lambda p: at_least(hits, n, p) >= tail)
    high = 1.0 if hits == n else _solve(lambda p: 1 - at_least(hits + 1, n, p) <= tail)
    return low, high


def at_least(hits: int, n: int, p: float) -> float:
    """P(X ≥ hits) of a binomial variable."""
    if hits <= 0 or p >= 1:
        return 1.0
    return sum(_chance(k, n, p) for k in range(hits, n + 1)) if p > 0 else 0.0


def _chance(k: int, n: int, p: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(p) + (n - k) * log(1 - p))


def _solve(is_past: Callable[[float], bool]) -> float:
    """The least p at which `is_past` holds; it holds from there on."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_past(middle) else (middle, high)
    return high
