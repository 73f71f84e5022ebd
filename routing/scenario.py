"""Replay files: a scenario read from JSON, checked to the last value before anything is played."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from routing.engine import Engine
from routing.floor import check_needs
from routing.jsonnode import Malformed, Node
from routing.model import CHANNELS, PREFER_FOR, AgentProfile, Config, Decision, Id, Needs, Request, Step

Play = Callable[[Engine], list[Decision]]
Line = tuple[float, str, Id, Id]
"""A decision as the file writes it: time, `offer` or `missed`, ticket, agent."""

CHANNEL_NAMES = frozenset(channel.name for channel in CHANNELS)
SHORTEST_S, LATEST_S = 0.001, 1e10  # between them, time and a ring add up to a later time
CONFIG_MEMBERS = frozenset({"ring", "cooldown", "ring_by_channel"})
AGENT_MEMBERS = frozenset({"id", "skills", "cap", "handicap"})
REQUEST_MEMBERS = frozenset(
    {
        "channel",
        "needs",
        "priority",
        "target",
        "steps",
        "prefer",
        "prefer_for",
        "opens_at",
        "ring",
        "not_for",
    },
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at `t`."""

    t: float
    play: Play


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story: who works, what happens, and what should come of it (if the file says so)."""

    name: str | None
    path: str
    config: Config
    agents: tuple[AgentProfile, ...]
    events: tuple[Event, ...]
    expect: tuple[Line, ...] | None


def read_scenario(node: Node) -> Scenario:
    """Read one scenario. Malformed names the first mistake."""
    members = node.object()
    agents = tuple(_agent(item) for item in node.member("agents"))
    _check_distinct(agents, node)
    reader = _EventReader({agent.id for agent in agents})
    return Scenario(
        name=members["name"].text() if "name" in members else None,
        path=node.path,
        config=_config(members["config"]) if "config" in members else Config(),
        agents=agents,
        events=tuple(reader.read(item) for item in node.member("events")),
        expect=tuple(_line(item) for item in members["expect"]) if "expect" in members else None,
    )


def _config(node: Node) -> Config:
    members = node.object(CONFIG_MEMBERS)
    usual = Config()
    rings = members["ring_by_channel"].object(CHANNEL_NAMES) if "ring_by_channel" in members else {}
    return Config(
        ring=_ring(members["ring"]) if "ring" in members else usual.ring,
        cooldown=members["cooldown"].number(0) if "cooldown" in members else usual.cooldown,
        ring_by_channel={name: _ring(ring) for name, ring in rings.items()},
    )


def _ring(node: Node) -> float:
    """0: an offer never lapses. One that would lapse within the same instant would lapse for ever."""
    ring = node.number(0)
    if 0 < ring < SHORTEST_S:
        raise node.fail(f"0 or at least {SHORTEST_S:g}")
    return ring


def _agent(node: Node) -> AgentProfile:
    members = node.object(AGENT_MEMBERS)
    skills = members["skills"].object() if "skills" in members else {}
    caps = members["cap"].object(CHANNEL_NAMES) if "cap" in members else None
    return AgentProfile(
        id=node.member("id").id(),
        skills={name: level.whole() for name, level in skills.items()},
        caps={name: cap.whole() for name, cap in caps.items()} if caps is not None else None,
        handicap=members["handicap"].number() if "handicap" in members else 0.0,
    )


def _check_distinct(agents: tuple[AgentProfile, ...], node: Node) -> None:
    """`agent:7` must name one agent, so ids differ as text."""
    seen: set[str] = set()
    for agent, item in zip(agents, node.member("agents"), strict=True):
        if str(agent.id) in seen:
            raise Malformed(f"{item.path}.id: agent {agent.id} is there twice")
        seen.add(str(agent.id))


def _line(node: Node) -> Line:
    items = node.items()
    if len(items) != 4 or items[1].value not in ("offer", "missed"):
        raise node.fail('[t, "offer" or "missed", ticket, agent]')
    return items[0].number(), items[1].text(), items[2].id(), items[3].id()


class _EventReader:
    """Reads events in order: time never goes back, and every agent named is on the roster."""

    def __init__(self, agents: set[Id]) -> None:
        self._agents = agents
        self._latest = float("-inf")
        self._verbs: dict[str, tuple[int, int, Callable[[float, list[Node]], Play]]] = {
            "ready": (1, 1, self._ready),
            "away": (1, 1, self._away),
            "end_wrap_up": (1, 1, self._end_wrap_up),
            "enqueue": (2, 2, self._enqueue),
            "accept": (1, 1, self._accept),
            "reject": (1, 1, self._reject),
            "complete": (1, 2, self._complete),
            "transfer": (2, 2, self._transfer),
            "release": (1, 1, self._release),
            "abandon": (1, 1, self._abandon),
            "priority": (2, 2, self._priority),
            "keep_from": (2, 2, self._keep_from),
            "tick": (0, 0, self._tick),
        }

    def read(self, node: Node) -> Event:
        items = node.items()
        if len(items) < 2:
            raise node.fail("[t, event, …]")
        t = items[0].number()
        if abs(t) > LATEST_S:
            raise items[0].fail(f"a time of at most {LATEST_S:g}")
        if t < self._latest:
            raise items[0].fail(f"a time not before the previous event's ({self._latest:g})")
        self._latest = t
        verb = items[1].text()
        if verb not in self._verbs:
            raise items[1].fail(f"one of {', '.join(sorted(self._verbs))}")
        fewest, most, read = self._verbs[verb]
        if not fewest <= len(items) - 2 <= most:
            wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            raise node.fail(f"{wanted} values after {verb!r}")
        return Event(t, read(t, items[2:]))

    def _rostered(self, node: Node) -> Id:
        agent = node.id()
        if agent not in self._agents:
            raise node.fail("the id of an agent of this scenario")
        return agent

    def _ready(self, t: float, items: list[Node]) -> Play:
        agents = [self._rostered(item) for item in (items[0] if items[0].is_list() else items)]
        return lambda engine: engine.ready(t, *agents)

    def _away(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.away, t=t, agent_id=self._rostered(items[0]))

    def _end_wrap_up(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.end_wrap_up, t=t, agent_id=self._rostered(items[0]))

    def _enqueue(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.enqueue, t=t, ticket_id=items[0].id(), request=read_request(items[1]))

    def _accept(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.accept, t=t, ticket_id=items[0].id())

    def _reject(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.reject, t=t, ticket_id=items[0].id())

    def _complete(self, t: float, items: list[Node]) -> Play:
        wrap = items[1].number(0) if len(items) > 1 else 0.0
        return partial(Engine.complete, t=t, ticket_id=items[0].id(), wrap=wrap)

    def _transfer(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.transfer, t=t, ticket_id=items[0].id(), needs=_needs(items[1]))

    def _release(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.release, t=t, ticket_id=items[0].id())

    def _abandon(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.abandon, t=t, ticket_id=items[0].id())

    def _priority(self, t: float, items: list[Node]) -> Play:
        return partial(Engine.raise_priority, t=t, ticket_id=items[0].id(), points=items[1].number())

    def _keep_from(self, t: float, items: list[Node]) -> Play:
        kept = [self._rostered(item) for item in items[1].items()]
        return partial(Engine.keep_from, t=t, ticket_id=items[0].id(), agent_ids=kept)

    def _tick(self, t: float, _items: list[Node]) -> Play:
        return partial(Engine.advance, t=t)


def read_request(node: Node) -> Request:
    """Read what a ticket asks for."""
    members = {key: member for key, member in node.object(REQUEST_MEMBERS).items() if not member.is_null()}
    channel = members["channel"].text() if "channel" in members else "voice"
    if channel not in CHANNEL_NAMES:
        raise members["channel"].fail(f"one of {', '.join(sorted(CHANNEL_NAMES))}")
    return Request(
        needs=_needs(node.member("needs")),
        channel=channel,
        priority=members["priority"].number() if "priority" in members else 0,
        target=members["target"].number() if "target" in members else 0.0,
        steps=tuple(_step(item) for item in members["steps"]) if "steps" in members else (),
        prefer=members["prefer"].id() if "prefer" in members else None,
        prefer_for=members["prefer_for"].number(0) if "prefer_for" in members else PREFER_FOR,
        opens_at=members["opens_at"].number() if "opens_at" in members else None,
        ring=_ring(members["ring"]) if "ring" in members else None,
        not_for=frozenset(item.id() for item in members["not_for"].items())
        if "not_for" in members
        else frozenset(),
    )


def _step(node: Node) -> Step:
    items = node.items()
    if len(items) != 2:
        raise node.fail("[seconds after enqueue, requirement]")
    return items[0].number(0), _needs(items[1])


def _needs(node: Node) -> Needs:
    return tuple(tuple(_literal(item) for item in alternative) for alternative in node)


def _literal(node: Node) -> str:
    literal = node.text()
    try:
        check_needs(((literal,),))
    except ValueError as error:
        raise Malformed(f"{node.path}: {error}") from error
    return literal
