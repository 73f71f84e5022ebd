"""The engine decides what the slow, obvious reference decides, event by event, on random streams."""

import os

import pytest

from routing import Decision, Engine
from routing.jsonnode import Node
from routing.scenario import Event, read_scenario
from tests.routing.invariants import check_invariants
from tests.routing.oracle import Line
from tests.routing.streams import random_stream

STREAMS = int(os.environ.get("ROUTING_STREAMS", "500"))
SOAK_STREAMS = 5000
GROUP = 25


@pytest.mark.parametrize("first", range(0, STREAMS, GROUP))
def test_engine_decides_as_the_oracle_does(first: int) -> None:
    compare_streams(range(first, min(first + GROUP, STREAMS)))


@pytest.mark.soak
@pytest.mark.parametrize("first", range(STREAMS, SOAK_STREAMS, GROUP))
def test_engine_decides_as_the_oracle_does_for_long(first: int) -> None:
    compare_streams(range(first, min(first + GROUP, SOAK_STREAMS)))


def compare_streams(seeds: range) -> None:
    for seed in seeds:
        scenario, decided = random_stream(seed)
        story = read_scenario(Node(scenario))
        engine = Engine(story.config, story.agents)
        stepwise = Engine(story.config, story.agents)
        for number, (event, expected) in enumerate(zip(story.events, decided, strict=True)):
            where = f"seed {seed}, event {number}: {scenario['events'][number]}"
            assert lines(event.play(engine)) == set(expected), where
            assert lines(play_stepwise(stepwise, event)) == set(expected), where


def play_stepwise(engine: Engine, event: Event) -> list[Decision]:
    """Let every timer fire on its own, as a live process does, and look around after each step."""
    decisions = []
    while (due := engine.next_due()) is not None and due <= event.t:
        step = engine.advance(due)
        check_invariants(engine, step)
        decisions += step
    step = event.play(engine)
    check_invariants(engine, step)
    return decisions + step


def lines(decisions: list[Decision]) -> set[Line]:
    return {decision[:4] for decision in decisions if decision.kind != "returned"}
