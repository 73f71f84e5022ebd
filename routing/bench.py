"""`python -m routing bench`: how fast the engine decides, and what its policies are worth, on the machine at hand.

Times of a pick are thread CPU time (wall time on a shared machine measures the neighbours), wall time beside it. The
unit `add` is one step of `for _ in range(n): x += 1`, measured in the same run, so that machines can be compared.
"""

import argparse
import gc
import json
import os
import platform
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from routing.engine import Engine
from routing.model import AgentProfile, Config, Decision, Id, Request
from routing.targets import Target, all_policy_targets

SKILLS = tuple(f"s{number}" for number in range(50))
SKILLS_PER_AGENT = 5
PRIORITIES = 5
ADDS = 10_000_000
FAST_CORE_S = 0.8
"""Where ten million adds take no longer, more is asked of the engine."""
FULL_CELLS = tuple((agents, waiting, 1) for agents in (100, 1_000, 10_000) for waiting in (10_000, 100_000))
PAIRS_CELL = (1_000, 100_000, 2)
QUICK_CELLS = ((100, 10_000, 1), (1_000, 10_000, 1), (1_000, 10_000, 2))


@dataclass(frozen=True, slots=True)
class Cell:
    """One size: cycles (enqueue, complete with the pick of the next ticket, offer, accept) and comparators.

    `times_…` = cycles per CPU second over picks per CPU second of a router that scans a list by the rules, sorts it
    first, or tests one set of skills per ticket and nothing else (`bare`, the least a scan can do).
    """

    agents: int
    waiting: int
    most_skills: int
    cycles_per_cpu_s: float
    adds_per_cycle: float
    pick_p50_us: float
    pick_p99_us: float
    pick_p99_wall_us: float
    times_scan: float
    times_sort: float
    times_bare_scan: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--quick", action="store_true", help="small sizes only, no simulations")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def bench(options: argparse.Namespace, write: Callable[[str], object]) -> int:
    """Measure and print a table of cells and the targets they met or missed."""
    add = _calibrate()
    cells = QUICK_CELLS if options.quick else (*FULL_CELLS, PAIRS_CELL)
    cycles = 5_000 if options.quick else 60_000
    found = [measure(*cell, cycles=cycles, add=add) for cell in cells]
    targets = list(speed_targets(found)) + ([] if options.quick else list(all_policy_targets()))
    header = {
        "seconds_per_10_million_adds": round(add * ADDS, 3),
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "bytes_per_waiting_ticket": bytes_per_ticket(),
    }
    if options.json:
        told = [{**asdict(target), "is_met": target.is_met} for target in targets]
        write(json.dumps({**header, "cells": [asdict(cell) for cell in found], "targets": told}, indent=1))
    else:
        write(
            "\n".join(
                [*(f"{name}: {value}" for name, value in header.items()), *_rows(found), *_verdicts(targets)]
            )
        )
    return 0


def measure(agents: int, waiting: int, most_skills: int, *, cycles: int, add: float) -> Cell:
    """Run full cycles with a constant backlog: every arrival is matched by one completion that picks the next ticket.

    First without a clock between the steps, which would cost a tenth of the cycle, then again to time single picks.
    """
    dice = random.Random(1)  # noqa: S311 — a workload, no secrets
    floor = _BusyFloor(dice, agents, waiting, most_skills)
    with _no_collector():
        per_cycle = _time_cycles(floor, [_request(dice, most_skills) for _ in range(cycles)])
        cpu, wall = _time_picks(floor, [_request(dice, most_skills) for _ in range(cycles)])
    scan, sort, bare = _scans_per_s(dice, waiting, most_skills)
    return Cell(
        agents=agents,
        waiting=waiting,
        most_skills=most_skills,
        cycles_per_cpu_s=1 / per_cycle,
        adds_per_cycle=per_cycle / add,
        pick_p50_us=_quantile(cpu, 0.5) / 1000,
        pick_p99_us=_quantile(cpu, 0.99) / 1000,
        pick_p99_wall_us=_quantile(wall, 0.99) / 1000,
        times_scan=1 / per_cycle / scan,
        times_sort=1 / per_cycle / sort,
        times_bare_scan=1 / per_cycle / bare,
    )


