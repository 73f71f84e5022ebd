"""Who may not: strangers, other callers, agents of other calls; and what nobody may send."""

import pytest

from contactcenter.accounts.sessions import revoke_all_sessions
from contactcenter.channels.voice.push import NAMESPACE
from contactcenter.channels.voice.sockets import SIGNAL_MAX
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import BusinessHours
from tests.channels.voice.conftest import Line


@pytest.fixture
def call(line: Line) -> str:
    """Somebody's call, waiting."""
    answer = line.caller()[0].ask("call")
    return str(answer["call"])


@pytest.mark.parametrize("token", ["", "forged", None, 7, "\ud800", {"visitor": "x"}])
def test_stranger_without_token_or_session_is_refused(line: Line, token: object) -> None:
    assert not line.agent(None).socket.is_connected(NAMESPACE)
    auth = {"token": token}
    socket = line.socketio.test_client(line.app, namespace=NAMESPACE, auth=auth)
    assert not socket.is_connected(NAMESPACE)


def test_person_who_is_no_agent_is_refused(line: Line) -> None:
    assert not line.agent(line.shift.world.ivan).socket.is_connected(NAMESPACE)


@pytest.mark.parametrize("event", ["ready", "signal", "hang_up"])
def test_nobody_touches_a_call_that_is_not_his(line: Line, call: str, event: str) -> None:
    for phone in (line.caller()[0], line.agent(line.shift.world.mallory), line.agent(line.shift.world.alice)):
        assert phone.ask(event, call=call, data={})["code"] == "not_found"
        assert phone.ask(event)["code"] == "not_found"
        assert phone.ask(event, call=[call])["code"] == "not_found"
    assert line.call(call).state == "queued"


def test_agent_does_not_call_visitors_do(line: Line) -> None:
    assert line.agent(line.shift.world.alice).ask("call")["code"] == "not_allowed"
    assert line.agent(line.shift.world.alice).ask("resume") == {"call": None}
    assert line.caller()[0].ask("resume") == {"call": None}


@pytest.mark.parametrize("signal", [None, "v=0", [], {"sdp": "x" * SIGNAL_MAX}])
def test_signal_that_is_none_or_too_large_is_refused(line: Line, signal: object) -> None:
    caller, _ = line.caller()
    call = caller.ask("call")["call"]
    assert caller.ask("signal", call=call, data=signal)["code"] == "invalid"


def test_call_after_hours_is_told_so_and_leaves_nothing(line: Line) -> None:
    line.shift.world.support.hours = BusinessHours(name="Never", zone="UTC", week=[[]] * 7)
    line.shift.session.commit()
    caller, _ = line.caller()
    assert "closed now" in caller.ask("call")["error"]
    assert caller.ask("resume") == {"call": None}


def test_flood_of_signals_is_slowed_down(line: Line) -> None:
    caller, _ = line.caller()
    call = caller.ask("call")["call"]
    codes = {caller.ask("signal", call=call, data={}).get("code") for _ in range(80)}
    assert codes == {None, "too_many"}


def test_revoked_session_commands_no_call_any_more(line: Line) -> None:
    line.shift.ready(line.shift.world.alice)
    caller, _ = line.caller()
    call = caller.ask("call")["call"]
    alice = line.agent(line.shift.world.alice)
    line.answer(call)
    with unit_of_work() as session:
        revoke_all_sessions(session, line.shift.world.alice, actor="system")
    assert alice.ask("hang_up", call=call)["code"] == "not_found"
    assert line.call(call).state == "talking"
