"""What is promised of the engine's decisions, beside what was found: waits, spreads, overtakings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from routing import channelmix, vip
from routing.policies import POLICIES
from routing.simulate import Estimate, Figures, estimate, run
from routing.workload import find_workload

SEEDS = range(11, 17)
WORKLOADS = ("nmodel", "chain3", "bank6")


@dataclass(frozen=True, slots=True)
class Target:
    """Something promised, and what was found, with its standard error where several runs were made."""

    name: str
    limit: float
    found: float
    at_most: bool
    error: float = 0.0

    @property
    def is_met(self) -> bool:
        """Whether the promise holds."""
        return self.found <= self.limit if self.at_most else self.found >= self.limit


def all_policy_targets() -> Iterator[Target]:
    """Everything that is found by simulation; takes a minute."""
    yield from policy_targets()
    yield from vip_targets()
    yield from spread_targets()


def policy_targets(seeds: Sequence[int] = SEEDS) -> Iterator[Target]:
    """The targets on what customers meet, over the named workloads, all policies on the same callers of each seed."""
    runs = {workload: _run_all(workload, seeds) for workload in ("nmodel", "chain3", "bank6")}
    for handicap, limit in (("handicap_10", 1.0), ("handicap_30", 0.97)):
        ratios = [_ratio(found, handicap, "longest_idle", "mean_wait_s").mean for found in runs.values()]
        yield Target(
            f"mean wait of {handicap} / longest idle, mean of all", limit, fmean(ratios), at_most=True
        )
    limits = {"nmodel": (0.88, 1.20), "chain3": (0.95, 1.20), "bank6": (0.88, 1.45)}
    for workload, found in runs.items():
        to_round_robin, to_pooled = limits[workload]
        for name, ours, other, field, limit in (
            ("utilisation spread / longest idle", "handicap_10", "longest_idle", "utilisation_sd", 0.9),
            ("mean wait / round robin", "handicap_10", "round_robin", "mean_wait_s", to_round_robin),
            ("mean wait / 5 s poll", "handicap_10", "poll_5s", "mean_wait_s", 0.7),
            ("longest wait / longest idle", "handicap_10", "longest_idle", "max_s", 1.15),
            ("longest wait / strict priority", "handicap_10", "strict_priority", "max_s", 0.6),
            ("mean wait of handicap_30 / pooled", "handicap_30", "pooled", "mean_wait_s", to_pooled),
        ):
            ratio = _ratio(found, ours, other, field)
            yield Target(f"{workload}: {name}", limit, ratio.mean, at_most=True, error=ratio.error)
    found = _run_all("bank6hi", seeds, ("handicap_10", "strict_priority"))
    ratio = _ratio(found, "handicap_10", "strict_priority", "max_s")
    yield Target("bank6hi: longest wait / strict priority", 0.6, ratio.mean, at_most=True, error=ratio.error)


def vip_targets(seeds: Sequence[int] = SEEDS) -> Iterator[Target]:
    """Two points halve the long waits of those who have them, and nobody is overtaken beyond what the points are worth."""
    for workload in WORKLOADS:
        found = vip.compare(workload, seeds)
        pairs = zip(found["ours"], found["fcfs"], strict=True)
        ratio = estimate([ours.vip_p95_s / fcfs.vip_p95_s for ours, fcfs in pairs])
        yield Target(
            f"{workload} with VIPs and letters: p95 of VIPs / first come",
            0.5,
            ratio.mean,
            at_most=True,
            error=ratio.error,
        )
        others = ", ".join(
            f"{name} {sum(one.forbidden_overtakings for one in found[name])}" for name in ("fcfs", "strict")
        )
        ours = sum(one.forbidden_overtakings for one in found["ours"])
        yield Target(f"{workload} with VIPs and letters: overtakings ({others})", 0, ours, at_most=True)


def spread_targets(seeds: Sequence[int] = SEEDS) -> Iterator[Target]:
    """Chats are spread evenly and capacity is kept; in brackets the other ways."""
    found = channelmix.compare(seeds)

    def told(read: Callable[[channelmix.MixFigures], float]) -> str:
        return ", ".join(f"{way} {max(map(read, runs)):.0f}" for way, runs in found.items() if way != "ours")

    gap = max(one.widest_chat_gap for one in found["ours"])
    others = told(lambda one: one.widest_chat_gap)
    yield Target(f"60 agents, three channels: widest gap in chats ({others})", 1, gap, at_most=True)
    others = told(lambda one: one.breaches)
    breaches = sum(one.breaches for one in found["ours"])
    yield Target(f"60 agents, three channels: work beyond capacity ({others})", 0, breaches, at_most=True)


def _run_all(
    name: str, seeds: Sequence[int], policies: Sequence[str] = tuple(POLICIES)
) -> dict[str, list[Figures]]:
    workload = find_workload(name)
    runs: dict[str, list[Figures]] = {policy: [] for policy in policies}
    for seed in seeds:
        callers = workload.callers(seed)
        for policy in policies:
            runs[policy].append(run(workload, POLICIES[policy](workload), callers))
    return runs


def _ratio(runs: dict[str, list[Figures]], policy: str, other: str, field: str) -> Estimate:
    """How one policy compares with another on the same callers, over the seeds."""
    pairs = zip(runs[policy], runs[other], strict=True)
    return estimate([getattr(one, field) / getattr(two, field) for one, two in pairs])
