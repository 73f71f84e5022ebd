"""The words of the engine: what goes in and what comes out. Values only; all times are seconds on one clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

Id = int | str
"""A ticket or an agent as the caller knows it. Two agents must differ as text too: `agent:7` names agent 7."""

Needs = tuple[tuple[str, ...], ...]
"""A requirement: alternatives, each a tuple of `skill`, `skill>=n` or `agent:id`. `()` = nobody, `((),)` = anybody."""

Step = tuple[float, Needs]
"""After so many seconds the requirement becomes this one."""

SECONDS_PER_PRIORITY_POINT = 60.0
"""One priority point is worth a minute of waiting, at whatever time it is given."""

HANDICAP_PER_SKILL = 10.0
"""Default seconds by which each skill beyond the first lets specialists go before generalists."""

JUST_AFTER = 1e-6
"""Seconds that no clock of ours tells apart, and Unix time as a float still does."""

PREFER_FOR = 20.0
"""Default seconds for which a preferred agent is waited for."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: the default capacity for it and the channels whose work keeps an agent from getting more of it."""

    name: str
    cap: int
    blocked_by: tuple[str, ...]


CHANNELS = (
    Channel("voice", 1, ("voice", "chat")),
    Channel("chat", 3, ("voice",)),
    Channel("email", 5, ("voice",)),
)


@dataclass(frozen=True, slots=True)
class Config:
    """What holds for everybody. `ring` 0 = an offer has no limit; `cooldown` 0 = a refused pair may meet again at once."""

    ring: float = 20.0
    cooldown: float = 30.0
    ring_by_channel: Mapping[str, float] = field(default_factory=dict)
    channels: tuple[Channel, ...] = CHANNELS


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """What an agent can do. `caps` None = the channels' defaults; a mapping that leaves a channel out gives 0 for it."""

    id: Id
    skills: Mapping[str, int] = field(default_factory=dict)
    caps: Mapping[str, int] | None = None
    handicap: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a ticket asks for.

    `target` is the promised wait in seconds, `steps` count from enqueue, `opens_at` is an absolute time,
    `ring` overrides the ring time of the channel and of the configuration. `not_for` never get it, whatever they can do.
    """

    needs: Needs
    channel: str = "voice"
    priority: float = 0
    target: float = 0.0
    steps: tuple[Step, ...] = ()
    prefer: Id | None = None
    prefer_for: float = PREFER_FOR
    opens_at: float | None = None
    ring: float | None = None
    not_for: frozenset[Id] = frozenset()


class Decision(NamedTuple):
    """What the engine decided at `t`.

    `offer`: ring this agent until `deadline` (None = no limit). `missed`: the agent let it ring and is away now.
    `returned`: the offer was withdrawn because its agent went away or may no longer have it; the ticket waits at its
    old place.
    """

    t: float
    kind: Literal["offer", "missed", "returned"]
    ticket: Id
    agent: Id
    deadline: float | None = None


class TicketState(StrEnum):
    """Where a ticket stands; completed and abandoned tickets are forgotten."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class TicketSnapshot:
    """A ticket as a store keeps it. `request.prefer` is None if the preference was skipped at enqueue."""

    id: Id
    request: Request
    enqueued_at: float
    state: TicketState = TicketState.WAITING
    agent: Id | None = None
    deadline: float | None = None
    bars: tuple[tuple[Id, float], ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSnapshot:
    """An agent as a store keeps it. The load follows from the tickets; `wrap_until` is an absolute time."""

    profile: AgentProfile
    ready: bool = False
    idle_since: float = 0.0
    wrap_until: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything needed to go on: agents in roster order, tickets in order of arrival."""

    agents: tuple[AgentSnapshot, ...] = ()
    tickets: tuple[TicketSnapshot, ...] = ()


def handicap(counted_skills: int, per_skill: float = HANDICAP_PER_SKILL) -> float:
    """Seconds an agent with so many skills goes behind one with a single skill. Count only skills that queues ask for."""
    return per_skill * max(0, counted_skills - 1)
