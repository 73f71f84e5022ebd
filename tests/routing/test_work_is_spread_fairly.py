"""A floor of voice, chats and e-mails: nobody gets more than fits, and chats are spread evenly."""

import random

from routing import AgentProfile, Config, Engine, Id, Request, TicketState, handicap
from tests.routing.invariants import check_invariants

CAPS = {"voice": 1, "chat": 3, "email": 5}
CHANNELS = ("chat", "chat", "chat", "voice", "email")


def test_chats_of_equal_agents_differ_by_one_at_most() -> None:
    engine = Engine(Config(ring=0), [AgentProfile(number, {"s": 1}, CAPS) for number in range(20)])
    engine.ready(0, *range(20))
    for number in range(60):
        engine.enqueue(number + 1, number, Request((("s",),), channel="chat"))
        chats = [engine.load_of(agent)["chat"] for agent in range(20)]
        assert max(chats) - min(chats) <= 1
    assert engine.enqueue(99, "one too many", Request((("s",),), channel="chat")) == []


def test_a_busy_day_on_three_channels_breaks_no_capacity() -> None:
    dice = random.Random(4)
    engine = Engine(Config(ring=0), [AgentProfile(number, {"s": 1}, CAPS) for number in range(12)])
    engine.ready(0, *range(12))
    active: list[Id] = []
    for t in range(1, 1500):
        request = Request((("s",),), channel=dice.choice(CHANNELS), priority=dice.choice([0, 0, 0, 2]))
        decisions = engine.enqueue(t, t, request)
        if len(active) > 20 or (active and dice.random() < 0.4):
            ticket = active.pop(dice.randrange(len(active)))
            assert engine.state_of(ticket) is TicketState.ACTIVE
            decisions = decisions + engine.complete(t, ticket, wrap=dice.choice([0, 0, 5]))
        decisions = decisions + engine.advance(t)
        for decision in decisions:
            engine.accept(t, decision.ticket)
            active.append(decision.ticket)
        check_invariants(engine, [])


def test_handicap_counts_skills_beyond_the_first() -> None:
    assert [handicap(skills) for skills in (0, 1, 2, 5)] == [0, 0, 10, 40]
    assert handicap(3, 30) == 60
    assert handicap(3, 0) == 0
