"""A live process drives the engine: restarts, stalls, staff that comes and goes, work given by hand."""

import pytest

from routing import (
    JUST_AFTER,
    AgentProfile,
    AgentSnapshot,
    Config,
    Decision,
    Engine,
    Obstacle,
    Request,
    Snapshot,
    TicketSnapshot,
    TicketState,
)
from routing.jsonnode import Node
from routing.scenario import read_scenario
from tests.routing.invariants import check_invariants
from tests.routing.streams import random_stream

SALES = Request((("sales",),))
SALES_CHAT = Request((("sales",),), channel="chat")
ALICE = AgentProfile(1, {"sales": 3, "lang:zh": 1}, {"voice": 1, "chat": 2})
BEN = AgentProfile(2, {"sales": 1}, {"voice": 1, "chat": 2})


def offers(decisions: list[Decision]) -> list[tuple[object, object]]:
    return [(decision.ticket, decision.agent) for decision in decisions if decision.kind == "offer"]


def test_offer_carries_its_absolute_deadline() -> None:
    engine = Engine(
        Config(ring=20, ring_by_channel={"chat": 45, "email": 0}), [ALICE, AgentProfile(3, {"sales": 1})]
    )
    engine.ready(1000, 1, 3)
    assert engine.enqueue(1000, "call", SALES) == [Decision(1000, "offer", "call", 1, 1020)]
    assert engine.enqueue(1000, "chat", SALES_CHAT) == [Decision(1000, "offer", "chat", 3, 1045)]
    mail = Request((("sales",),), channel="email", ring=7)
    assert engine.enqueue(1001, "mail", mail) == [Decision(1001, "offer", "mail", 3, 1008)]
    assert engine.enqueue(1002, "mail2", Request((("sales",),), channel="email"))[0].deadline is None
    assert engine.next_due() == 1008


def test_next_due_is_none_when_nothing_is_pending() -> None:
    engine = Engine(Config(), [ALICE])
    engine.ready(0, 1)
    assert engine.next_due() is None
    engine.enqueue(0, "T", SALES)
    engine.accept(5, "T", 1)
    assert engine.next_due() is None


def test_advance_tells_missed_and_returned_offers() -> None:
    engine = Engine(Config(), [ALICE])
    engine.ready(0, 1)
    engine.enqueue(0, "C1", SALES_CHAT)
    engine.enqueue(5, "C2", SALES_CHAT)
    assert engine.advance(19.9) == []
    assert engine.advance(20) == [Decision(20, "missed", "C1", 1), Decision(20, "returned", "C2", 1)]
    assert not engine.is_ready(1)
    assert set(engine.waiting()) == {"C1", "C2"}


def test_accept_by_another_agent_is_ignored() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1, 2)
    engine.enqueue(0, "T", SALES)
    engine.accept(1, "T", 2)
    engine.reject(1, "T", 2)
    assert engine.state_of("T") == TicketState.OFFERED
    engine.accept(1, "T", 1)
    assert engine.state_of("T") == TicketState.ACTIVE
    assert engine.agent_of("T") == 1
    assert engine.load_of(1) == {"voice": 1, "chat": 0, "email": 0}


def test_ticket_told_late_keeps_its_age() -> None:
    engine = Engine(Config(), [ALICE])
    engine.enqueue(100, "early", SALES)
    engine.enqueue(110, "late", Request((("none",),), steps=((30, (("sales",),)),)), enqueued_at=70)
    assert offers(engine.ready(110, 1)) == [("late", 1)]


def test_offer_that_never_reached_its_agent_is_taken_back() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1)
    engine.enqueue(0, "T", SALES)
    engine.away(1, 1)
    engine.ready(1, 2)
    assert engine.agent_of("T") == 2
    engine.ready(2, 1)
    assert offers(engine.release(3, "T")) == [("T", 2)]
    assert engine.next_due() == 23


