"""A doubter measures the engine."""

import json
from dataclasses import replace

import pytest

from routing.__main__ import main
from routing.bench import Cell, measure, speed_targets
from routing.targets import Target, policy_targets


def test_quick_bench_tells_the_machine_and_the_cells(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--quick", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["seconds_per_10_million_adds"] > 0
    assert found["bytes_per_waiting_ticket"] < 1000
    assert {(cell["agents"], cell["waiting"]) for cell in found["cells"]} == {(100, 10_000), (1_000, 10_000)}
    assert {target["is_met"] for target in found["targets"] if target["name"].startswith("times")} == {True}


def test_engine_is_much_faster_than_a_scan() -> None:
    cell = measure(50, 2_000, 1, cycles=500, add=2e-8)
    assert cell.times_scan > 10
    assert 0 < cell.pick_p50_us <= cell.pick_p99_us


def test_larger_backlog_is_compared_with_the_smaller() -> None:
    small = Cell(100, 10_000, 1, 60_000, 1, 1, 1, 1, 150, 1, 1)
    large = Cell(100, 100_000, 1, 30_000, 1, 1, 2000, 1, 900, 1, 1)
    verdicts = {target.name.split(" (")[0]: target.is_met for target in speed_targets([small, large])}
    assert verdicts == {
        "times a list scan": False,
        "adds per cycle": True,
        "pick p99, thread CPU µs": False,
        "time at 100,000 / at 10,000 waiting": False,
    }
    assert Target("t", 1.5, 1.5, at_most=True).is_met


def test_more_is_asked_of_the_engine_on_a_fast_core() -> None:
    fast = Cell(100, 10_000, 1, 90_000, 300, 1, 1, 1, 150, 1, 1)
    slow = replace(fast, cycles_per_cpu_s=30_000)
    names = {cell: [target.name for target in speed_targets([cell])] for cell in (fast, slow)}
    assert len(names[fast]) == len(names[slow]) + 1
    verdicts = {target.name.split(" (")[0]: target.is_met for target in speed_targets([fast])}
    assert verdicts["cycles a CPU second"] is False
    assert verdicts["adds per cycle"] is False


@pytest.mark.soak
def test_policies_reach_their_targets() -> None:
    missed = [target for target in policy_targets(range(11, 14)) if not target.is_met]
    assert [target.name for target in missed if target.found > 1.1 * target.limit] == []
