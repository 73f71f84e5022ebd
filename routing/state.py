"""The live agent and ticket of the engine: mutable, known only inside the package."""

from collections.abc import Iterable, Sequence

from routing.model import SECONDS_PER_PRIORITY_POINT, AgentProfile, Id, Needs, Request, Step, TicketState

NOBODY: Needs = ()

WAITING = TicketState.WAITING
OFFERED = TicketState.OFFERED
ACTIVE = TicketState.ACTIVE

Place = tuple[float, int, "Ticket"]
"""A ticket's entry in the waiting heaps (key, arrival, ticket); valid while the ticket's `place` is this very object."""

Listing = tuple[float, float, int, "Agent"]
"""An agent's entry in the idle heaps of a channel (load share, idle since + handicap, roster order, agent)."""


class Lane:
    """The meeting point of one channel and one need mask: who waits for it and who could take it, both lazily cleaned."""

    __slots__ = ("channel", "idle", "idle_limit", "mask", "wait", "wait_limit")

    def __init__(self, channel: int, mask: int, idle: list[Listing]) -> None:
        self.channel = channel
        self.mask = mask
        self.wait: list[Place] = []
        self.idle = idle
        self.wait_limit = self.idle_limit = 64


class Agent:
    """One agent. `busy` and `full` are bit sets over channels: with any work, and at capacity; offers count as work."""

    __slots__ = (
        "busy",
        "caps",
        "full",
        "handicap",
        "have",
        "id",
        "idle_since",
        "lanes",
        "levels",
        "listed",
        "load",
        "offers",
        "order",
        "ready",
        "wrap_until",
    )

    def __init__(self, profile: AgentProfile, order: int, caps: list[int]) -> None:
        self.id = profile.id
        self.order = order
        self.ready = False
        self.idle_since = 0.0
        self.wrap_until: float | None = None
        self.have = 0
        self.load = [0] * len(caps)
        self.busy = 0
        self.offers: dict[Ticket, None] = {}
        self.lanes: list[list[Lane]] = [[] for _ in caps]
        self.listed: Sequence[Listing | None] = (None,) * len(caps)
        self.change(profile, caps)

    def change(self, profile: AgentProfile, caps: list[int]) -> None:
        """Take over new skills, capacities and handicap; the work at hand stays."""
        self.levels = {**profile.skills, agent_literal(profile.id): 1}
        self.handicap = profile.handicap
        self.caps = caps
        self.full = sum(1 << channel for channel, cap in enumerate(caps) if self.load[channel] >= cap)

    def take(self, channel: int) -> None:
        """Count one more piece of work."""
        load = self.load[channel] + 1
        self.load[channel] = load
        self.busy |= 1 << channel
        if load >= self.caps[channel]:
            self.full |= 1 << channel

    def drop(self, channel: int) -> None:
        """Count one piece of work less."""
        load = self.load[channel] - 1
        self.load[channel] = load
        if not load:
            self.busy &= ~(1 << channel)
        if load < self.caps[channel]:
            self.full &= ~(1 << channel)

    def share(self, channel: int) -> float:
        """The part of the capacity in use; equal fractions give equal floats, because division rounds correctly."""
        cap = self.caps[channel]
        return self.load[channel] / cap if cap else 1.0


class Plan:
    """How a requirement changes by itself: an opening time, a preferred agent at first, then steps."""

    __slots__ = ("opens_at", "prefer", "prefer_until", "steps")

    def __init__(self, steps: Iterable[Step], steps_from: float) -> None:
        """Steps count from `steps_from`."""
        self.steps = [(steps_from + after, needs) for after, needs in sorted(steps, key=_seconds)]
        self.opens_at: float | None = None
        self.prefer: Id | None = None
        self.prefer_until = 0.0

    def needs_at(self, now: float, needs: Needs) -> Needs:
        """The requirement in force, which was `needs` at first."""
        if self.opens_at is not None and now < self.opens_at:
            return NOBODY
        base = self.base_at(now, needs)
        if self.prefer is not None and now < self.prefer_until:
            return tuple((*alternative, agent_literal(self.prefer)) for alternative in base)
        return base

    def base_at(self, now: float, needs: Needs) -> Needs:
        """The requirement after the steps that have come due, preference and opening time aside."""
        return [needs, *(later for at, later in self.steps if at <= now)][-1]

    def change_after(self, now: float) -> float | None:
        """The next moment at which the requirement changes by itself."""
        moments = [at for at, _ in self.steps]
        if self.opens_at is not None:
            moments.append(self.opens_at)
        if self.prefer is not None:
            moments.append(self.prefer_until)
        return min((moment for moment in moments if moment > now), default=None)


class Ticket:
    """One piece of work from enqueue to completion.

    `deadline`, `next_change` and `bar_end` are the moments its timers wait for (None: no timer). `bars` end by
    themselves, `not_for` does not; at most `barred_n` agents are barred in all. `share` and `since`
    are the agent's load share and idle time behind the latest offer, made at `decided_at`.
    """

    __slots__ = (
        "agent",
        "bar_end",
        "barred_n",
        "bars",
        "channel",
        "deadline",
        "decided_at",
        "enqueued_at",
        "id",
        "key",
        "lanes",
        "needs",
        "next_change",
        "not_for",
        "place",
        "plan",
        "priority",
        "ring",
        "seq",
        "share",
        "since",
        "state",
        "target",
    )
    channel: int
    ring: float
    lanes: tuple[Lane, ...]
    share: float
    since: float

    def __init__(self, ticket_id: Id, request: Request, seq: int, enqueued_at: float) -> None:
        self.id = ticket_id
        self.seq = seq
        self.enqueued_at = enqueued_at
        self.target = request.target
        self.priority = request.priority
        self.key = enqueued_at + request.target - SECONDS_PER_PRIORITY_POINT * request.priority
        self.needs = request.needs
        self.plan: Plan | None = None
        self.state = WAITING
        self.agent: Agent | None = None
        self.place: Place | None = None
        self.bars: dict[Agent, float] | None = None
        self.not_for = request.not_for
        self.barred_n = len(request.not_for)
        self.deadline: float | None = None
        self.next_change: float | None = None
        self.bar_end: float | None = None
        self.decided_at: float | None = None

    def needs_at(self, now: float) -> Needs:
        """The requirement in force."""
        return self.needs if self.plan is None else self.plan.needs_at(now, self.needs)

    def bar(self, agent: Agent, until: float) -> None:
        """Keep the ticket from this agent until then."""
        self._set_bars({**(self.bars or {}), agent: until})

    def lift_bars(self, now: float) -> None:
        """Forget the bars that have ended."""
        self._set_bars({agent: until for agent, until in (self.bars or {}).items() if until > now})

    def keep_from(self, agent_ids: Iterable[Id]) -> None:
        """Keep the ticket from these agents, and from no others, for good."""
        self.not_for = frozenset(agent_ids)
        self._set_bars(self.bars or {})

    def _set_bars(self, bars: dict[Agent, float]) -> None:
        self.bars = bars or None
        self.barred_n = len(bars) + len(self.not_for)

    def is_barred(self, agent: Agent, now: float) -> bool:
        """Whether the agent may not have this ticket, or refused or passed it on too short a time ago."""
        return agent.id in self.not_for or (self.bars is not None and self.bars.get(agent, now) > now)


def agent_literal(agent_id: Id) -> str:
    """The requirement that only this agent meets."""
    return f"agent:{agent_id}"


def _seconds(step: Step) -> float:
    return step[0]