def test_clock_that_steps_back_counts_as_standing_still() -> None:
    engine = Engine(Config(), [ALICE])
    engine.ready(100, 1)
    assert engine.enqueue(90, "T", SALES) == [Decision(100, "offer", "T", 1, 120)]
    assert engine.now == 100


def test_unknown_tickets_and_agents_change_nothing() -> None:
    engine = Engine(Config(), [ALICE])
    for decisions in (
        engine.ready(0, 99),
        engine.away(0, 99),
        engine.end_wrap_up(0, 1),
        engine.update_agent(0, AgentProfile(99)),
        engine.remove_agent(0, 99),
        engine.assign(0, "T", 99, SALES),
        engine.assign(0, "T", 1),
        engine.require(0, "T", ((),)),
        engine.release(0, "T"),
    ):
        assert decisions == []
    assert engine.explain("T") is None
    assert engine.state_of("T") is None
    assert engine.agent_of("T") is None
    assert engine.load_of(99) == {}


def test_nonsense_is_refused_before_anything_changes() -> None:
    engine = Engine(Config(), [ALICE])
    with pytest.raises(ValueError, match="no channel 'fax'"):
        engine.enqueue(0, "T", Request(((),), channel="fax"))
    with pytest.raises(ValueError, match="level of at least 1"):
        engine.enqueue(0, "T", Request((("s>=0",),)))
    with pytest.raises(ValueError, match="names no skill"):
        engine.enqueue(0, "T", Request(((),), steps=((5, ((">=2",),)),)))
    with pytest.raises(ValueError, match="no channel 'fax'"):
        engine.update_agent(0, AgentProfile(1, {}, {"fax": 1}))
    with pytest.raises(ValueError, match="already there"):
        engine.add_agent(ALICE)
    assert engine.state_of("T") is None


def test_new_skill_at_run_time_brings_waiting_work() -> None:
    engine = Engine(Config(), [BEN])
    engine.ready(0, 2)
    engine.enqueue(1, "T", Request((("lang:zh",),)))
    assert offers(engine.update_agent(5, AgentProfile(2, {"lang:zh": 1}, {"voice": 1}))) == [("T", 2)]
    assert engine.enqueue(6, "T2", SALES) == []


def test_smaller_capacity_keeps_work_at_hand() -> None:
    engine = Engine(Config(), [BEN])
    engine.ready(0, 2)
    engine.enqueue(0, "C1", SALES_CHAT)
    engine.enqueue(0, "C2", SALES_CHAT)
    engine.update_agent(1, AgentProfile(2, {"sales": 1}, {"chat": 1}))
    engine.enqueue(2, "C3", SALES_CHAT)
    engine.accept(3, "C1")
    engine.accept(3, "C2")
    assert engine.complete(4, "C1") == []
    assert offers(engine.complete(5, "C2")) == [("C3", 2)]


def test_agent_added_at_run_time_is_last_in_the_roster() -> None:
    engine = Engine(Config(), [BEN])
    engine.enqueue(0, "T", SALES)
    engine.add_agent(ALICE)
    assert offers(engine.ready(1, 1, 2)) == [("T", 2)]


def test_removed_agent_returns_offers_and_finishes_work() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1)
    engine.enqueue(0, "C1", SALES_CHAT)
    engine.accept(0, "C1")
    engine.enqueue(0, "C2", SALES_CHAT)
    engine.ready(1, 2)
    assert engine.remove_agent(2, 1) == [Decision(2, "returned", "C2", 1), Decision(2, "offer", "C2", 2, 22)]
    assert engine.agent_of("C1") == 1
    engine.complete(3, "C1", wrap=5)
    assert engine.state_of("C1") is None
    engine.add_agent(ALICE)
    assert engine.load_of(1)["chat"] == 0
    assert engine.advance(30) == [Decision(22, "missed", "C2", 2)]


