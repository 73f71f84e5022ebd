"""How evenly chats are spread over agents who also take calls and letters, and whether anybody is ever given too much.

Sixty agents who can do everything, each one call or three chats beside up to five letters (R4). The same arrivals meet
the engine, a ring of agents (round robin), and whoever has fewest pieces of work open, as inboxes without channels do.
"""

import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from statistics import fmean
from typing import Protocol

from routing.engine import Engine
from routing.model import CHANNELS, AgentProfile, Config, Decision, Request

AGENTS = 60
PIECES = 6_000
HANDLING_S = (300.0, 600.0, 900.0)
PER_S = (0.06, 0.10, 0.05)
"""Of calls, chats and letters: most agents have a chat or two, and calls find somebody in time."""

VOICE, CHAT, EMAIL = range(3)
CAPS = tuple(channel.cap for channel in CHANNELS)
Loads = list[list[int]]
Assignment = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """One call, chat or letter; seconds."""

    t: float
    channel: int
    handling: float


@dataclass(frozen=True, slots=True)
class MixFigures:
    """What one run made of its work.

    `widest_chat_gap`: by how many chats, at most, somebody who was given one was then ahead of another who could have
    had it. `uneven_chats`: how often by more than one. `breaches`: work given beyond capacity. `blocked`: the part of
    the agents' time, in per cent, in which chats kept them from calls.
    """

    widest_chat_gap: int
    uneven_chats: int
    breaches: int
    blocked: float
    call_wait_s: float


def compare(seeds: Sequence[int]) -> dict[str, list[MixFigures]]:
    """The figures of each way on the same work of each seed."""
    ways: dict[str, Callable[[], _Way]] = {"ours": _Ours, "round_robin": _Ring, "fewest_open": _FewestOpen}
    return {name: [play(make(), work_of(seed)) for seed in seeds] for name, make in ways.items()}


def work_of(seed: int, pieces: int = PIECES) -> list[Piece]:
    """Poisson arrivals on three channels, exponential handling."""
    dice = random.Random(f"{seed} mix")  # noqa: S311 — simulated work, no secrets
    t, work = 0.0, []
    for channel in dice.choices(range(3), PER_S, k=pieces):
        t += dice.expovariate(sum(PER_S))
        work.append(Piece(t, channel, dice.expovariate(1 / HANDLING_S[channel])))
    return work


def play(way: "_Way", work: Sequence[Piece]) -> MixFigures:
    """Let the work come and end, and watch what is given to whom."""
    watch = _Watch(work)
    events = [(piece.t, number, -1) for number, piece in enumerate(work)]
    heapify(events)
    while events:
        t, number, agent = heappop(events)
        watch.pass_time(t)
        if agent < 0:
            made = way.arrive(t, number, work[number].channel)
        else:
            watch.finish(agent, work[number].channel)
            made = way.finish(t, number, agent, work[number].channel)
        for given, to in made:
            watch.give(t, given, to)
            heappush(events, (t + work[given].handling, given, to))
    return watch.figures()


def can_take(load: Sequence[int], channel: int) -> bool:
    """R4: room on the channel, nothing beside a call but letters begun before, no call beside a chat."""
    blocked = load[VOICE] or (channel == VOICE and load[CHAT])
    return not blocked and load[channel] < CAPS[channel]


