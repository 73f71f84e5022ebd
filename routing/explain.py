"""Why a ticket waits, and why it went to its agent: the parts of every decision, as facts the caller puts into words.

Costs one look at every agent, and nothing until somebody asks.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from routing.floor import Floor
from routing.model import Id, Needs, TicketState
from routing.requirements import parse_literal
from routing.state import Agent, Ticket


class Obstacle(StrEnum):
    """Why an agent could not be offered a ticket."""

    LACKS = "lacks"
    AWAY = "away"
    WRAP_UP = "wrap_up"
    FULL = "full"
    BLOCKED = "blocked"
    BARRED = "barred"
    KEPT_AWAY = "kept_away"
    MATCHED = "matched"


@dataclass(frozen=True, slots=True)
class TicketKey:
    """Why the ticket has its place: key = enqueued_at + target − 60·priority; smaller keys go first, then arrival."""

    enqueued_at: float
    target: float
    priority: float
    key: float
    arrival: int


@dataclass(frozen=True, slots=True)
class AgentKey:
    """Why the agent has its place for this ticket: smaller load share, then idle_since + handicap, then roster order."""

    agent: Id
    load_share: float
    idle_since: float
    handicap: float
    order: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agent as seen from the ticket.

    `lacks` are the literals missing from the nearest alternative, `until` is when a wrap-up or bar ends, and `matched`
    the tickets the same dispatch gave this agent instead.
    """

    key: AgentKey
    obstacles: tuple[Obstacle, ...]
    lacks: tuple[str, ...]
    until: float | None
    matched: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind the present state of a ticket.

    `chosen` and `decided_at` tell of the latest offer, with the key the agent had at that moment. `candidates` are all
    agents as of `now`, those without obstacles first, each group in agent order; what the same dispatch gave out does
    not count as their load. `ahead` counts the waiting tickets
    with an earlier place that compete for the same agents. `needs` is empty before the opening time.
    """

    ticket: Id
    channel: str
    state: TicketState
    now: float
    key: TicketKey
    needs: Needs
    next_change_at: float | None
    ahead: int
    chosen: AgentKey | None
    decided_at: float | None
    candidates: tuple[Candidate, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        return asdict(self)


def explain(floor: Floor, ticket: Ticket, *, only_with_room: bool = False) -> Explanation:
    """Explain a ticket as things stand now, by all agents or by those who have room for it (or have it)."""
    needs = ticket.needs_at(floor.now)
    agents: Iterable[Agent] = floor.agents.values()
    if only_with_room:
        agents = [agent for agent in agents if agent is ticket.agent or _has_room(agent, ticket.channel)]
    candidates = [_candidate(floor, ticket, needs, agent) for agent in agents]
    return Explanation(
        ticket=ticket.id,
        channel=floor.config.channels[ticket.channel].name,
        state=ticket.state,
        now=floor.now,
        key=TicketKey(ticket.enqueued_at, ticket.target, ticket.priority, ticket.key, ticket.seq),
        needs=needs,
        next_change_at=ticket.plan.change_after(floor.now) if ticket.plan is not None else None,
        ahead=_count_ahead(ticket),
        chosen=_chosen(ticket),
        decided_at=ticket.decided_at if ticket.agent is not None else None,
        candidates=tuple(sorted(candidates, key=_agent_order)),
    )


def _has_room(agent: Agent, channel: int) -> bool:
    return agent.ready and agent.wrap_until is None and not agent.full & 1 << channel


def _chosen(ticket: Ticket) -> AgentKey | None:
    """The key the agent had when the ticket was offered; None if it waits or was given by hand."""
    agent = ticket.agent
    if agent is None or ticket.decided_at is None:
        return None
    return AgentKey(agent.id, ticket.share, ticket.since, agent.handicap, agent.order)


def _candidate(floor: Floor, ticket: Ticket, needs: Needs, agent: Agent) -> Candidate:
    fellows = _fellows(ticket, agent)
    load = list(agent.load)
    for fellow in fellows:
        load[fellow.channel] -= 1
    lacks = _lacks(needs, agent)
    blocked_by = floor.config.channels[ticket.channel].blocked_by
    full = load[ticket.channel] >= agent.caps[ticket.channel]
    kept_away = agent.id in ticket.not_for
    obstacles = {
        Obstacle.LACKS: lacks is None or bool(lacks),
        Obstacle.AWAY: not agent.ready,
        Obstacle.WRAP_UP: agent.wrap_until is not None,
        Obstacle.FULL: full,
        Obstacle.BLOCKED: not full and any(load[floor.channels[name]] for name in blocked_by),
        Obstacle.BARRED: not kept_away and ticket.is_barred(agent, floor.now),
        Obstacle.KEPT_AWAY: kept_away,
        Obstacle.MATCHED: any(fellow is not ticket for fellow in fellows),
    }
    ends = [agent.wrap_until, (ticket.bars or {}).get(agent)]
    return Candidate(
        key=_key(agent, load, ticket.channel),
        obstacles=tuple(obstacle for obstacle, is_in_the_way in obstacles.items() if is_in_the_way),
        lacks=lacks or (),
        until=max((end for end in ends if end is not None and end > floor.now), default=None),
        matched=tuple(fellow.id for fellow in fellows if fellow is not ticket),
    )


def _fellows(ticket: Ticket, agent: Agent) -> list[Ticket]:
    """The ticket itself and what else the agent was offered in the same dispatch: none of it counts as load here."""
    if ticket.decided_at is None or ticket.agent is None:
        return []
    offers = [offer for offer in agent.offers if offer.decided_at == ticket.decided_at]
    return offers if ticket in offers or agent is not ticket.agent else [*offers, ticket]


def _key(agent: Agent, load: list[int], channel: int) -> AgentKey:
    cap = agent.caps[channel]
    share = load[channel] / cap if cap else 1.0
    return AgentKey(agent.id, share, agent.idle_since, agent.handicap, agent.order)


def _lacks(needs: Needs, agent: Agent) -> tuple[str, ...] | None:
    """The missing literals of the alternative that misses fewest; None if there is no alternative at all."""
    missing = [tuple(literal for literal in alternative if not _has(agent, literal)) for alternative in needs]
    return min(missing, key=len, default=None)


def _has(agent: Agent, literal: str) -> bool:
    name, level = parse_literal(literal)
    return agent.levels.get(name, 0) >= level


def _count_ahead(ticket: Ticket) -> int:
    if ticket.place is None:
        return 0
    places = {place for lane in ticket.lanes for place in lane.wait if place[2].place is place}
    return sum(1 for place in places if place < ticket.place)


def _agent_order(candidate: Candidate) -> tuple[bool, float, float, int]:
    key = candidate.key
    return bool(candidate.obstacles), key.load_share, key.idle_since + key.handicap, key.order
