"""A call from the first ring to the last word: queued, accepted, talking, hung up by either side, or lost."""

import threading
from typing import Any

from sqlalchemy import Engine, select

from contactcenter.assignment.connection import socket_connected, socket_gone
from contactcenter.channels.voice.models import Call
from contactcenter.channels.voice.service import start_call
from contactcenter.core.db import unit_of_work
from contactcenter.core.events import EventRow
from contactcenter.edge.visitors import Visitor
from contactcenter.tickets.models import TicketSla
from tests.assignment.shift import at
from tests.browser import Browser
from tests.channels.voice.conftest import Line, lines_of, talking
from tests.rivals import until_somebody_waits
from tests.world import build_world

OFFER = {"type": "offer", "sdp": "v=0…"}


def told(line: Line, name: str) -> list[dict[str, Any]]:  # Any: JSON
    query = select(EventRow.data).where(EventRow.name == name).order_by(EventRow.id)
    return list(line.shift.session.scalars(query))


def test_call_waits_in_the_queue_until_it_is_accepted(line: Line) -> None:
    caller, alice, call = talking(line)
    assert [(view["state"], view["agent"]) for view in caller.heard("call")] == [
        ("queued", ""),
        ("talking", "Alice"),
    ]
    (view,) = alice.heard("call")
    assert (view["call"], view["state"], view["customer"]) == (call, "talking", "王丽")
    assert line.call(call).conversation.agent_id == line.shift.world.alice.id
    assert told(line, "call.answered")[0]["waited_s"] == 8.0


def test_answered_call_keeps_the_promise_of_a_first_reply(line: Line) -> None:
    _, _, call = talking(line)
    ticket_id = line.call(call).conversation.ticket_id
    assert line.shift.session.get_one(TicketSla, (ticket_id, "first_reply")).state == "met"


def test_calling_again_is_the_same_call(line: Line) -> None:
    caller, token = line.caller()
    first = caller.ask("call")
    tab, _ = line.caller(token)
    assert tab.ask("call")["call"] == first["call"]
    assert tab.ask("resume")["call"] == first["call"]
    assert first["ice"] == []
    assert len(line.shift.session.scalars(select(Call)).all()) == 1


def test_signals_reach_the_other_side_and_nobody_else(line: Line) -> None:
    caller, alice, call = talking(line)
    bystander, carol = line.caller()[0], line.agent(line.shift.world.carol)
    for phone in (caller, alice):
        phone.heard("call")
    assert caller.ask("signal", call=call, data=OFFER) == {"ok": True}
    assert alice.heard("signal") == [{"call": call, "data": OFFER}]
    assert caller.heard("signal") == []
    assert alice.ask("signal", call=call, data={"type": "answer"}) == {"ok": True}
    assert caller.heard("signal") == [{"call": call, "data": {"type": "answer"}}]
    assert alice.ask("ready", call=call) == {"ok": True}
    assert caller.heard("ready") == [{"call": call}]
    assert alice.heard("signal") == bystander.heard("signal") == carol.heard("signal") == []


def test_each_side_is_spoken_to_in_its_own_language(line: Line) -> None:
    line.shift.world.alice.language = "zh"
    line.shift.ready(line.shift.world.alice)
    caller, _ = line.caller()
    alice = line.agent(line.shift.world.alice)
    call = caller.ask("call")["call"]
    line.answer(call)
    assert alice.ask("resume")["customer"].startswith("访客")
    assert alice.ask("call")["error"] == "只有访客可以发起通话。"
    assert caller.ask("signal", call=call)["error"] == "This is no signal of a call."


def test_caller_hangs_up(line: Line) -> None:
    caller, alice, call = talking(line)
    alice.heard("call")
    with at(8 + 65):
        assert caller.ask("hang_up", call=call) == {"ok": True}
    ended = line.call(call)
    assert (ended.state, ended.outcome) == ("ended", "answered")
    assert alice.heard("call")[-1]["state"] == "ended"
    assert lines_of(line, call)[-1] == {"code": "call_ended", "seconds": "65"}
    assert told(line, "call.ended")[0]["talk_s"] == 65.0
    assert line.shift.presence(line.shift.world.alice).state == "wrap_up"


def test_agent_hangs_up(line: Line) -> None:
    caller, alice, call = talking(line)
    caller.heard("call")
    assert alice.ask("hang_up", call=call) == {"ok": True}
    assert caller.heard("call")[-1]["state"] == "ended"
    assert told(line, "conversation.ended")[0]["by"] == "agent"
    assert "ended" in alice.ask("hang_up", call=call)["error"]
    assert len(told(line, "call.ended")) == 1


def test_caller_who_hangs_up_before_anybody_answers_was_lost(line: Line) -> None:
    caller, _ = line.caller()
    call = caller.ask("call")["call"]
    with at(30):
        caller.ask("hang_up", call=call)
    assert line.call(call).outcome == "abandoned"
    assert lines_of(line, call) == [
        {"code": "call_started"},
        {"code": "call_missed", "seconds": "0"},
    ]
    line.shift.ready(line.shift.world.alice)
    line.shift.turn()
    assert line.shift.offer(line.call(call).conversation) is None


def test_call_of_a_lost_agent_is_queued_again_at_its_old_place(line: Line) -> None:
    caller, _, call = talking(line)
    world, before = line.shift.world, line.call(call).conversation.enqueued_at
    caller.heard("call")
    with unit_of_work() as session:
        socket_connected(session, world.alice)
        socket_gone(session, world.alice)
    with at(60):
        later = line.caller()[0].ask("call")["call"]
        line.shift.fire_timers()
    lost = line.call(call)
    assert (lost.state, lost.conversation.state) == ("queued", "waiting")
    assert lost.conversation.enqueued_at == before < line.call(later).conversation.enqueued_at
    assert caller.heard("call")[-1]["state"] == "queued"
    with at(61):
        line.shift.ready(world.carol)
        assert line.answer(call) == world.carol
    assert caller.heard("call")[-1]["agent"] == "Carol"
    assert line.call(later).state == "queued"


def test_two_tabs_that_call_at_once_make_one_call(clean_database: Engine) -> None:
    with unit_of_work() as session:
        visitor = Visitor("1f3a", 1, build_world(session).support.id)
    calls: list[str] = []

    def call_from_other_tab() -> None:
        with unit_of_work() as session:
            calls.append(start_call(session, visitor, language="en").public_id)

    other = threading.Thread(target=call_from_other_tab)
    with unit_of_work() as session:
        calls.append(start_call(session, visitor, language="en").public_id)
        other.start()
        until_somebody_waits(clean_database)
    other.join(timeout=10)
    assert len(calls) == 2
    assert len(set(calls)) == 1


def test_who_talks_may_only_take_notes(line: Line) -> None:
    _, _, call = talking(line)
    ticket = f"/console/tickets/{line.call(call).conversation.ticket_id}"
    alice = Browser(line.app, line.shift.world.alice)
    page = alice.get(ticket).text
    assert 'data-mode="note"' in page
    assert "A caller cannot read" in page
    form = {"conversation": line.call(call).conversation_id, "client_id": "12345678", "body": "Hello"}
    refused = alice.post(f"{ticket}/messages", {**form, "mode": "reply"})
    assert (refused.status_code, "A caller cannot read" in refused.text) == (409, True)
    assert alice.post(f"{ticket}/messages", {**form, "mode": "note"}).status_code < 400
