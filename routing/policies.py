"""Ways to decide who gets which call, for comparison in simulations.

`longest_idle`, `handicap_10` and `handicap_30` are the engine itself; `pooled` is the engine with agents who can do
everything. The others are what call centres are run with elsewhere, kept as plain as possible.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from routing.engine import Engine
from routing.model import AgentProfile, Config, Decision, Request, handicap
from routing.workload import Workload

Assignment = tuple[int, int]
"""A caller and the agent who answers."""


class Policy(Protocol):
    """Told what happens, answers who gets whom. `poll_every` seconds it is asked even if nothing happened (0: never)."""

    poll_every: float

    def arrive(self, t: float, caller: int, skill: int) -> list[Assignment]:
        """A call comes in."""

    def finish(self, t: float, caller: int, agent: int) -> list[Assignment]:
        """An agent has finished a call."""

    def abandon(self, t: float, caller: int) -> None:
        """A waiting caller gives up."""

    def poll(self, t: float) -> list[Assignment]:
        """Time has passed."""


class EnginePolicy:
    """The routing engine; agents accept at once."""

    poll_every = 0.0

    def __init__(self, workload: Workload, per_skill: float) -> None:
        profiles = [
            AgentProfile(
                agent, {f"s{skill}": 1 for skill in skills}, {"voice": 1}, handicap(len(skills), per_skill)
            )
            for agent, skills in enumerate(workload.agents_skills)
        ]
        self._engine = Engine(Config(ring=0.0, cooldown=0.0), profiles)
        self._engine.ready(0.0, *range(len(profiles)))
        self._requests = [Request(((f"s{skill}",),)) for skill in range(len(workload.skills_share))]

    def arrive(self, t: float, caller: int, skill: int) -> list[Assignment]:
        """A call comes in."""
        return self._accept(t, self._engine.enqueue(t, caller, self.request(caller, skill)))

    def request(self, caller: int, skill: int) -> Request:  # noqa: ARG002 — others know their callers
        """What a caller asks for."""
        return self._requests[skill]

    def finish(self, t: float, caller: int, agent: int) -> list[Assignment]:  # noqa: ARG002 — the engine knows the agent
        """An agent has finished a call."""
        return self._accept(t, self._engine.complete(t, caller))

    def abandon(self, t: float, caller: int) -> None:
        """A waiting caller gives up."""
        self._engine.abandon(t, caller)

    def poll(self, t: float) -> list[Assignment]:
        """Nothing is left to decide between events."""
        return self._accept(t, self._engine.advance(t))

    def _accept(self, t: float, decisions: list[Decision]) -> list[Assignment]:
        for decision in decisions:
            self._engine.accept(t, decision.ticket)
        return [(int(decision.ticket), int(decision.agent)) for decision in decisions]


class PlainPolicy:
    """An agent who becomes free takes the first caller in line, a caller the agent that `choose` names: longest idle."""

    def __init__(self, workload: Workload, *, poll_every: float = 0.0, strict: bool = False) -> None:
        self.poll_every = poll_every
        self._strict = strict
        self._agents = len(workload.agents_skills)
        self._able = [
            [agent for agent, skills in enumerate(workload.agents_skills) if skill in skills]
            for skill in range(len(workload.skills_share))
        ]
        self._waiting: dict[int, int] = {}
        self._idle_since = dict.fromkeys(range(self._agents), 0.0)

    def arrive(self, t: float, caller: int, skill: int) -> list[Assignment]:
        """A call comes in."""
        self._waiting[caller] = skill
        return [] if self.poll_every else self.poll(t)

    def finish(self, t: float, caller: int, agent: int) -> list[Assignment]:  # noqa: ARG002 — part of the protocol
        """An agent has finished a call."""
        self._idle_since[agent] = t
        return [] if self.poll_every else self.poll(t)

    def abandon(self, t: float, caller: int) -> None:  # noqa: ARG002 — part of the protocol
        """A waiting caller gives up."""
        del self._waiting[caller]

    def poll(self, t: float) -> list[Assignment]:  # noqa: ARG002 — part of the protocol
        """Go through the callers in line, as long as somebody is idle."""
        made: list[Assignment] = []
        for caller, skill in self.in_line() if self._idle_since else ():
            idle = [agent for agent in self._able[skill] if agent in self._idle_since]
            if idle:
                agent = self.choose(skill, idle)
                del self._waiting[caller], self._idle_since[agent]
                made.append((caller, agent))
        return made

    def choose(self, skill: int, idle: list[int]) -> int:  # noqa: ARG002 — others need the skill
        """The agent for a call of this skill."""
        return min(idle, key=lambda agent: (self._idle_since[agent], agent))

    def in_line(self) -> list[tuple[int, int]]:
        """Waiting callers in order of arrival, or strictly by skill."""
        line = list(self._waiting.items())
        return sorted(line, key=lambda one: one[1]) if self._strict else line


class RoundRobin(PlainPolicy):
    """Agents are asked in turn; by default one ring for all, as where all agents share one inbox."""

    def __init__(self, workload: Workload, *, poll_every: float = 0.0, per_queue: bool = False) -> None:
        super().__init__(workload, poll_every=poll_every)
        self._ring_of = (
            list(range(len(workload.skills_share))) if per_queue else [0] * len(workload.skills_share)
        )
        self._next = [0] * len(workload.skills_share)

    def choose(self, skill: int, idle: list[int]) -> int:
        """The next idle agent after the one asked last."""
        ring = self._ring_of[skill]
        agent = min(idle, key=lambda agent: (agent - self._next[ring]) % self._agents)
        self._next[ring] = agent + 1
        return agent


POLICIES: dict[str, Callable[[Workload], Policy]] = {
    "longest_idle": partial(EnginePolicy, per_skill=0.0),
    "handicap_10": partial(EnginePolicy, per_skill=10.0),
    "handicap_30": partial(EnginePolicy, per_skill=30.0),
    "round_robin": RoundRobin,
    "queue_round_robin": partial(RoundRobin, per_queue=True),
    "poll_5s": partial(RoundRobin, poll_every=5.0),
    "strict_priority": partial(PlainPolicy, strict=True),
    "pooled": lambda workload: EnginePolicy(workload.pooled(), 0.0),
}
