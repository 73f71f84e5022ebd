"""A supervisor runs `python -m routing replay`; what is wrong with a file is told in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from routing.__main__ import main

STORY: dict[str, Any] = {
    "name": "王丽 calls",
    "agents": [{"id": "ann", "skills": {"s": 1}}],
    "events": [[0, "ready", "ann"], [1, "enqueue", "T1", {"needs": [["s"]]}], [30, "tick"]],
    "expect": [[1, "offer", "T1", "ann"], [21.0000001, "missed", "T1", "ann"]],
}
ENQUEUE = {"needs": [["s"]]}


def run(tmp_path: Path, content: object, *options: str) -> int:
    path = tmp_path / "story.json"
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(raw)
    return main(["replay", *options, str(path)])


def test_decisions_are_printed_one_json_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, STORY) == 0
    out = capsys.readouterr().out
    assert out == '[1.0, "offer", "T1", "ann"]\n[21.0, "missed", "T1", "ann"]\n'


def test_list_of_scenarios_names_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nameless: dict[str, Any] = {"agents": [], "events": []}
    assert run(tmp_path, [STORY, nameless]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == '{"name": "王丽 calls"}'
    assert lines[-1] == '{"name": null}'


def test_check_passes_whatever_the_order_within_an_instant(tmp_path: Path) -> None:
    story = {**STORY, "expect": list(reversed(STORY["expect"]))}
    assert run(tmp_path, story, "--check") == 0


def test_check_prints_the_difference_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = {**STORY, "expect": [[1, "offer", "T1", "bob"], STORY["expect"][1]]}
    assert run(tmp_path, story, "--check") == 1
    diff = [line for line in capsys.readouterr().out.splitlines() if line[0] in "+-"]
    assert diff == ['+ [1.0, "offer", "T1", "ann"]', '- [1.0, "offer", "T1", "bob"]']


def test_one_wrong_scenario_of_a_list_fails_the_check(tmp_path: Path) -> None:
    assert run(tmp_path, [STORY, {**STORY, "expect": []}], "--check") == 1
    assert run(tmp_path, [STORY, STORY], "--check") == 0


def test_explain_adds_the_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, STORY, "--explain", "--check") == 0
    offer, missed = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert offer[:4] == [1.0, "offer", "T1", "ann"]
    assert offer[4]["key"] == {"enqueued_at": 1.0, "target": 0.0, "priority": 0, "key": 1.0, "arrival": 0}
    assert offer[4]["chosen"]["idle_since"] == 0
    assert missed[4]["candidates"][0]["obstacles"] == ["away"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"agents": None}, "$.agents"),
        ({"agents": [{"skills": {}}]}, "$.agents[0].id"),
        ({"agents": [{"id": True}]}, "$.agents[0].id"),
        ({"agents": [{"id": 7}, {"id": "7"}]}, "$.agents[1].id"),
        ({"agents": [{"id": "ann", "skills": {"s": 1.5}}]}, "$.agents[0].skills.s"),
        ({"agents": [{"id": "ann", "cap": {"fax": 1}}]}, "$.agents[0].cap.fax"),
        ({"agents": [{"id": "ann", "cap": {"chat": -1}}]}, "$.agents[0].cap.chat"),
        ({"agents": [{"id": "ann", "handicap": "10"}]}, "$.agents[0].handicap"),
        ({"agents": [{"id": "ann", "skill": {}}]}, "$.agents[0].skill"),
        ({"config": []}, "$.config"),
        ({"config": {"ring": -1}}, "$.config.ring"),
        ({"config": {"rings": 1}}, "$.config.rings"),
        ({"config": {"ring_by_channel": {"chat": "x"}}}, "$.config.ring_by_channel.chat"),
        ({"name": 7}, "$.name"),
        ({"events": {}}, "$.events"),
        ({"events": [[0]]}, "$.events[0]"),
        ({"events": ["ready"]}, "$.events[0]"),
        ({"events": [["0", "tick"]]}, "$.events[0][0]"),
        ({"events": [[10**400, "tick"]]}, "$.events[0][0]"),
        ({"events": [[5, "tick"], [4, "tick"]]}, "$.events[1][0]"),
        ({"events": [[0, "dance", "ann"]]}, "$.events[0][1]"),
        ({"events": [[0, 5]]}, "$.events[0][1]"),
        ({"events": [[0, "ready", "zed"]]}, "$.events[0][2]"),
        ({"events": [[0, "ready", ["ann", "zed"]]]}, "$.events[0][2][1]"),
        ({"events": [[0, "accept"]]}, "$.events[0]"),
        ({"events": [[0, "accept", None]]}, "$.events[0][2]"),
        ({"events": [[0, "complete", "T", -3]]}, "$.events[0][3]"),
        ({"events": [[0, "priority", "T", "high"]]}, "$.events[0][3]"),
        ({"events": [[0, "transfer", "T", ["s"]]]}, "$.events[0][3][0]"),
        ({"events": [[0, "enqueue", "T", {}]]}, "$.events[0][3].needs"),
        ({"events": [[0, "enqueue", "T", {"needs": [["s>=x"]]}]]}, "$.events[0][3].needs[0][0]"),
        ({"events": [[0, "enqueue", "T", {"needs": [[5]]}]]}, "$.events[0][3].needs[0][0]"),
        ({"events": [[0, "enqueue", "T", {**ENQUEUE, "channel": "fax"}]]}, "$.events[0][3].channel"),
        ({"events": [[0, "enqueue", "T", {**ENQUEUE, "perfer": "ann"}]]}, "$.events[0][3].perfer"),
        ({"events": [[0, "enqueue", "T", {**ENQUEUE, "steps": [[1]]}]]}, "$.events[0][3].steps[0]"),
        ({"events": [[0, "enqueue", "T", {**ENQUEUE, "steps": [[-1, []]]}]]}, "$.events[0][3].steps[0][0]"),
        ({"expect": [[1, "returned", "T", "ann"]]}, "$.expect[0]"),
        ({"expect": [[1, "offer", "T"]]}, "$.expect[0]"),
    ],
)
def test_mistake_is_told_in_one_line_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], path: str
) -> None:
    assert run(tmp_path, {**STORY, **change}) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"{path}: ")
    assert captured.err.count("\n") == 1


def test_mistake_in_a_list_names_the_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, [STORY, {**STORY, "events": 5}]) == 2
    assert capsys.readouterr().err.startswith("$[1].events: ")


def test_check_without_expectation_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, [{"agents": [], "events": []}], "--check") == 2
    assert capsys.readouterr().err.startswith("$[0].expect: missing")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe", b"[NaN]", b"[" * 100_000, b'{"agents": [], "events": [[1e999, "tick"]]}', b"7"],
    ids=["empty", "cut off", "not UTF-8", "NaN", "deep", "infinite", "number"],
)
def test_file_that_is_no_scenario_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes
) -> None:
    assert run(tmp_path, raw) == 2
    error = capsys.readouterr().err
    assert error.startswith("$")
    assert error.count("\n") == 1


def test_missing_file_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err.endswith("none.json: No such file or directory\n")


def test_reader_who_leaves_early_gets_no_stack_trace(tmp_path: Path) -> None:
    (tmp_path / "story.json").write_text(json.dumps(STORY), "utf-8")
    nobody_reads, output = os.pipe()
    os.close(nobody_reads)
    command = [sys.executable, "-m", "routing", "replay", str(tmp_path / "story.json")]
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False)
    os.close(output)
    assert (done.returncode, done.stderr) == (0, b"")