def _time_cycles(floor: "_BusyFloor", requests: Sequence[Request]) -> float:
    """CPU seconds of one cycle."""
    start = time.thread_time()
    for request in requests:
        floor.arrive(request)
        floor.accept(floor.complete())
    return (time.thread_time() - start) / len(requests)


def _time_picks(floor: "_BusyFloor", requests: Sequence[Request]) -> tuple[list[int], list[int]]:
    """Nanoseconds of each completion with the pick and the offer that follow from it: thread CPU time and wall time."""
    cpu, wall = [], []
    for request in requests:
        floor.arrive(request)
        cpu_before, wall_before = time.thread_time_ns(), time.perf_counter_ns()
        decisions = floor.complete()
        wall.append(time.perf_counter_ns() - wall_before)
        cpu.append(time.thread_time_ns() - cpu_before)
        floor.accept(decisions)
    return cpu, wall


def speed_targets(cells: Sequence[Cell]) -> Iterator[Target]:
    """The targets on decision speed that these cells can answer; a large size is compared with the small one."""
    by_size = {(cell.agents, cell.waiting): cell for cell in cells if cell.most_skills == 1}
    for cell in cells:
        where = f"{cell.agents:,} agents, {cell.waiting:,} waiting, up to {cell.most_skills} skills"
        if cell.most_skills == 1:
            limit = 1000 if cell.waiting >= 100_000 else 100
            yield Target(f"times a list scan ({where})", limit, cell.times_scan, at_most=False)
            yield Target(f"adds per cycle ({where})", 120, cell.adds_per_cycle, at_most=True)
            if ADDS / (cell.cycles_per_cpu_s * cell.adds_per_cycle) <= FAST_CORE_S:
                yield Target(f"cycles a CPU second ({where})", 100_000, cell.cycles_per_cpu_s, at_most=False)
        yield Target(f"pick p99, thread CPU µs ({where})", 1000, cell.pick_p99_us, at_most=True)
    for (agents, waiting), cell in by_size.items():
        if waiting >= 100_000:
            ratio = by_size[agents, 10_000].cycles_per_cpu_s / cell.cycles_per_cpu_s
            yield Target(f"time at 100,000 / at 10,000 waiting ({agents:,} agents)", 1.5, ratio, at_most=True)
        if agents >= 10_000:
            ratio = by_size[100, waiting].cycles_per_cpu_s / cell.cycles_per_cpu_s
            yield Target(f"time with 10,000 / with 100 agents ({waiting:,} waiting)", 2, ratio, at_most=True)


def bytes_per_ticket(count: int = 10_000) -> int:
    """The memory of one ticket that waits, everything counted."""
    dice = random.Random(1)  # noqa: S311 — a workload, no secrets
    requests = [_request(dice, 1) for _ in range(500)]
    engine = Engine()
    tracemalloc.start()
    for ticket in range(count):
        engine.enqueue(float(ticket), ticket, requests[ticket % 500])
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size // count


