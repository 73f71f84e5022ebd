"""The engine decides what the slow, obvious reference decides, event by event, on random streams."""

import os

import pytest

from routing import Engine
from routing.jsonnode import Node
from routing.scenario import read_scenario
from tests.routing.invariants import check_invariants
from tests.routing.streams import random_stream

STREAMS = int(os.environ.get("ROUTING_STREAMS", "300"))
GROUP = 25


@pytest.mark.parametrize("first", range(0, STREAMS, GROUP))
def test_engine_decides_as_the_oracle_does(first: int) -> None:
    for seed in range(first, min(first + GROUP, STREAMS)):
        scenario, decided = random_stream(seed)
        story = read_scenario(Node(scenario))
        engine = Engine(story.config, story.agents)
        for number, (event, expected) in enumerate(zip(story.events, decided, strict=True)):
            decisions = event.play(engine)
            found = {tuple(decision[:4]) for decision in decisions if decision.kind != "returned"}
            assert found == set(expected), f"seed {seed}, event {number}: {scenario['events'][number]}"
            check_invariants(engine, decisions)
