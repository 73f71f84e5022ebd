"""How much work needs a skill, and how many hands have it: where routing cannot help because people are missing.

Demand is the offered load in erlangs, arrivals per hour × mean hours at hand (Erlang 1917; Cooper 1981, *Introduction to
Queueing Theory*): so many conversations are at hand at once if none has to wait. Supply is the slots of everybody at work
who may serve at least one of the queues in question. Load = demand ÷ supply. Of any set of queues the demand must stay
below that supply, or their work piles up under whatever rule of routing (the condition of Hall 1935 for matchings, as
stability of skill-based routing uses it). It is necessary, not sufficient: people counted here may be wanted elsewhere.

The coming hour is the mean of the same hour on the last four same weekdays, holidays left out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Literal

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.assignment.facts import AgentFact, read_agents, read_queues
from contactcenter.assignment.plans import ever_needed
from contactcenter.assignment.presence import DEFAULT_CAPACITY, LIVE_CHANNELS
from contactcenter.core import clock
from contactcenter.queues.hours import is_open
from contactcenter.queues.models import Queue
from contactcenter.reporting.demand import KINDS, Cell, Kind, Work, read_work
from routing.erlang import Demand, agents_needed
from routing.requirements import parse_literal

HOUR_S = 3600
TIGHT_PCT, SHORT_PCT = 85, 100
"""Above 85 % waits grow steeply with every further contact; above 100 % they never end."""


@dataclass(frozen=True, slots=True)
class Group:
    """Whose work is counted together: the queues that need a skill at `level` or above, one `queue`, or else all of them."""

    queues: Sequence[Queue]
    skill: str = ""
    level: int = 0
    queue: Queue | None = None

    @property
    def name(self) -> str:
        """Of the skill or queue; empty for everything."""
        return self.queue.name if self.queue else self.skill


@dataclass(frozen=True, slots=True)
class Load:
    """Work of one kind in a group of queues, and who can do it. Demands are in erlangs, `handle_s` is the time of one.

    None: nobody can say yet.
    """

    kind: Kind
    group: Group
    waiting: int
    arrived: int
    expected: float | None
    handle_s: float | None
    demand: float | None
    coming: float | None
    people: int
    slots: int

    @property
    def load_pct(self) -> float | None:
        """Of the last hour."""
        return self._share(self.demand)

    @property
    def coming_pct(self) -> float | None:
        """Of the coming hour."""
        return self._share(self.coming)

    @property
    def worst_pct(self) -> float:
        """The greater of the two; more than any number if there is work and nobody to do it."""
        if self.wanted and not self.slots:
            return float("inf")
        return max(self.load_pct or 0.0, self.coming_pct or 0.0)

    @property
    def wanted(self) -> bool:
        """Whether there is any work for it, now or soon."""
        return bool(self.waiting or self.arrived or self.expected)

    @property
    def state(self) -> Literal["fine", "tight", "short"]:
        """Whether there are hands enough; `short` is where no routing can help."""
        if self.worst_pct > SHORT_PCT:
            return "short"
        return "tight" if self.worst_pct >= TIGHT_PCT else "fine"

    @property
    def lacking(self) -> int:
        """How many more people, each with as many hands as those who are there, a load of 100 % would take at least."""
        if self.state != "short":
            return 0
        return max(1, self._people_for(max(self.demand or 0.0, self.coming or 0.0)))

    @property
    def lacking_for_target(self) -> int | None:
        """How many more the promise of one queue would take by Erlang C (nobody gives up, no other work); None: no promise."""
        queue = self.group.queue
        if queue is None or self.kind not in LIVE_CHANNELS or not self.handle_s or self.state == "fine":
            return None
        calls_per_s = max(self.arrived, self.expected or 0.0) / HOUR_S
        part, within_s = queue.service_level_pct / 100, queue.service_level_s
        try:
            found = agents_needed(Demand(calls_per_s, self.handle_s), part, within_s)
        except ValueError:  # more than Erlang's sum can be worked out for
            return None
        return self._people_for(found.agents)

    def _share(self, demand: float | None) -> float | None:
        return 100 * demand / self.slots if demand is not None and self.slots else None

    def _people_for(self, slots: float) -> int:
        each = self.slots / self.people if self.slots else DEFAULT_CAPACITY[self.kind]
        return max(0, ceil(round((slots - self.slots) / each, 9)))


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The loads of what has work, by kind (everything first, then the worst first), and the queues that are closed now.

    Where they are of several brands, two may have one name.
    """

    at: datetime
    rows: dict[Kind, list[Load]]
    closed: list[Queue]
    brands_n: int


