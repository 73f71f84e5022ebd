"""A program finds a call, takes it, lets it go on to the next, hangs up; strangers and other teams do not."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.lease import take_lease
from contactcenter.assignment.router import Router
from contactcenter.channels.voice.lines import agent_line, socket_opened
from contactcenter.channels.voice.models import Call
from contactcenter.channels.voice.service import start_call
from contactcenter.core.clock import frozen
from contactcenter.edge.visitors import Visitor
from tests.api.conftest import Program
from tests.assignment.shift import MORNING, Shift, at
from tests.world import World

Made = Callable[[User | None], Program]


@pytest.fixture
def shift(db_session: Session, world: World) -> Iterator[Shift]:
    """MORNING; the router leads, and Alice is ready with her console open."""
    with frozen(MORNING):
        lease = take_lease(db_session, 0, "router of the test")
        assert lease is not None
        db_session.commit()
        shift = Shift(db_session, world, lease, Router(lease))
        socket_opened(db_session, "console", agent_line(world.alice.id))
        shift.ready(world.alice)
        yield shift


@pytest.fixture
def call(shift: Shift) -> Call:
    """A visitor's call that rings at Alice."""
    call = start_call(shift.session, Visitor("1f3a", 1, shift.world.support.id), language="en")
    shift.turn()
    return call


def path(call: Call, command: str) -> str:
    return f"/api/v1/calls/{call.id}/{command}"


def test_call_is_found_by_id_and_by_sid(call: Call, world: World, program: Made) -> None:
    alice = program(world.alice)
    by_id = alice.call("GET", f"/api/v1/calls/{call.id}")
    by_sid = alice.call("GET", f"/api/v1/calls/by-sid/{call.public_id}")
    assert by_id.status_code == by_sid.status_code == 200
    assert by_id.json == by_sid.json
    found = by_id.json
    assert (found["id"], found["sid"], found["state"]) == (call.id, call.public_id, "ringing")
    assert (found["ticket"], found["queue"]) == (call.conversation.ticket_id, "Support")
    assert (found["agent"], found["outcome"], found["ended_at"]) == (None, None, None)


def test_agent_takes_the_call_that_rings_at_him_and_hangs_up(call: Call, world: World, program: Made) -> None:
    alice = program(world.alice)
    with at(8):
        taken = alice.call("POST", path(call, "accept"))
    assert (taken.status_code, taken.json["state"], taken.json["agent"]) == (200, "talking", world.alice.id)
    with at(70):
        ended = alice.call("POST", path(call, "hang-up"))
    assert (ended.status_code, ended.json["state"], ended.json["outcome"]) == (200, "ended", "answered")
    assert (ended.json["answered_at"], ended.json["ended_at"]) == (
        "2026-11-23T09:00:08Z",
        "2026-11-23T09:01:10Z",
    )
    again = alice.call("POST", path(call, "hang-up"))
    assert (again.status_code, again.json["error"]["message"]) == (409, "This call has ended.")
    assert alice.call("GET", f"/api/v1/calls/{call.id}").json == ended.json


def test_declined_call_rings_at_the_next(shift: Shift, call: Call, world: World, program: Made) -> None:
    shift.ready(world.carol)
    declined = program(world.alice).call("POST", path(call, "decline"))
    assert (declined.status_code, declined.json["state"]) == (200, "queued")
    shift.turn()
    assert shift.offered_to(call.conversation) == world.carol


def test_call_is_not_taken_without_a_page_to_talk_on(
    shift: Shift, call: Call, world: World, program: Made
) -> None:
    program(world.alice).call("POST", path(call, "decline"))
    shift.ready(world.carol)
    shift.turn()
    answer = program(world.carol).call("POST", path(call, "accept"))
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")
    assert "console" in answer.json["error"]["message"]


@pytest.mark.parametrize("command", ["accept", "decline"])
def test_call_that_rings_at_somebody_else_is_neither_taken_nor_declined(
    shift: Shift, call: Call, world: World, program: Made, command: str
) -> None:
    answer = program(world.carol).call("POST", path(call, command))
    assert (answer.status_code, answer.json["error"]["message"]) == (
        409,
        "This call does not ring at you now.",
    )
    assert shift.offered_to(call.conversation) == world.alice


def test_only_its_agent_or_a_supervisor_hangs_up(call: Call, world: World, program: Made) -> None:
    program(world.alice).call("POST", path(call, "accept"))
    assert program(world.carol).call("POST", path(call, "hang-up")).status_code == 403
    ended = program(world.bob).call("POST", path(call, "hang-up"))
    assert (ended.status_code, ended.json["state"]) == (200, "ended")


@pytest.mark.parametrize("command", ["hold", "mute", "transfer", "record", "accept%20", "投诉"])
def test_command_there_is_not_is_a_sentence(call: Call, world: World, program: Made, command: str) -> None:
    answer = program(world.alice).call("POST", path(call, command))
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert "accept, decline, hang-up" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "address", ["by-sid/CA00000000000000000000000000000000", "by-sid/%00", "by-sid/%F0%9F%93%9E", "999999999"]
)
def test_unknown_call_is_not_found(call: Call, world: World, program: Made, address: str) -> None:
    answer = program(world.alice).call("GET", f"/api/v1/calls/{address}")
    assert answer.status_code in {400, 404}
    assert answer.json["error"]["message"]


def test_stranger_and_other_team_get_nothing(shift: Shift, call: Call, world: World, program: Made) -> None:
    for who, status in ((None, 401), (world.mallory, 404)):
        asked = program(who)
        assert asked.call("GET", f"/api/v1/calls/{call.id}").status_code == status
        assert asked.call("GET", f"/api/v1/calls/by-sid/{call.public_id}").status_code == status
        for command in ("accept", "decline", "hang-up", "hold"):
            assert asked.call("POST", path(call, command)).status_code == status
    assert shift.offered_to(call.conversation) == world.alice
