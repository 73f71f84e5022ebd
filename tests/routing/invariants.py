"""What must hold after every event, whatever happened. Stated once, checked on the engine's public answers and its floor."""

from collections import Counter

from routing import Decision, Engine
from routing.floor import Floor
from routing.lanes import first_waiting
from routing.state import Agent, Ticket


def check_invariants(engine: Engine, decisions: list[Decision]) -> None:
    floor = engine._floor
    loads_are_what_agents_hold(floor)
    nobody_was_offered_work_beyond_capacity(floor, decisions)
    nobody_waits_while_a_capable_agent_has_room(floor)
    nobody_was_passed_over(floor, decisions)
    every_offer_has_a_deadline(floor)


def loads_are_what_agents_hold(floor: Floor) -> None:
    held = Counter(
        (ticket.agent, ticket.channel) for ticket in floor.tickets.values() if ticket.agent is not None
    )
    for agent in floor.agents.values():
        for channel, load in enumerate(agent.load):
            assert load == held[agent, channel]
    for ticket in floor.tickets.values():
        assert (ticket.agent is None) == (ticket.state == "waiting")


def nobody_was_offered_work_beyond_capacity(floor: Floor, decisions: list[Decision]) -> None:
    for decision in decisions:
        agent = floor.agents[decision.agent]
        ticket = floor.tickets.get(decision.ticket)
        if (
            decision.kind == "offer"
            and decision.t == floor.now
            and ticket is not None
            and ticket.agent is agent
        ):
            assert agent.ready
            assert agent.wrap_until is None
            assert agent.load[ticket.channel] <= agent.caps[ticket.channel]
    voice = floor.channels["voice"]
    for agent in floor.agents.values():
        if agent.load[voice]:
            assert agent.load[voice] == 1
            assert not agent.load[floor.channels["chat"]]


def nobody_waits_while_a_capable_agent_has_room(floor: Floor) -> None:
    for ticket in floor.tickets.values():
        if ticket.state == "waiting":
            assert ticket.place is not None
            for agent in floor.agents.values():
                assert ticket.channel not in floor.lanes.room(agent) or not is_eligible(floor, ticket, agent)


def nobody_was_passed_over(floor: Floor, decisions: list[Decision]) -> None:
    """Who waits on the channel of an offered ticket, and could have been offered it, arrived or is due later.

    So a ticket is only overtaken by those that arrived less than the difference of their offsets
    (target − 60·priority) after it: starvation is bounded.
    """
    for decision in decisions:
        served = floor.tickets.get(decision.ticket)
        if decision.kind != "offer" or decision.t != floor.now or served is None or served.agent is None:
            continue
        for ticket in floor.tickets.values():
            if (
                ticket.state == "waiting"
                and ticket.channel == served.channel
                and is_eligible(floor, ticket, served.agent)
            ):
                assert (served.key, served.seq) < (ticket.key, ticket.seq)
                assert served.enqueued_at - ticket.enqueued_at <= offset(ticket) - offset(served)


def every_offer_has_a_deadline(floor: Floor) -> None:
    for ticket in floor.tickets.values():
        is_timed = ticket.state == "offered" and ticket.ring > 0
        assert (ticket.deadline is not None) == is_timed
        assert ticket.deadline is None or ticket.deadline > floor.now


def is_eligible(floor: Floor, ticket: Ticket, agent: Agent) -> bool:
    """R3 read off the words, not the bits."""
    if ticket.is_barred(agent, floor.now):
        return False
    return any(
        all(has(agent, literal) for literal in alternative) for alternative in ticket.needs_at(floor.now)
    )


def has(agent: Agent, literal: str) -> bool:
    name, _, level = literal.partition(">=")
    return agent.levels.get(name, 0) >= int(level or 1)


def offset(ticket: Ticket) -> float:
    return ticket.target - 60 * ticket.priority


def waiting_in_lanes(floor: Floor) -> int:
    return sum(first_waiting(lane) is not None for lane in floor.lanes._lane_of.values())
