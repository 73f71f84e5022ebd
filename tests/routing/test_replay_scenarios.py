"""A supervisor replays a story: every scenario file, one rule each, plays as its author expected."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.replay import difference, play, read_file
from tests.routing.oracle import Json, Oracle

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario_plays_as_expected(path: Path) -> None:
    for scenario in read_file(path, needs_expect=True)[0]:
        lines = [line for line, _ in play(scenario)]
        assert difference(scenario.expect or (), lines) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_oracle_agrees_with_the_scenario(path: Path) -> None:
    for scenario in stories(path):
        oracle = Oracle(scenario["config"], scenario["agents"])
        lines = [line for event in scenario["events"] for line in oracle.event(event)]
        assert difference(scenario["expect"], lines) == []


def test_there_are_scenarios_for_every_rule() -> None:
    rules = {path.name[:3] for path in FILES}
    assert {f"r{number:02}" for number in range(1, 13)} <= rules
    assert len(FILES) >= 40


def stories(path: Path) -> Iterator[Json]:
    content = json.loads(path.read_text("utf-8"))
    yield from content if isinstance(content, list) else [content]
