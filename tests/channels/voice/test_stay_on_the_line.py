"""Reloads, second tabs, several web processes and dead ones: who is still on the line, and when a call is over."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from contactcenter.assignment import connection
from contactcenter.assignment.connection import SILENT_FOR_S, keep_process_alive
from contactcenter.assignment.service import take_conversation
from contactcenter.channels.voice import lines
from contactcenter.channels.voice.models import VoiceSocket
from contactcenter.channels.voice.service import start_call
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.timers import is_waiting
from contactcenter.edge.visitors import Visitor
from contactcenter.factory import create_app
from contactcenter.live.setup import attach_sockets
from tests.assignment.shift import MORNING, at
from tests.channels.voice.conftest import Line, lines_of, talking
from tests.rivals import until_somebody_waits
from tests.world import build_world


class Processes:
    """Two web processes on one database; what they share is rows alone."""

    def __init__(self, first: Line, second: Line, patch: pytest.MonkeyPatch) -> None:
        self.first, self.second = first, second
        self._patch = patch

    def speak_as(self, name: str) -> None:
        """Whatever connects or reports from now on is in the process of this name."""
        for module in (lines, connection):
            self._patch.setattr(module, "process_name", lambda: name)


@pytest.fixture
def processes(line: Line, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Processes:
    alone = get_settings().model_copy(update={"redis_url": ""})
    app = create_app(alone, engine=engine)
    socketio = attach_sockets(app, alone, async_mode="threading", watched=False)
    two = Processes(line, Line(app, socketio, line.shift), monkeypatch)
    two.speak_as("web-1")
    return two


def test_caller_gone_for_ten_seconds_has_left_when_he_was_last_there(line: Line) -> None:
    caller, _, call = talking(line)
    with at(20):
        caller.gone()
    with at(29.9):
        line.shift.fire_timers()
        assert line.call(call).state == "talking"
    with at(31):
        line.shift.fire_timers()
    ended = line.call(call)
    assert (ended.state, ended.outcome, ended.ended_at) == (
        "ended",
        "answered",
        MORNING + timedelta(seconds=20),
    )
    assert ended.conversation.end_reason == "connection_lost"
    assert lines_of(line, call)[-1] == {"code": "call_lost", "seconds": "12"}


def test_caller_who_reloads_the_page_goes_on_talking(line: Line) -> None:
    caller, _, call = talking(line)
    with at(20):
        caller.gone()
    with at(25):
        back, _ = line.caller(line.token)
    with at(60):
        line.shift.fire_timers()
    assert back.ask("resume")["state"] == line.call(call).state == "talking"
    assert line.call(call).visitor_gone_at is None


def test_one_of_two_tabs_may_close(line: Line) -> None:
    caller, token = line.caller()
    call = caller.ask("call")["call"]
    tab, _ = line.caller(token)
    tab.gone()
    with at(60):
        line.shift.fire_timers()
    assert line.call(call).state == "queued"


def test_who_comes_back_on_another_process_before_the_first_has_noticed_stays(processes: Processes) -> None:
    line = processes.first
    caller, _, call = talking(line)
    processes.speak_as("web-2")
    with at(20):
        back, _ = processes.second.caller(line.token)
    with at(22):
        caller.gone()
    with at(60):
        line.shift.fire_timers()
    assert line.call(call).state == "talking"
    with at(70):
        back.gone()
    with at(80):
        line.shift.fire_timers()
    assert line.call(call).ended_at == MORNING + timedelta(seconds=70)


def test_agent_who_reloads_on_another_process_keeps_his_call(processes: Processes) -> None:
    line = processes.first
    _, alice, call = talking(line)
    with at(20):
        alice.gone()
    processes.speak_as("web-2")
    with at(24):
        back = processes.second.agent(line.shift.world.alice)
    with at(60):
        line.shift.fire_timers()
    view = back.ask("resume")
    assert (view["call"], view["state"]) == (call, "talking")
    assert line.call(call).conversation.agent_id == line.shift.world.alice.id


def test_caller_of_an_agent_gone_for_ten_seconds_waits_again_and_the_agent_is_away(line: Line) -> None:
    caller, alice, call = talking(line)
    caller.heard("call")
    with at(20):
        alice.gone()
    with at(30):
        line.shift.fire_timers()
    assert (line.call(call).state, line.call(call).conversation.state) == ("queued", "waiting")
    presence = line.shift.presence(line.shift.world.alice)
    assert (presence.state, presence.reason) == ("away", "Connection lost")
    assert [view["state"] for view in caller.heard("call")] == ["queued"]


def test_chats_of_an_agent_without_a_line_stay_his(line: Line) -> None:
    _, alice, call = talking(line)
    chat = line.shift.arrives("chat")
    chat.ticket.owner = line.shift.world.alice
    take_conversation(line.shift.session, line.shift.world.alice, chat.id)
    line.shift.session.commit()
    with at(20):
        alice.gone()
    with at(30):
        line.shift.fire_timers()
    assert line.call(call).state == "queued"
    assert (chat.state, chat.agent_id) == ("active", line.shift.world.alice.id)


def test_call_accepted_without_a_line_goes_back_to_the_queue(line: Line) -> None:
    line.shift.ready(line.shift.world.alice)
    call = line.caller()[0].ask("call")["call"]
    line.answer(call)
    with at(9):
        line.shift.fire_timers()
        assert line.call(call).state == "talking"
    with at(10):
        line.shift.fire_timers()
    assert line.call(call).state == "queued"


def test_killed_process_ends_the_calls_of_its_callers(processes: Processes) -> None:
    line = processes.first
    _, _, call = talking(line)
    told_to_be_alive(at_s=20)
    with at(20 + SILENT_FOR_S + 1):
        line.shift.fire_timers()
    ended = line.call(call)
    assert (ended.state, ended.ended_at) == ("ended", MORNING + timedelta(seconds=20))
    assert ended.conversation.end_reason == "connection_lost"
    assert line.shift.session.scalars(select(VoiceSocket)).all() == []


def test_killed_process_ends_no_call_whose_sides_came_back_elsewhere(processes: Processes) -> None:
    line = processes.first
    _, _, call = talking(line)
    told_to_be_alive(at_s=20)
    processes.speak_as("web-2")
    with at(27):
        processes.second.caller(line.token)
        processes.second.agent(line.shift.world.alice)
    with at(20 + SILENT_FOR_S + 1):
        line.shift.fire_timers()
        line.shift.fire_timers()
    assert line.call(call).state == "talking"


def test_socket_that_broke_while_nobody_could_write_it_is_forgotten(line: Line) -> None:
    caller, _ = line.caller()
    call = caller.ask("call")["call"]
    with at(20), unit_of_work() as session:
        lines.forget_lost_sockets(session, [])
    assert line.call(call).visitor_gone_at is None, "it may be opening still"
    with at(40), unit_of_work() as session:
        lines.forget_lost_sockets(session, [])
    with at(50):
        line.shift.fire_timers()
    assert line.call(call).state == "ended"


def test_two_tabs_that_close_at_once_leave_the_line(clean_database: Engine) -> None:
    with unit_of_work() as session:
        visitor = Visitor("1f3a", 1, build_world(session).support.id)
        start_call(session, visitor, language="en")
        for sid in ("one", "two"):
            lines.socket_opened(session, sid, lines.caller_line(visitor.id))

    def close_other_tab() -> None:
        with unit_of_work() as session:
            lines.socket_closed(session, "two")

    other = threading.Thread(target=close_other_tab)
    with unit_of_work() as session:
        lines.socket_closed(session, "one")
        other.start()
        until_somebody_waits(clean_database)
    other.join()
    with unit_of_work() as session:
        assert is_waiting(session, lines.GONE_TIMER)


def told_to_be_alive(*, at_s: float) -> None:
    """The last word of the process that speaks."""
    with at(at_s), unit_of_work() as session:
        keep_process_alive(session)
