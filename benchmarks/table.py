"""What every benchmark gives, rows, and how they are shown: one table under the state of the machine."""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDITIONS = 10_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `target` is the most it may be, or with `at_least` the least; None: stated, not promised."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    spread: str = ""
    """How far single measurements lay apart, or their number."""
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


def show(rows: Sequence[Row]) -> None:
    """As a table of Markdown; what is not met is said loudly."""
    print("| what | figure | target | met | spread | |\n| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        target = "" if row.target is None else f"{sign} {shown(row.target)} {row.unit}"
        met = {None: "", True: "yes", False: "**no**"}[row.is_met]
        figure = f"{shown(row.value)} {row.unit}"
        print(f"| {row.name} | {figure} | {target} | {met} | {row.spread} | {row.note} |", flush=True)


def shown(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread_of(values: Sequence[float]) -> str:
    """From the least to the most."""
    return f"{shown(min(values))}–{shown(max(values))}, n = {len(values)}"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def quantile(values: Sequence[float], part: float) -> float:
    """The value that so great a part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def machine() -> Iterator[str]:
    """What the figures were measured on, in one line each."""
    yield f"{os.cpu_count()} processors, Python {platform.python_version()}, {_commit()}"
    begun = time.process_time()
    for _number in range(ADDITIONS):
        _number + 1
    each_ns = 1e9 * (time.process_time() - begun) / ADDITIONS
    yield f"{1e3 / each_ns:.0f} million additions a second of processor time in a loop ({each_ns:.0f} ns each)"


def load() -> str:
    return "load average " + " ".join(f"{one:.1f}" for one in os.getloadavg())


def _commit() -> str:
    """The commit, and whether the checkout differs from it."""

    def git(*words: str) -> str:
        asked = subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
        return asked.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return f"commit {git('rev-parse', '--short', 'HEAD') or 'unknown'}{changed}"


def main(rows: Sequence[Row]) -> int:
    """How a benchmark that runs alone ends."""
    for line in machine():
        print(line)
    show(rows)
    print(load(), file=sys.stderr)
    return 0
