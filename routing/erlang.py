"""How many agents a target takes: Erlang B, C and A, exact.

Sources: Erlang 1917 (B and C; recursion as in Cooper 1981, *Introduction to Queueing Theory*); Palm 1957 and Garnett,
Mandelbaum, Reiman 2002 for callers who lose patience (A, "M/M/n+M"). `load` is in erlangs: calls per second · AHT.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

MOST_AGENTS = 100_000
NEGLIGIBLE = 1e-17
"""States rarer than this part of the whole are left out; a float cannot tell the difference."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes in. `patience` is the mean time until a caller gives up (None: nobody does); all in seconds."""

    calls_per_s: float
    aht: float
    patience: float | None = None

    @property
    def load(self) -> float:
        """The work offered, in erlangs."""
        return self.calls_per_s * self.aht


@dataclass(frozen=True, slots=True)
class Service:
    """What callers meet. `service_level` is the part of all calls that is answered in time; abandoned ones are not.

    `asa` is the mean wait of all callers in seconds (infinite with too few agents and endless patience).
    """

    agents: int
    service_level: float
    asa: float
    occupancy: float
    p_wait: float
    p_abandon: float | None = None


def erlang_b(agents: int, load: float) -> float:
    """The part of calls that find all agents busy if nobody may wait."""
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(agents: int, load: float) -> float:
    """The part of calls that must wait if nobody gives up."""
    if load >= agents:
        return 1.0
    blocked = erlang_b(agents, load)
    return agents * blocked / (agents - load * (1 - blocked))


def service(agents: int, demand: Demand, within: float) -> Service:
    """What so many agents give: Erlang A if callers lose patience, else Erlang C."""
    if demand.load == 0:
        return Service(agents, 1.0, 0.0, 0.0, 0.0, None if demand.patience is None else 0.0)
    if demand.patience is not None:
        return _impatient(agents, demand, demand.patience, within)
    return _patient(agents, demand, within)


def agents_needed(demand: Demand, target: float, within: float) -> Service:
    """The fewest agents with which the part `target` of all calls is answered `within` seconds. ValueError if none do."""
    if demand.load == 0:
        return service(0, demand, within)
    high = max(1, math.ceil(demand.load))
    while high <= MOST_AGENTS and not _reaches(high, demand, target, within):
        high *= 2
    if high > MOST_AGENTS:
        raise ValueError(f"more than {MOST_AGENTS:,} agents would be needed: too many to work out")
    found = bisect_left(range(high), x=True, key=lambda agents: _reaches(agents, demand, target, within))
    return service(found, demand, within)


def with_shrinkage(agents: int, shrinkage: float) -> int:
    """How many people to employ if this part of the paid time is breaks, training and illness."""
    return math.ceil(round(agents / (1 - shrinkage), 9))


def _reaches(agents: int, demand: Demand, target: float, within: float) -> bool:
    """Whether so many agents are enough; a service that never ends in balance is not, whatever the target."""
    if agents == 0 or (demand.patience is None and agents <= demand.load):
        return False
    return service(agents, demand, within).service_level >= target


def _patient(agents: int, demand: Demand, within: float) -> Service:
    load, p_wait = demand.load, erlang_c(agents, demand.load)
    if load >= agents:
        return Service(agents, 0.0, math.inf, 1.0, 1.0)
    late = p_wait * math.exp(-(agents - load) * within / demand.aht)
    return Service(agents, 1 - late, p_wait * demand.aht / (agents - load), load / agents, p_wait)


def _impatient(agents: int, demand: Demand, patience: float, within: float) -> Service:
    """Erlang A, state by state.

    1. Weigh the states with k = 0, 1, … waiting against the state "all busy, nobody waits"; the states with a free
       agent weigh 1/B together with it.
    2. Who arrives as number k+1 in line is answered in time if k+1 departures come first: e^(−S/patience), S being
       their total time, is beta distributed, which gives `_answered_in_time`.
    """
    if agents == 0:
        return Service(0, 0.0, patience, 1.0, 1.0, 1.0)
    logs = list(_log_weights(agents, demand, patience))
    top = max(logs)
    weights = [math.exp(log - top) for log in logs]
    blocked = erlang_b(agents, demand.load)
    if blocked == 0:
        return Service(agents, 1.0, 0.0, demand.load / agents, 0.0, 0.0)
    free = (1 / blocked - 1) * math.exp(-top)
    total = free + math.fsum(weights)
    p_wait = math.fsum(weights) / total
    in_line = math.fsum(k * weight for k, weight in enumerate(weights)) / total
    p_abandon = in_line / patience / demand.calls_per_s
    answered = _answered_in_time(agents * patience / demand.aht, within / patience, len(weights))
    in_time = free / total + math.fsum(w * a for w, a in zip(weights, answered, strict=True)) / total
    return Service(
        agents,
        in_time,
        in_line / demand.calls_per_s,
        demand.load * (1 - p_abandon) / agents,
        p_wait,
        p_abandon,
    )


def _log_weights(agents: int, demand: Demand, patience: float) -> Iterator[float]:
    """Logarithms of the weights of k = 0, 1, … callers waiting, until the rest is negligible."""
    log = highest = 0.0
    k = 0
    while log > highest + math.log(NEGLIGIBLE):
        yield log
        k += 1
        log += math.log(demand.calls_per_s / (agents / demand.aht + k / patience))
        highest = max(highest, log)


def _answered_in_time(ratio: float, limit: float, states: int) -> Iterator[float]:
    """For k = 0, 1, …: c/(c+k+1) · (1 − I_x(c+1, k+1)), c = `ratio` = n·patience/AHT, x = e^(−`limit`).

    I_x(a, b+1) = I_x(a, b) + x^a (1−x)^b Γ(a+b) / (Γ(a) Γ(b+1)) (Abramowitz & Stegun 26.5.16).
    """
    a = ratio + 1
    incomplete = 0.0
    for k in range(states):
        if limit > 0:
            log_rise = math.log(-math.expm1(-limit)) * k
            log_term = log_rise - limit * a + math.lgamma(a + k) - math.lgamma(a) - math.lgamma(k + 1)
            incomplete += math.exp(log_term)
        elif k == 0:
            incomplete = 1.0
        yield ratio / (ratio + k + 1) * max(0.0, 1 - incomplete)
