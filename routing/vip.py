"""What two points of priority are worth to one caller in ten, and to the others, while letters wait for an answer in 4 h.

An agent does one thing at a time: a letter is work like a call, due much later, which nobody tires of waiting for. The
same callers and letters meet our key, plain arrival order, and strict classes (VIP, then calls, then letters).
"""

import math
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from routing.model import SECONDS_PER_PRIORITY_POINT, Request
from routing.policies import Assignment, EnginePolicy, PlainPolicy, Policy
from routing.simulate import Day
from routing.workload import Caller, Workload, find_workload

VIP_SHARE, VIP_POINTS = 0.1, 2
LETTER_TARGET_S = 4 * 3600.0
LETTERS_AT_FIRST, LETTERS_LOAD = 200, 0.03
VIP, PLAIN, LETTER = range(3)
OFFSETS = (-SECONDS_PER_PRIORITY_POINT * VIP_POINTS, 0.0, LETTER_TARGET_S)
"""What each class adds to its arrival to make its key."""


@dataclass(frozen=True, slots=True)
class VipFigures:
    """What one run made of its callers: waits in seconds, overtakings that the keys do not allow."""

    vip_p95_s: float
    plain_p95_s: float
    letter_max_s: float
    forbidden_overtakings: int


def compare(name: str, seeds: Sequence[int]) -> dict[str, list[VipFigures]]:
    """The figures of each policy on the same callers of each seed."""
    workload = find_workload(name)
    found: dict[str, list[VipFigures]] = {"ours": [], "fcfs": [], "strict": []}
    for seed in seeds:
        callers, classes = _crowd(workload, seed)
        for policy, runs in found.items():
            runs.append(play(workload, policy, callers, classes))
    return found


def play(workload: Workload, policy: str, callers: Sequence[Caller], classes: Sequence[int]) -> VipFigures:
    """One run of `ours`, `fcfs` or `strict`."""
    made: Policy
    if policy == "strict":
        made = _Strict(workload, classes)
    else:
        offsets = OFFSETS if policy == "ours" else (0.0, 0.0, 0.0)
        made = _Keyed(workload, [offsets[one] for one in classes])
    watched = _Watched(made, workload, callers, classes)
    day = Day(workload, watched, callers)
    day.play()
    waits = day.waits()
    return VipFigures(
        vip_p95_s=_p95([waits[n] for n, one in enumerate(classes) if one == VIP and n in waits]),
        plain_p95_s=_p95([waits[n] for n, one in enumerate(classes) if one == PLAIN and n in waits]),
        letter_max_s=max(
            (waits[n] for n, one in enumerate(classes) if one == LETTER and n in waits), default=0.0
        ),
        forbidden_overtakings=watched.forbidden,
    )


def _crowd(workload: Workload, seed: int) -> tuple[list[Caller], list[int]]:
    """The workload's own callers, one in ten a VIP, and letters between them; in order of arrival."""
    dice = random.Random(f"{seed} vip")  # noqa: S311 — simulated calls, no secrets
    crowd = [(caller, VIP if dice.random() < VIP_SHARE else PLAIN) for caller in workload.callers(seed)]
    end = crowd[-1][0].t
    letters_per_s = LETTERS_LOAD * len(workload.agents_skills) / workload.aht
    arrivals, t = [0.0] * LETTERS_AT_FIRST, 0.0
    while (t := t + dice.expovariate(letters_per_s)) < end:
        arrivals.append(t)
    skills = range(len(workload.skills_share))
    for t in arrivals:
        skill = dice.choices(skills, workload.skills_share)[0]
        crowd.append((Caller(t, skill, dice.expovariate(1 / workload.aht), math.inf), LETTER))
    crowd.sort(key=lambda one: one[0].t)
    return [caller for caller, _ in crowd], [one for _, one in crowd]


class _Keyed(EnginePolicy):
    """The engine, with an offset for each caller."""

    def __init__(self, workload: Workload, offsets: Sequence[float]) -> None:
        super().__init__(workload, 0.0)
        self._offsets = offsets

    def request(self, caller: int, skill: int) -> Request:
        """What this caller asks for."""
        offset = self._offsets[caller]
        points, target = (-offset / SECONDS_PER_PRIORITY_POINT, 0.0) if offset < 0 else (0.0, offset)
        return Request(((f"s{skill}",),), priority=points, target=target)


class _Strict(PlainPolicy):
    """Class by class, whoever waits for how long."""

    def __init__(self, workload: Workload, classes: Sequence[int]) -> None:
        super().__init__(workload)
        self._classes = classes

    def in_line(self) -> list[tuple[int, int]]:
        """Waiting callers by class, then arrival."""
        return sorted(self._waiting.items(), key=lambda one: (self._classes[one[0]], one[0]))


class _Watched:
    """A policy, and how often it does what our keys do not allow.

    Which is to serve somebody, at an agent eligible for both, while another waits whose arrival with its offset is
    earlier. So nobody is ever overtaken by who came more than the difference of the offsets after him.
    """

    poll_every = 0.0

    def __init__(
        self, policy: Policy, workload: Workload, callers: Sequence[Caller], classes: Sequence[int]
    ) -> None:
        self.forbidden = 0
        self._policy = policy
        self._skills = workload.agents_skills
        self._callers = callers
        self._classes = classes
        self._gone: set[int] = set()
        self._lines: dict[tuple[int, int], deque[int]] = {
            (skill, one): deque()
            for skill in range(len(workload.skills_share))
            for one in range(len(OFFSETS))
        }

    def arrive(self, t: float, caller: int, skill: int) -> list[Assignment]:
        """A call comes in."""
        self._lines[skill, self._classes[caller]].append(caller)
        return self._judged(self._policy.arrive(t, caller, skill))

    def finish(self, t: float, caller: int, agent: int) -> list[Assignment]:
        """An agent has finished a call."""
        return self._judged(self._policy.finish(t, caller, agent))

    def abandon(self, t: float, caller: int) -> None:
        """A waiting caller gives up."""
        self._gone.add(caller)
        self._policy.abandon(t, caller)

    def poll(self, t: float) -> list[Assignment]:
        """Time has passed."""
        return self._judged(self._policy.poll(t))

    def _judged(self, assignments: list[Assignment]) -> list[Assignment]:
        self._gone.update(caller for caller, _ in assignments)
        for caller, agent in assignments:
            key = self._key(caller)
            self.forbidden += sum(first < key for first in self._first_keys(agent))
        return assignments

    def _first_keys(self, agent: int) -> Iterator[float]:
        """The key of the first one of each class who waits for something the agent can do."""
        for skill in self._skills[agent]:
            for one in range(len(OFFSETS)):
                line = self._lines[skill, one]
                while line and line[0] in self._gone:
                    line.popleft()
                if line:
                    yield self._key(line[0])

    def _key(self, caller: int) -> float:
        return self._callers[caller].t + OFFSETS[self._classes[caller]]


def _p95(waits: Sequence[float]) -> float:
    return sorted(waits)[math.ceil(0.95 * len(waits)) - 1] if waits else 0.0