def test_work_of_a_removed_agent_can_be_released() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1)
    engine.enqueue(0, "T", SALES)
    engine.accept(0, "T")
    engine.ready(1, 2)
    engine.remove_agent(2, 1)
    assert offers(engine.release(3, "T")) == [("T", 2)]


def test_supervisor_gives_a_waiting_ticket_to_one_agent() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.enqueue(0, "T", Request((("nobody has this",),), steps=((60, ((),)),)))
    engine.ready(1, 1, 2)
    assert offers(engine.require(2, "T", (("agent:2",),))) == [("T", 2)]
    engine.advance(22)
    assert engine.advance(100) == []
    assert set(engine.waiting()) == {"T"}


def test_ticket_that_comes_back_to_its_agent_keeps_the_age_it_is_told() -> None:
    """A chat that was silent: should it wait again, it goes before who came meanwhile."""
    engine = Engine(Config(cooldown=0), [ALICE])
    engine.enqueue(50, "later", SALES_CHAT)
    engine.assign(100, "back", 1, SALES_CHAT, enqueued_at=10)
    engine.release(101, "back")
    engine.update_agent(101, AgentProfile(1, {"sales": 3}, {"chat": 1}))
    assert offers(engine.ready(102, 1)) == [("back", 1)]


def test_ticket_taken_by_hand_is_active_beyond_capacity() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1, 2)
    for ticket in ("C1", "C2"):
        engine.assign(0, ticket, 1, SALES_CHAT)
    engine.assign(1, "C3", 1, SALES_CHAT)
    assert engine.load_of(1)["chat"] == 3
    assert offers(engine.enqueue(2, "C4", SALES_CHAT)) == [("C4", 2)]
    assert engine.assign(3, "C4", 1) == []
    assert engine.load_of(2)["chat"] == 0
    for t, ticket in enumerate(("C1", "C2", "C3", "C4"), start=4):
        engine.complete(t, ticket)
    assert engine.load_of(1)["chat"] == 0
    check_invariants(engine, [])


def test_transfer_steps_count_from_the_transfer() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1)
    engine.enqueue(0, "T", SALES)
    engine.accept(0, "T")
    engine.transfer(100, "T", (("tier2",),), steps=((15, (("sales",),)),))
    engine.ready(101, 2)
    assert engine.advance(115) == [Decision(115, "offer", "T", 2, 135)]


def test_catching_up_makes_no_offer_in_the_past() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1)
    engine.enqueue(0, "T", SALES)
    engine.ready(5, 2)
    assert engine.catch_up(90) == [Decision(90, "missed", "T", 1), Decision(90, "offer", "T", 2, 110)]


def test_a_process_that_comes_late_hears_first_what_was_accepted_in_time() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1)
    engine.enqueue(0, "taken", SALES_CHAT)
    engine.enqueue(5, "missed", SALES_CHAT)
    assert engine.come_up_to(90) == [], "nothing lapses before it was asked who answered"
    assert engine.accept(90, "taken", 1) == []
    lapsed = engine.catch_up(90 + 2 * JUST_AFTER)
    assert [(each.kind, each.ticket, each.agent) for each in lapsed] == [("missed", "missed", 1)]
    assert engine.state_of("taken") is TicketState.ACTIVE


def test_a_process_that_comes_late_decides_nothing_for_a_moment_gone_by() -> None:
    stricter = Request((("sales",),), channel="chat", steps=((10, (("sales>=3",),)),))
    engine = Engine(Config(), [ALICE, BEN])
    engine.enqueue(0, "T", stricter)
    engine.come_up_to(60)
    assert engine.ready(60, 2) == [], "ten seconds ago Ben would have done"
    assert engine.ready(60, 1) == [Decision(60, "offer", "T", 1, 80)], "it rings from now on"