def read_load(session: Session, user: User) -> LoadReport:
    """The load of the queues of `user`'s teams; an administrator's are all."""
    at, teams = clock.now(), visible_team_ids(session, user)
    queues = [queue for queue in read_queues(session) if teams is None or queue.team_id in teams]
    open_now = [queue for queue in queues if is_open(queue, at)]
    agents = [agent for agent in read_agents(session) if agent.available]
    able = {queue.id: [agent for agent in agents if _may_serve(agent, queue)] for queue in open_now}
    work = read_work(session, open_now, at)
    groups = list(_groups(open_now))
    rows = {kind: _rows(kind, groups, work, able) for kind in KINDS}
    closed = [queue for queue in queues if queue not in open_now]
    return LoadReport(at, rows, closed, len({queue.brand_id for queue in queues}))


def _may_serve(agent: AgentFact, queue: Queue) -> bool:
    has = {**agent.skills, f"team:{agent.team_id}": 1, f"agent:{agent.id}": 1}
    return any(
        all(has.get(name, 0) >= level for name, level in map(parse_literal, alternative))
        for alternative in ever_needed(queue)
    )


def _groups(queues: Sequence[Queue]) -> Iterator[Group]:
    """Everything, each skill at each level that is asked for, each queue."""
    yield Group(queues)
    asked = {(needed.skill.name, needed.min_level) for queue in queues for needed in queue.skills}
    for skill, level in sorted(asked):
        yield Group([queue for queue in queues if _needs(queue, skill, level)], skill, level)
    for queue in queues:
        yield Group([queue], queue=queue)


def _needs(queue: Queue, skill: str, level: int) -> bool:
    return any(needed.skill.name == skill and needed.min_level >= level for needed in queue.skills)


def _rows(
    kind: Kind,
    groups: Sequence[Group],
    work: Mapping[Cell, Work],
    able: Mapping[int, Collection[AgentFact]],
) -> list[Load]:
    rows = [_load(kind, group, work, able) for group in groups]
    wanted = [row for row in rows if row.wanted]
    return sorted(wanted, key=lambda row: (bool(row.group.name), -row.worst_pct))


def _load(
    kind: Kind, group: Group, work: Mapping[Cell, Work], able: Mapping[int, Collection[AgentFact]]
) -> Load:
    cells = [work[queue.id, kind] for queue in group.queues]
    able_ones = (agent for queue in group.queues for agent in able[queue.id])
    hands = {agent.id: agent.caps[kind] for agent in able_ones if agent.caps[kind]}
    arrived, expected = sum(cell.arrived for cell in cells), _sum([cell.expected for cell in cells])
    demand = _erlangs([(cell.arrived, cell.handle_s) for cell in cells])
    coming = _erlangs([(cell.expected, cell.handle_s) for cell in cells])
    return Load(
        kind=kind,
        group=group,
        waiting=sum(cell.waiting for cell in cells),
        arrived=arrived,
        expected=expected,
        handle_s=_time_of_one(demand, arrived) or _time_of_one(coming, expected),
        demand=demand,
        coming=coming,
        people=len(hands),
        slots=sum(hands.values()),
    )


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _erlangs(parts: Sequence[tuple[float | None, float | None]]) -> float | None:
    """Σ contacts per hour × seconds of one ÷ 3600; None if a number is not known that would count."""
    total = 0.0
    for contacts, seconds in parts:
        if contacts is None or (contacts and seconds is None):
            return None
        total += contacts * (seconds or 0.0) / HOUR_S
    return total


def _time_of_one(erlangs: float | None, contacts: float | None) -> float | None:
    return erlangs * HOUR_S / contacts if erlangs and contacts else None