class _BusyFloor:
    """An engine with everybody on a call and a backlog, and its clock."""

    def __init__(self, dice: random.Random, agents: int, waiting: int, most_skills: int) -> None:
        self._dice = dice
        self._t = 0.0
        self._arrived = 0
        self._active: list[Id] = []
        profiles = [
            AgentProfile(number, dict.fromkeys(dice.sample(SKILLS, SKILLS_PER_AGENT), 1), {"voice": 1})
            for number in range(agents)
        ]
        self._engine = Engine(Config(), profiles)
        for number in range(agents):
            ticket = self.arrive(_request(dice, most_skills))
            self._engine.assign(self._t, ticket, number)
            self._active.append(ticket)
        for number in range(agents):
            self._engine.ready(self._t, number)
        for _ in range(waiting):
            self.arrive(_request(dice, most_skills))

    def arrive(self, request: Request) -> Id:
        self._t += 0.01
        self._arrived += 1
        self._engine.enqueue(self._t, self._arrived, request)
        return self._arrived

    def complete(self) -> list[Decision]:
        """Somebody at random finishes, and the engine picks what is next."""
        place = self._dice.randrange(len(self._active))
        ticket, self._active[place] = self._active[place], self._active[-1]
        self._active.pop()
        return self._engine.complete(self._t, ticket)

    def accept(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            self._engine.accept(self._t, decision.ticket)
            self._active.append(decision.ticket)


def _request(dice: random.Random, most_skills: int) -> Request:
    skills = sorted(dice.sample(SKILLS, dice.randint(1, most_skills)))
    return Request((tuple(skills),), priority=dice.randrange(PRIORITIES))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A ticket as a router without lanes would keep it: in one list, with what R3 and R8 ask about."""

    key: float
    channel: str
    alternatives: tuple[frozenset[str], ...]
    barred: frozenset[int]


def _scans_per_s(dice: random.Random, waiting: int, most_skills: int) -> tuple[float, float, float]:
    """Picks per CPU second without lanes: through all tickets by the rules, sorted first, or by skills alone."""
    tickets = [
        _Listed(dice.random(), "voice", (frozenset(_request(dice, most_skills).needs[0]),), frozenset())
        for _ in range(waiting)
    ]
    bare = [(ticket.key, ticket.alternatives[0]) for ticket in tickets]
    agents = [frozenset(dice.sample(SKILLS, SKILLS_PER_AGENT)) for _ in range(max(3, 200_000 // waiting))]

    def suits(have: frozenset[str], ticket: _Listed) -> bool:
        return (
            ticket.channel == "voice"
            and 0 not in ticket.barred
            and any(alternative <= have for alternative in ticket.alternatives)
        )

    def scan(have: frozenset[str]) -> object:
        return min((ticket for ticket in tickets if suits(have, ticket)), key=_key, default=None)

    def sort(have: frozenset[str]) -> object:
        return next((ticket for ticket in sorted(tickets, key=_key) if suits(have, ticket)), None)

    def scan_bare(have: frozenset[str]) -> object:
        return min((ticket for ticket in bare if ticket[1] <= have), default=None)

    return _per_s(scan, agents), _per_s(sort, agents), _per_s(scan_bare, agents)


def _key(ticket: _Listed) -> float:
    return ticket.key


def _per_s(pick: Callable[[frozenset[str]], object], agents: Sequence[frozenset[str]]) -> float:
    start = time.thread_time()
    for agent in agents:
        pick(agent)
    return len(agents) / (time.thread_time() - start)


def _calibrate() -> float:
    """CPU seconds of one addition in a loop."""
    start = time.thread_time()
    total = 0
    for _ in range(ADDS):
        total += 1
    return (time.thread_time() - start) / total


def _quantile(values: Sequence[int], part: float) -> float:
    return sorted(values)[int(part * (len(values) - 1))]


@contextmanager
def _no_collector() -> Iterator[None]:
    """As a router runs: what is loaded is frozen, and nothing is collected on the way."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _rows(cells: Sequence[Cell]) -> Iterator[str]:
    yield "agents   waiting  skills  cycles/CPU-s  adds/cycle  pick p50/p99 µs CPU  p99 µs wall  × scan  × sort+scan  × bare scan"
    for cell in cells:
        yield (
            f"{cell.agents:>6,}  {cell.waiting:>8,}  {f'1-{cell.most_skills}' if cell.most_skills > 1 else '1':>6}"
            f"  {cell.cycles_per_cpu_s:>12,.0f}  {cell.adds_per_cycle:>10,.0f}"
            f"  {f'{cell.pick_p50_us:.1f} / {cell.pick_p99_us:.1f}':>19}  {cell.pick_p99_wall_us:>11.1f}"
            f"  {cell.times_scan:>6,.0f}  {cell.times_sort:>11,.0f}  {cell.times_bare_scan:>11,.0f}"
        )


def _verdicts(targets: Sequence[Target]) -> Iterator[str]:
    for target in targets:
        verdict = "met   " if target.is_met else "MISSED"
        error = f" ±{target.error:.2g}" if target.error else ""
        sign = "≤" if target.at_most else "≥"
        yield f"{verdict}  {target.name}: {target.found:,.3g}{error} (target {sign} {target.limit:g})"