def test_restart_keeps_offers_until_their_absolute_deadline() -> None:
    stored = Snapshot(
        agents=(
            AgentSnapshot(ALICE, ready=True, idle_since=10),
            AgentSnapshot(BEN, ready=True, wrap_until=130),
        ),
        tickets=(
            TicketSnapshot("T1", SALES, 50, TicketState.OFFERED, agent=1, deadline=120),
            TicketSnapshot("T2", SALES, 60, bars=((2, 140),)),
            TicketSnapshot("C1", SALES_CHAT, 70, TicketState.ACTIVE, agent=2),
            TicketSnapshot("T3", Request((("none",),), steps=((85, (("sales",),)),)), 50),
        ),
    )
    engine = Engine.from_snapshot(stored, 100)
    assert engine.catch_up(100) == []
    assert engine.next_due() == 120
    assert engine.advance(120) == [Decision(120, "missed", "T1", 1)]
    assert engine.advance(130) == []
    assert engine.complete(131, "C1") == [Decision(131, "offer", "T1", 2, 151)]
    check_invariants(engine, [])


def test_restart_offers_what_became_possible_meanwhile() -> None:
    stored = Snapshot(
        agents=(
            AgentSnapshot(ALICE, ready=True, idle_since=10),
            AgentSnapshot(BEN, ready=True, idle_since=20),
        ),
        tickets=tuple(TicketSnapshot(number, SALES, number) for number in range(5)),
    )
    engine = Engine.from_snapshot(stored, 100)
    assert offers(engine.catch_up(100)) == [(0, 1), (1, 2)]


def test_restart_returns_an_offer_whose_agent_is_gone() -> None:
    stored = Snapshot(
        (AgentSnapshot(BEN, ready=True),), (TicketSnapshot("T", SALES, 0, TicketState.OFFERED, agent=1),)
    )
    assert offers(Engine.from_snapshot(stored, 9).catch_up(9)) == [("T", 2)]


@pytest.mark.parametrize("seed", range(60))
def test_rebuilt_engine_goes_on_as_the_old_one(seed: int) -> None:
    """At any moment the engine may be thrown away and rebuilt from its snapshot: nobody notices."""
    scenario, decided = random_stream(seed)
    story = read_scenario(Node(scenario))
    engine = Engine(story.config, story.agents)
    for number, (event, expected) in enumerate(zip(story.events, decided, strict=True)):
        decisions = event.play(engine)
        assert {decision[:4] for decision in decisions if decision.kind != "returned"} == set(expected)
        if number % 7 == 3:
            rebuilt = Engine.from_snapshot(engine.snapshot(), engine.now, story.config)
            assert rebuilt.catch_up(engine.now) == []
            assert rebuilt.snapshot() == engine.snapshot()
            engine = rebuilt


def test_ticket_is_kept_from_persons_and_the_offer_that_stands_goes_to_the_next() -> None:
    engine = Engine(Config(), [ALICE, BEN])
    engine.ready(0, 1)
    engine.enqueue(0, "T", SALES)
    engine.ready(1, 2)
    assert engine.keep_from(2, "T", [1]) == [
        Decision(2, "returned", "T", 1),
        Decision(2, "offer", "T", 2, 22),
    ]
    assert engine.is_ready(1), "nobody did anything wrong"
    engine.reject(3, "T", 2)
    assert engine.advance(30) == [], "one of them declined, the other may not"
    assert offers(engine.keep_from(31, "T", [])) == [("T", 1)]


def test_agent_hired_later_is_kept_away_too() -> None:
    engine = Engine(Config())
    engine.enqueue(0, "T", Request((("sales",),), not_for=frozenset({1})))
    engine.add_agent(ALICE)
    assert engine.ready(1, 1) == []


def test_explanation_tells_who_is_kept_away_for_good() -> None:
    engine = Engine(Config(), [ALICE])
    engine.ready(0, 1)
    engine.enqueue(0, "T", Request((("sales",),), not_for=frozenset({1})))
    explanation = engine.explain("T")
    assert explanation is not None
    assert explanation.candidates[0].obstacles == (Obstacle.KEPT_AWAY,)
    assert explanation.candidates[0].until is None
