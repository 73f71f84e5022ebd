"""A router runs for months: what is over leaves nothing behind, even where nobody ever looks."""

from routing import AgentProfile, Config, Engine, Request

CHAT = Request((("s",),), channel="chat")


def test_abandoned_chats_of_a_night_without_agents_are_forgotten() -> None:
    engine = Engine(Config(), [AgentProfile("ann", {"s": 1})])
    for number in range(3000):
        engine.enqueue(number, number, CHAT)
        engine.abandon(number, number - 5)
    lanes = engine._floor.lanes._lane_of.values()
    assert sum(len(lane.wait) for lane in lanes) < 100
    assert len(list(engine.waiting())) == 5


def test_timers_of_tickets_that_are_over_are_forgotten() -> None:
    engine = Engine(Config(), [])
    for number in range(3000):
        engine.enqueue(number, number, Request((), opens_at=1e9))
        engine.abandon(number, number)
    assert len(engine._floor.timers._heap) < 100
    assert engine.next_due() is None


def test_idle_entries_in_a_lane_nobody_asks_for_are_forgotten() -> None:
    bob, ann = AgentProfile("bob", {"s": 1}, {"voice": 1}), AgentProfile("ann", {"s": 1}, {"voice": 1})
    engine = Engine(Config(), [bob, ann])
    engine.enqueue(0, "once", Request((("s",),)))
    engine.abandon(0, "once")
    engine.ready(0, "bob")
    (lane,) = engine._floor.lanes._lane_of.values()
    for t in range(3000):
        engine.ready(t, "ann")
        assert len(lane.idle) < 100
        assert engine._floor.agents["ann"].listed[0] in lane.idle
        engine.away(t, "ann")


def test_lanes_made_for_preferred_agents_are_forgotten() -> None:
    engine = Engine(Config(), [AgentProfile(number, {"s": 1}, {"voice": 1}) for number in range(3000)])
    engine.ready(0, *range(3000))
    engine.enqueue(0, "waits", Request((("other",),)))
    for number in range(3000):
        ticket = f"T{number}"
        assert engine.enqueue(1, ticket, Request((("s",),), prefer=number))[0].agent == number
        engine.abandon(1, ticket)
    assert len(engine._floor.lanes._lane_of) < 2000
    assert max(len(agent.lanes[0]) for agent in engine._floor.agents.values()) < 5
    engine.update_agent(2, AgentProfile(7, {"other": 1}, {"voice": 1}))
    assert engine.agent_of("waits") == 7
