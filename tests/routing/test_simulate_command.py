"""A planner compares ways of routing on the same calls."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from routing.__main__ import main
from routing.erlang import Demand, service
from routing.jsonnode import Node
from routing.policies import POLICIES
from routing.simulate import run
from routing.workload import find_workload, read_workload

SMALL: dict[str, Any] = {
    "skills_share": [0.6, 0.4],
    "agents_skills": [[0], [0], [0, 1], [1], [0, 1]],
    "aht_s": 100,
    "patience_s": 60,
    "arrivals_per_s": 0.05,
    "arrivals": 1500,
    "warm_up": 100,
}


def write_workload(tmp_path: Path, content: object) -> str:
    path = tmp_path / "monday.json"
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def test_figures_of_every_policy_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", write_workload(tmp_path, SMALL), "--seeds", "1-2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["workload"], found["seeds"]) == ("monday", [1, 2])
    assert list(found["policies"]) == list(POLICIES)
    ours, pooled = found["policies"]["handicap_10"], found["policies"]["pooled"]
    assert pooled["mean_wait_s"] < ours["mean_wait_s"]
    assert 0 < ours["abandoned"] < 50 < ours["service_level_20"] < 100
    assert ours["standard_errors"]["mean_wait_s"] > 0
    assert found["policies"]["longest_idle"]["difference_to_longest_idle_pct"]["p95_s"] == {
        "mean": 0,
        "error": 0,
    }


def test_table_names_what_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", write_workload(tmp_path, SMALL), "--seeds", "7", "--policy", "round_robin"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["policy", "longest_idle", "round_robin"]


def test_same_seed_gives_the_same_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["simulate", write_workload(tmp_path, SMALL), "--seeds", "3", "--policy", "handicap_30"]
    main(command)
    first = capsys.readouterr().out
    main(command)
    assert capsys.readouterr().out == first


def test_one_skill_is_what_erlang_a_says() -> None:
    """The engine, driven by the simulator, against the formula for one queue."""
    workload = read_workload(
        "one", Node({**SMALL, "skills_share": [1], "agents_skills": [[0]] * 6, "arrivals": 20_000})
    )
    figures = [run(workload, POLICIES["longest_idle"](workload), workload.callers(seed)) for seed in (1, 2)]
    expected = service(6, Demand(0.05, 100, 60), 20)
    assert sum(one.service_level_20 for one in figures) / 200 == pytest.approx(
        expected.service_level, abs=0.02
    )
    assert sum(one.mean_wait_s for one in figures) / 2 == pytest.approx(expected.asa, rel=0.15)


def test_all_ways_but_strict_priority_agree_when_there_is_no_choice() -> None:
    """One agent, one queue: whoever decides, the same callers are answered at the same time."""
    workload = read_workload(
        "one", Node({**SMALL, "skills_share": [1], "agents_skills": [[0]], "arrivals": 300})
    )
    callers = workload.callers(1)
    found = {name: asdict(run(workload, make(workload), callers)) for name, make in POLICIES.items()}
    polled = found.pop("poll_5s")
    assert all(figures == found["pooled"] for figures in found.values())
    assert polled["mean_wait_s"] > found["pooled"]["mean_wait_s"]


def test_endless_patience_abandons_nobody() -> None:
    workload = read_workload("patient", Node({**SMALL, "patience_s": None, "arrivals_per_s": 0.03}))
    for make in POLICIES.values():
        assert run(workload, make(workload), workload.callers(1)).abandoned == 0


@pytest.mark.parametrize("name", ["nmodel", "chain3", "bank6", "bank6hi"])
def test_named_workloads_are_there(name: str) -> None:
    workload = find_workload(name)
    assert len(workload.agents_skills) == 60
    assert (workload.arrivals, workload.warm_up) == (20_000, 2_000)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"skills_share": []}, "$.skills_share"),
        ({"skills_share": [1, -1]}, "$.skills_share[1]"),
        ({"agents_skills": []}, "$.agents_skills"),
        ({"agents_skills": [[0], [2]]}, "$.agents_skills[1][0]"),
        ({"agents_skills": [[0]]}, "$.agents_skills"),
        ({"aht_s": 0}, "$.aht_s"),
        ({"patience_s": -5}, "$.patience_s"),
        ({"warm_up": 1500}, "$.warm_up"),
        ({"arrivals": 0}, "$.arrivals"),
        ({"colour": "red"}, "$.colour"),
    ],
)
def test_mistake_in_a_workload_is_told_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], path: str
) -> None:
    assert main(["simulate", write_workload(tmp_path, {**SMALL, **change})]) == 2
    assert capsys.readouterr().err.startswith(f"{path}: ")


def test_unknown_workload_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "nmodle"]) == 2
    assert "there are bank6, bank6hi, chain3, nmodel" in capsys.readouterr().err


@pytest.mark.parametrize("seeds", ["x", "3-1", "1-", "-"])
def test_seeds_that_are_none_are_refused(capsys: pytest.CaptureFixture[str], seeds: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["simulate", "nmodel", f"--seeds={seeds}"])
    assert "is not a seed" in capsys.readouterr().err
