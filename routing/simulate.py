"""`python -m routing simulate`: what different ways of routing make of the same calls."""

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from heapq import heapify, heappop, heappush
from statistics import fmean, pstdev, stdev

from routing.policies import POLICIES, Assignment, Policy
from routing.workload import Caller, Workload, find_workload

BASE = "longest_idle"
IN_TIME = 20.0
FINISH, ABANDON, ARRIVE, POLL = range(4)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the callers of one run met. Waits in seconds over all callers, abandoned included; the rest in per cent.

    A call counts for the service level if it was answered within 20 s; `utilisation_sd` is the spread between agents.
    """

    mean_wait_s: float
    p95_s: float
    max_s: float
    service_level_20: float
    abandoned: float
    utilisation_sd: float
    worst_skill_service_level: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds and its standard error."""

    mean: float
    error: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "workload", metavar="FILE|NAME", help="a workload file (JSON) or one of the named workloads"
    )
    parser.add_argument(
        "--policy",
        nargs="+",
        choices=POLICIES,
        default=list(POLICIES),
        help="only these, beside longest_idle (all)",
    )
    parser.add_argument("--seeds", type=_seeds, default=range(11, 17), help="runs, one per seed (11-16)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def simulate(options: argparse.Namespace, write: Callable[[str], object]) -> int:
    """Run the policies on the same callers and print their figures, with a progress bar on a terminal."""
    workload = find_workload(options.workload)
    names = list(dict.fromkeys([BASE, *options.policy]))
    progress = _Progress(len(names) * len(options.seeds))
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    for seed in options.seeds:
        callers = workload.callers(seed)
        for name in names:
            runs[name].append(run(workload, POLICIES[name](workload), callers))
            progress.step()
    if options.json:
        results = {name: summarise(runs[name], runs[BASE]) for name in names}
        write(
            json.dumps(
                {"workload": workload.name, "seeds": list(options.seeds), "policies": results}, indent=1
            )
        )
    else:
        write(_table(runs))
    return 0


def run(workload: Workload, policy: Policy, callers: Sequence[Caller]) -> Figures:
    """Let the callers come, wait, be answered or give up, and say what they met."""
    day = Day(workload, policy, callers)
    day.play()
    return day.figures()


def summarise(runs: Sequence[Figures], base: Sequence[Figures]) -> dict[str, object]:
    """Means over the seeds, their standard errors, and the paired differences to longest idle in per cent."""
    names = [field.name for field in fields(Figures)]
    means = {name: estimate([getattr(one, name) for one in runs]) for name in names}
    differences = {}
    for name in names:
        pairs = [(getattr(one, name), getattr(other, name)) for one, other in zip(runs, base, strict=True)]
        if all(other for _, other in pairs):
            differences[name] = asdict(estimate([100 * (value / other - 1) for value, other in pairs]))
    return {
        **{name: mean.mean for name, mean in means.items()},
        "standard_errors": {name: mean.error for name, mean in means.items()},
        "difference_to_longest_idle_pct": differences,
    }


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of independent runs and how far it may be off."""
    error = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Estimate(fmean(values), error)


class Day:
    """One run: events of one instant come in the order finish, abandon, arrive, poll."""

    def __init__(self, workload: Workload, policy: Policy, callers: Sequence[Caller]) -> None:
        self._workload = workload
        self._policy = policy
        self._callers = callers
        self._answered: dict[int, float] = {}
        self._abandoned: dict[int, float] = {}
        self._start, self._end = callers[workload.warm_up].t, callers[-1].t
        self._busy = [0.0] * len(workload.agents_skills)
        self._events = [(caller.t, ARRIVE, number, 0) for number, caller in enumerate(callers)]
        if policy.poll_every:
            self._events.append((policy.poll_every, POLL, 0, 0))
        heapify(self._events)

    def play(self) -> None:
        """Go from event to event until nothing is left to happen."""
        while self._events:
            t, kind, number, agent = heappop(self._events)
            if kind == FINISH:
                self._assign(t, self._policy.finish(t, number, agent))
            elif kind == ARRIVE:
                self._arrive(t, number)
            elif kind == POLL:
                self._poll(t)
            elif number not in self._answered:
                self._abandoned[number] = t
                self._policy.abandon(t, number)

    def _arrive(self, t: float, number: int) -> None:
        caller = self._callers[number]
        self._assign(t, self._policy.arrive(t, number, caller.skill))
        if number not in self._answered and math.isfinite(caller.patience):
            heappush(self._events, (t + caller.patience, ABANDON, number, 0))

    def _poll(self, t: float) -> None:
        self._assign(t, self._policy.poll(t))
        if self._events:
            heappush(self._events, (t + self._policy.poll_every, POLL, 0, 0))

    def _assign(self, t: float, assignments: list[Assignment]) -> None:
        for number, agent in assignments:
            self._answered[number] = t
            end = t + self._callers[number].handling
            heappush(self._events, (end, FINISH, number, agent))
            self._busy[agent] += max(0.0, min(end, self._end) - max(t, self._start))

    def figures(self) -> Figures:
        """Everything measured after the warm-up; utilisation up to the last arrival."""
        measured = range(self._workload.warm_up, len(self._callers))
        waits = sorted(self.waits().values())
        in_time: list[list[bool]] = [[] for _ in self._workload.skills_share]
        for number in measured:
            in_time[self._callers[number].skill].append(self._is_in_time(number))
        length = self._end - self._start
        return Figures(
            mean_wait_s=fmean(waits),
            p95_s=waits[math.ceil(0.95 * len(waits)) - 1],
            max_s=waits[-1],
            service_level_20=100 * sum(map(sum, in_time)) / len(waits),
            abandoned=100 * sum(number in self._abandoned for number in measured) / len(waits),
            utilisation_sd=pstdev(100 * seconds / length for seconds in self._busy) if length else 0.0,
            worst_skill_service_level=min(100 * fmean(skill) for skill in in_time if skill),
        )

    def waits(self) -> dict[int, float]:
        """How long each caller after the warm-up waited, for an agent or in vain."""
        served = {**self._abandoned, **self._answered}
        measured = range(self._workload.warm_up, len(self._callers))
        return {number: served[number] - self._callers[number].t for number in measured}

    def _is_in_time(self, number: int) -> bool:
        return number in self._answered and self._answered[number] - self._callers[number].t <= IN_TIME


def _table(runs: dict[str, list[Figures]]) -> str:
    """One row per policy: the figures, and the mean wait's difference to longest idle with its standard error."""
    columns = [
        "mean wait s",
        "p95 s",
        "max s",
        "SL20 %",
        "abandoned %",
        "util. SD",
        "worst SL %",
        "vs longest idle %",
    ]
    rows = ["  ".join(["policy".ljust(17), *columns])]
    for name, found in runs.items():
        cells = [f"{fmean(getattr(one, field.name) for one in found):.2f}" for field in fields(Figures)]
        cells.append(_change(found, runs[BASE]))
        rows.append(
            "  ".join(
                [name.ljust(17), *(cell.rjust(len(at)) for cell, at in zip(cells, columns, strict=True))]
            )
        )
    return "\n".join(rows)


def _change(runs: Sequence[Figures], base: Sequence[Figures]) -> str:
    if not all(other.mean_wait_s for other in base):
        return ""
    pairs = zip(runs, base, strict=True)
    change = estimate([100 * (one.mean_wait_s / other.mean_wait_s - 1) for one, other in pairs])
    return f"{change.mean:+.2f} ±{change.error:.2f}"


class _Progress:
    """A bar on standard error, if that is a terminal."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def step(self) -> None:
        self._done += 1
        if sys.stderr.isatty():
            filled = 40 * self._done // self._total
            end = "\n" if self._done == self._total else ""
            sys.stderr.write(f"\r[{'█' * filled}{' ' * (40 - filled)}] {self._done}/{self._total}{end}")
            sys.stderr.flush()


def _seeds(text: str) -> range:
    """`11-16` or `7`."""
    first, sign, last = text.partition("-")
    if not first.isdecimal() or (sign and not last.isdecimal()) or (sign and int(last) < int(first)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a seed or a range of seeds such as 11-16")
    return range(int(first), int(last or first) + 1)
