"""An agent's console goes away: a reload is forgiven, a lost connection moves his chats and calls on."""

import pytest
from sqlalchemy.orm import Session

from contactcenter.assignment import connection
from contactcenter.assignment.connection import keep_process_alive, socket_connected, socket_gone
from contactcenter.assignment.models import ConsoleConnection
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.service import accept_offer
from contactcenter.conversations.models import Conversation
from tests.assignment.shift import Shift, at


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Lets a test speak as several web processes."""
    return monkeypatch


def speak_as(process: pytest.MonkeyPatch, name: str) -> None:
    process.setattr(connection, "process_name", lambda: name)


def test_reload_within_the_time_changes_nothing(shift: Shift) -> None:
    chat = at_work(shift)
    with at(10):
        socket_gone(shift.session, shift.world.alice)
    with at(20):
        socket_connected(shift.session, shift.world.alice)
    shift.session.commit()
    with at(60):
        shift.fire_timers()
        shift.turn()
    assert shift.presence(shift.world.alice).state == "ready"
    assert chat.state == "active"


def test_vanished_agent_is_away_and_his_chat_is_offered_to_the_next_at_its_old_place(shift: Shift) -> None:
    world = shift.world
    chat = at_work(shift)
    letter = shift.arrives("email")
    shift.turn()
    accept_all(shift)
    with at(5):
        later = shift.arrives()
        shift.turn()
        accept_all(shift)
    with at(10):
        socket_gone(shift.session, world.alice)
        shift.session.commit()
    with at(39.9):
        shift.fire_timers()
        assert shift.presence(world.alice).state == "ready"
    with at(40):
        shift.ready(world.carol)
        shift.fire_timers()
        shift.turn()
    presence = shift.presence(world.alice)
    assert (presence.state, presence.reason) == ("away", "Connection lost")
    assert (shift.offered_to(chat), shift.offered_to(later)) == (world.carol, world.carol)
    assert (letter.state, letter.agent_id) == ("active", world.alice.id), "his e-mails stay his"
    assert chat.ticket.owner_id is None


def test_who_vanishes_on_a_break_stays_on_it(shift: Shift) -> None:
    chat = at_work(shift)
    set_presence(shift.session, shift.world.alice, "break", "Lunch", by=shift.world.alice.actor)
    socket_gone(shift.session, shift.world.alice)
    shift.session.commit()
    with at(31):
        shift.fire_timers()
        shift.turn()
    assert shift.presence(shift.world.alice).reason == "Lunch"
    assert chat.state == "waiting"


def test_second_process_keeps_the_agent_there(shift: Shift, process: pytest.MonkeyPatch) -> None:
    at_work(shift)
    speak_as(process, "web-2")
    socket_connected(shift.session, shift.world.alice)
    socket_gone(shift.session, shift.world.alice)
    shift.session.commit()
    with at(60):
        shift.fire_timers()
    assert shift.presence(shift.world.alice).state == "ready"


def test_killed_web_process_loses_its_agents(shift: Shift, process: pytest.MonkeyPatch) -> None:
    chat = at_work(shift)
    keep_process_alive(shift.session)
    shift.session.commit()
    with at(20):
        keep_process_alive(shift.session)
        shift.session.commit()
    with at(49):
        shift.fire_timers()
        assert shift.presence(shift.world.alice).state == "ready"
    with at(51):
        shift.fire_timers()
        shift.fire_timers()
    assert shift.presence(shift.world.alice).reason == "Connection lost"
    assert chat.state == "waiting"
    assert connected(shift.session) == []


def test_database_that_was_away_makes_no_agent_away(shift: Shift, process: pytest.MonkeyPatch) -> None:
    chat = at_work(shift)
    keep_process_alive(shift.session)
    shift.session.commit()
    with at(300):  # back after minutes, and the timers are looked at before the web process is heard
        shift.fire_timers()
        shift.fire_timers()
        assert (shift.presence(shift.world.alice).state, chat.state) == ("ready", "active")
    with at(331):  # it is not heard of now either
        shift.fire_timers()
        shift.fire_timers()
    assert shift.presence(shift.world.alice).reason == "Connection lost"


def connected(session: Session) -> list[ConsoleConnection]:
    return session.query(ConsoleConnection).all()


def at_work(shift: Shift) -> Conversation:
    socket_connected(shift.session, shift.world.alice)
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    accept_all(shift)
    return chat


def accept_all(shift: Shift) -> None:
    for conversation in shift.session.query(Conversation).filter_by(state="offered").all():
        offer = shift.offer(conversation)
        assert offer is not None
        accept_offer(shift.session, offer.user, offer.id)
    shift.turn()
