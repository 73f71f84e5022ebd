"""Workloads for simulations: who calls, how long it takes, who works. The named ones lie in `workloads.json`."""

import math
import random
from dataclasses import dataclass
from pathlib import Path

from routing.jsonnode import Malformed, Node, parse

MEMBERS = frozenset(
    {"skills_share", "agents_skills", "aht_s", "patience_s", "rho", "arrivals_per_s", "arrivals", "warm_up"},
)
ARRIVALS = 20_000
WARM_UP = 2_000


@dataclass(frozen=True, slots=True)
class Caller:
    """One call: when it comes, the skill it needs, how long it takes and how long it would wait; seconds."""

    t: float
    skill: int
    handling: float
    patience: float


@dataclass(frozen=True, slots=True)
class Workload:
    """Poisson arrivals of single-skill calls, exponential handling and patience.

    `agents_skills` lists each agent's skills by number; the first `warm_up` of the `arrivals` are not measured.
    """

    name: str
    skills_share: tuple[float, ...]
    agents_skills: tuple[tuple[int, ...], ...]
    arrivals_per_s: float
    aht: float
    patience: float
    arrivals: int = ARRIVALS
    warm_up: int = WARM_UP

    def pooled(self) -> "Workload":
        """The same with every agent able to do everything: the bound no routing can beat."""
        everything = tuple(range(len(self.skills_share)))
        return Workload(
            self.name,
            self.skills_share,
            (everything,) * len(self.agents_skills),
            self.arrivals_per_s,
            self.aht,
            self.patience,
            self.arrivals,
            self.warm_up,
        )

    def callers(self, seed: int) -> list[Caller]:
        """The calls of one run; the same for every policy, so that differences are the policies'."""
        dice = random.Random(seed)  # noqa: S311 — simulated calls, no secrets
        skills = range(len(self.skills_share))
        drawn = dice.choices(skills, self.skills_share, k=self.arrivals)
        t = 0.0
        callers = []
        for skill in drawn:
            t += dice.expovariate(self.arrivals_per_s)
            handling = dice.expovariate(1 / self.aht)
            patience = dice.expovariate(1 / self.patience) if math.isfinite(self.patience) else math.inf
            callers.append(Caller(t, skill, handling, patience))
        return callers


def named_workloads() -> dict[str, Node]:
    """The workloads that come with the engine."""
    return parse((Path(__file__).parent / "workloads.json").read_bytes()).member("workloads").object()


def find_workload(name_or_file: str) -> Workload:
    """A workload by its name, or from a file with one workload. Malformed if there is neither."""
    named = named_workloads()
    if name_or_file in named:
        return read_workload(name_or_file, named[name_or_file])
    path = Path(name_or_file)
    try:
        return read_workload(path.stem, parse(path.read_bytes()))
    except OSError as error:
        known = ", ".join(sorted(named))
        raise Malformed(
            f"{name_or_file}: {error.strerror} (and no workload of that name; there are {known})"
        ) from error


def read_workload(name: str, node: Node) -> Workload:
    """Read one workload. Malformed names the first mistake."""
    members = node.object(MEMBERS)
    shares = tuple(item.number(0) for item in node.member("skills_share"))
    if not sum(shares):
        raise node.member("skills_share").fail("at least one share above 0")
    agents = tuple(_skills(item, len(shares)) for item in node.member("agents_skills"))
    if not agents:
        raise node.member("agents_skills").fail("at least one agent")
    for skill, share in enumerate(shares):
        if share and not any(skill in skills for skills in agents):
            raise Malformed(f"{node.path}.agents_skills: nobody has skill {skill}")
    patience = members.get("patience_s")
    arrivals = members["arrivals"].whole(1) if "arrivals" in members else ARRIVALS
    warm_up = members["warm_up"].whole() if "warm_up" in members else min(WARM_UP, arrivals // 10)
    if warm_up >= arrivals:
        raise members["warm_up"].fail(f"fewer than the {arrivals} arrivals")
    return Workload(
        name=name,
        skills_share=shares,
        agents_skills=agents,
        arrivals_per_s=_positive(node.member("arrivals_per_s")),
        aht=_positive(node.member("aht_s")),
        patience=math.inf if patience is None or patience.is_null() else _positive(patience),
        arrivals=arrivals,
        warm_up=warm_up,
    )


def _skills(node: Node, count: int) -> tuple[int, ...]:
    skills = []
    for item in node:
        skill = item.whole()
        if skill >= count:
            raise item.fail(f"a skill below {count}")
        skills.append(skill)
    return tuple(skills)


def _positive(node: Node) -> float:
    value = node.number(0)
    if value == 0:
        raise node.fail("a number above 0")
    return value