class _Watch:
    """Counts for itself what everybody has."""

    def __init__(self, work: Sequence[Piece]) -> None:
        self._work = work
        self._loads = _nothing()
        self._now = self._blocked_s = 0.0
        self._gaps: list[int] = []
        self._breaches = 0
        self._call_waits: list[float] = []

    def pass_time(self, t: float) -> None:
        self._blocked_s += (t - self._now) * sum(load[CHAT] > 0 for load in self._loads)
        self._now = t

    def finish(self, agent: int, channel: int) -> None:
        self._loads[agent][channel] -= 1

    def give(self, t: float, number: int, agent: int) -> None:
        piece = self._work[number]
        load = self._loads[agent]
        self._breaches += not can_take(load, piece.channel)
        if piece.channel == CHAT:
            fewest = min(one[CHAT] for one in self._loads if one is load or can_take(one, CHAT))
            self._gaps.append(load[CHAT] + 1 - fewest)
        elif piece.channel == VOICE:
            self._call_waits.append(t - piece.t)
        load[piece.channel] += 1

    def figures(self) -> MixFigures:
        return MixFigures(
            widest_chat_gap=max(self._gaps),
            uneven_chats=sum(gap > 1 for gap in self._gaps),
            breaches=self._breaches,
            blocked=100 * self._blocked_s / (AGENTS * self._now),
            call_wait_s=fmean(self._call_waits),
        )


class _Way(Protocol):
    """Who gives work to agents; both say what is given at that moment."""

    def arrive(self, t: float, number: int, channel: int) -> list[Assignment]:
        """Work comes in."""
        ...

    def finish(self, t: float, number: int, agent: int, channel: int) -> list[Assignment]:
        """Work ends."""
        ...


class _Chooser(ABC):
    """A router that knows the rules of capacity, goes through what waits in order of arrival, and chooses by `choose`."""

    def __init__(self) -> None:
        self._loads = _nothing()
        self._waiting: deque[tuple[int, int]] = deque()

    def arrive(self, t: float, number: int, channel: int) -> list[Assignment]:  # noqa: ARG002 — the engine needs it
        """Work comes in."""
        self._waiting.append((number, channel))
        return list(self._serve())

    def finish(self, t: float, number: int, agent: int, channel: int) -> list[Assignment]:  # noqa: ARG002 — likewise
        """Work ends."""
        self._loads[agent][channel] -= 1
        return list(self._serve())

    def _serve(self) -> Iterator[Assignment]:
        line, self._waiting = self._waiting, deque()
        for number, channel in line:
            able = [agent for agent, load in enumerate(self._loads) if can_take(load, channel)]
            if not able:
                self._waiting.append((number, channel))
                continue
            agent = self.choose(able)
            self._loads[agent][channel] += 1
            yield number, agent

    @abstractmethod
    def choose(self, able: list[int]) -> int:
        """One of those who can take it."""


class _Ring(_Chooser):
    """Agents in turn, one ring for everything."""

    _next = 0

    def choose(self, able: list[int]) -> int:
        """The next one after the one asked last."""
        agent = min(able, key=lambda one: (one - self._next) % AGENTS)
        self._next = agent + 1
        return agent


class _FewestOpen(_Chooser):
    """Whoever has least to do, all channels counted alike."""

    def choose(self, able: list[int]) -> int:
        """The one with fewest pieces of work."""
        return min(able, key=lambda one: (sum(self._loads[one]), one))


class _Ours:
    """The engine; agents accept at once."""

    def __init__(self) -> None:
        self._engine = Engine(Config(ring=0.0), [AgentProfile(agent) for agent in range(AGENTS)])
        self._engine.ready(0.0, *range(AGENTS))
        self._requests = [Request(((),), channel=channel.name) for channel in CHANNELS]

    def arrive(self, t: float, number: int, channel: int) -> list[Assignment]:
        """Work comes in."""
        return self._accept(t, self._engine.enqueue(t, number, self._requests[channel]))

    def finish(self, t: float, number: int, agent: int, channel: int) -> list[Assignment]:  # noqa: ARG002 — known
        """Work ends."""
        return self._accept(t, self._engine.complete(t, number))

    def _accept(self, t: float, decisions: Sequence[Decision]) -> list[Assignment]:
        for decision in decisions:
            self._engine.accept(t, decision.ticket)
        return [(int(decision.ticket), int(decision.agent)) for decision in decisions]


def _nothing() -> Loads:
    return [[0] * len(CHANNELS) for _ in range(AGENTS)]
