"""An agent asks "why me?", a supervisor "why is this waiting?"."""

import json

import pytest

from routing import AgentProfile, Config, Engine, Explanation, Obstacle, Request
from routing.explain import AgentKey
from routing.jsonnode import Node
from routing.scenario import read_scenario
from tests.routing.streams import random_stream

NEEDS = (("billing>=3", "lang:zh"), ("agent:eve",))
AGENTS = [
    AgentProfile("ann", {"billing": 4, "lang:zh": 1}, {"voice": 1, "chat": 2}, handicap=10),
    AgentProfile("bob", {"billing": 2, "lang:zh": 1}, {"voice": 1, "chat": 2}),
    AgentProfile("cyd", {"billing": 3, "lang:zh": 2}, {"voice": 1, "chat": 2}),
    AgentProfile("eve", {}, {"chat": 1}),
]


def explain(engine: Engine, ticket: str) -> Explanation:
    explanation = engine.explain(ticket)
    assert explanation is not None
    return explanation


def obstacles(explanation: Explanation) -> dict[object, tuple[Obstacle, ...]]:
    return {candidate.key.agent: candidate.obstacles for candidate in explanation.candidates}


def test_waiting_ticket_tells_what_keeps_each_agent() -> None:
    engine = Engine(Config(), AGENTS)
    engine.enqueue(0, "T0", Request((("billing",),), channel="chat"))
    engine.ready(1, "bob")
    engine.enqueue(5, "T", Request(NEEDS, channel="chat", priority=2, target=60, steps=((30, ((),)),)))
    found = explain(engine, "T")
    assert found.state == "waiting"
    assert (found.key.enqueued_at, found.key.target, found.key.priority, found.key.key) == (5, 60, 2, -55)
    assert found.needs == NEEDS
    assert found.next_change_at == 35
    assert found.chosen is None
    assert obstacles(found) == {
        "ann": (Obstacle.AWAY,),
        "bob": (Obstacle.LACKS,),
        "cyd": (Obstacle.AWAY,),
        "eve": (Obstacle.AWAY,),
    }
    assert {c.key.agent: c.lacks for c in found.candidates}["bob"] == ("billing>=3",)


def test_capacity_wrap_up_and_cooldown_are_told_with_their_end() -> None:
    engine = Engine(Config(), AGENTS)
    engine.ready(0, "ann", "cyd", "eve")
    for number in range(6):
        engine.enqueue(number, f"C{number}", Request(NEEDS, channel="chat"))
    assert obstacles(explain(engine, "C5")) == {
        "ann": (Obstacle.FULL,),
        "bob": (Obstacle.LACKS, Obstacle.AWAY),
        "cyd": (Obstacle.FULL,),
        "eve": (Obstacle.FULL,),
    }
    assert explain(engine, "C5").ahead == 0
    taken = next(ticket for ticket in ("C0", "C1", "C2") if engine.agent_of(ticket) == "eve")
    engine.accept(6, taken)
    engine.complete(7, taken, wrap=100)
    engine.reject(8, "C0")
    by_agent = {candidate.key.agent: candidate for candidate in explain(engine, "C0").candidates}
    assert Obstacle.WRAP_UP in by_agent["eve"].obstacles
    assert by_agent["eve"].until == 107
    assert [c.until for c in by_agent.values() if Obstacle.BARRED in c.obstacles] == [38]


def test_call_blocks_a_chat() -> None:
    engine = Engine(Config(), AGENTS[:1])
    engine.ready(0, "ann")
    engine.enqueue(0, "V", Request(((),)))
    engine.enqueue(1, "C", Request(((),), channel="chat"))
    assert obstacles(explain(engine, "C")) == {"ann": (Obstacle.BLOCKED,)}


def test_offer_tells_the_keys_it_was_decided_by() -> None:
    engine = Engine(Config(), AGENTS)
    engine.ready(0, "ann")
    engine.ready(5, "cyd")
    engine.enqueue(20, "T", Request(NEEDS))
    found = explain(engine, "T")
    assert found.decided_at == 20
    assert found.chosen is not None
    assert (found.chosen.agent, found.chosen.load_share, found.chosen.idle_since) == ("cyd", 0, 5)
    assert [c.key.agent for c in found.candidates if not c.obstacles] == ["cyd", "ann"]


def test_joint_offers_tell_who_got_what_instead() -> None:
    engine = Engine(Config(), AGENTS)
    engine.enqueue(0, "T1", Request((("lang:zh",),)))
    engine.enqueue(1, "T2", Request((("billing>=4",),)))
    engine.ready(2, "ann", "bob")
    by_agent = {candidate.key.agent: candidate for candidate in explain(engine, "T1").candidates}
    assert engine.agent_of("T1") == "bob"
    assert by_agent["ann"].obstacles == (Obstacle.MATCHED,)
    assert by_agent["ann"].matched == ("T2",)


def test_tickets_ahead_are_those_for_the_same_agents() -> None:
    engine = Engine(Config(), AGENTS)
    engine.enqueue(0, "T1", Request((("x",), ("y",))))
    engine.enqueue(1, "T2", Request((("z",),)))
    engine.enqueue(2, "T3", Request((("y",),)))
    engine.enqueue(3, "T4", Request((("x",), ("y",))))
    assert [explain(engine, ticket).ahead for ticket in ("T1", "T2", "T3", "T4")] == [0, 0, 1, 2]


def test_ticket_before_its_opening_time_needs_nobody_yet() -> None:
    engine = Engine(Config(), AGENTS[:1])
    engine.ready(0, "ann")
    engine.enqueue(0, "T", Request(((),), opens_at=60))
    found = explain(engine, "T")
    assert (found.needs, found.next_change_at) == ((), 60)
    assert obstacles(found) == {"ann": (Obstacle.LACKS,)}


def test_ticket_given_by_hand_was_chosen_by_no_key() -> None:
    engine = Engine(Config(), AGENTS)
    engine.assign(0, "T", "ann", Request(((),)))
    found = explain(engine, "T")
    assert found.chosen is None
    assert found.decided_at is None


def test_explanation_is_ready_for_json() -> None:
    engine = Engine(Config(), AGENTS)
    engine.ready(0, "ann")
    engine.enqueue(1, "T", Request(NEEDS))
    told = json.loads(json.dumps(explain(engine, "T").as_dict()))
    assert told["chosen"]["agent"] == "ann"
    assert told["candidates"][1]["obstacles"] == ["lacks", "away"]


@pytest.mark.parametrize("seed", range(20))
def test_looking_only_at_those_with_room_tells_the_same_of_who_could(seed: int) -> None:
    story = read_scenario(Node(random_stream(seed)[0]))
    engine = Engine(story.config, story.agents)
    for event in story.events:
        for decision in event.play(engine):
            whole = engine.explain(decision.ticket)
            short = engine.explain(decision.ticket, only_with_room=True)
            assert whole is not None
            assert short is not None
            assert (short.key, short.chosen, short.needs) == (whole.key, whole.chosen, whole.needs)
            assert able(short) == able(whole)


def able(explanation: Explanation) -> list[AgentKey]:
    return [each.key for each in explanation.candidates if not each.obstacles]
