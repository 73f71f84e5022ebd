"""Rooms: who may listen to what, and that nobody hears more."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.core.db import unit_of_work
from contactcenter.live.fragments import drop, put, tell
from contactcenter.live.rooms import room_for
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import edit_ticket, move_to_queue
from tests.live.conftest import Console
from tests.world import World

Consoles = Callable[[User | None], Console]


LISTENERS = {
    "ticket": {"alice", "bob", "carol", "admin"},
    "queue": {"alice", "bob", "carol", "admin"},
    "wall": {"bob", "admin"},
    "agent": {"alice"},
}


@pytest.mark.parametrize("kind", LISTENERS)
def test_room_has_exactly_its_listeners(db_session: Session, world: World, ticket: Ticket, kind: str) -> None:
    subject = {
        "ticket": f"ticket:{ticket.id}",
        "queue": f"queue:{world.support.id}",
        "wall": "wall",
        "agent": f"agent:{world.alice.id}",
    }[kind]
    people = ("alice", "bob", "carol", "mallory", "ivan", "petra", "admin")
    found = {name for name in people if room_for(db_session, getattr(world, name), subject) is not None}
    assert found == LISTENERS[kind]


@pytest.mark.parametrize(
    "subject",
    [
        "",
        ":",
        "ticket",
        "ticket:",
        "ticket:x",
        "ticket:-1",
        "ticket:" + "9" * 30,
        "queue:999999",
        "walls",
        "agent:0",
    ],
)
def test_nonsense_is_no_room(db_session: Session, world: World, subject: str) -> None:
    assert room_for(db_session, world.admin, subject) is None


def test_who_also_sells_hears_no_queue_for_complaints_pass_there(db_session: Session, world: World) -> None:
    world.carol.roles = [Role.AGENT.value, Role.SALES.value]
    assert room_for(db_session, world.carol, f"queue:{world.support.id}") is None


def test_room_speaks_the_listeners_language(db_session: Session, world: World) -> None:
    world.bob.language = "zh"
    assert room_for(db_session, world.bob, "wall") == "wall:zh"
    assert room_for(db_session, world.admin, "wall") == "wall:en"


def test_stranger_cannot_connect(console: Consoles) -> None:
    assert not console(None).connected


@pytest.mark.parametrize("data", [None, "wall", [], {}, {"room": None}, {"room": 7}, {"room": {"wall": 1}}])
@pytest.mark.parametrize("event", ["join", "leave"])
def test_what_is_not_understood_is_answered_with_a_sentence(
    console: Consoles, world: World, event: str, data: object
) -> None:
    assert console(world.alice).ask(event, data)["error"] == "You may not listen to that."


def test_listener_hears_his_room_and_a_stranger_does_not(
    console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, mallory = console(world.alice), console(world.mallory)
    assert alice.joins(f"ticket:{ticket.id}")
    assert not mallory.joins(f"ticket:{ticket.id}")
    drop(f"ticket:{ticket.id}", "message-1")
    assert [one["id"] for one in alice.heard("fragment")] == ["message-1"]
    assert mallory.heard("fragment") == []


def test_change_shows_on_open_consoles_after_the_commit(
    db_session: Session, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice = console(world.alice)
    alice.joins(f"ticket:{ticket.id}")
    with unit_of_work() as session:
        same = session.get_one(Ticket, ticket.id)
        edit_ticket(session, same, 1, {"subject": "Still missing"}, actor=world.alice.actor)
        assert alice.heard("fragment") == []
    (head,) = [one for one in alice.heard("fragment") if one["id"] == f"head-{ticket.id}"]
    assert "Still missing" in head["html"]


def test_who_may_no_longer_see_a_ticket_can_still_leave_its_room(
    db_session: Session, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, subject = console(world.alice), f"ticket:{ticket.id}"
    alice.joins(subject)
    move_to_queue(db_session, ticket, world.other_queue, actor=world.bob.actor)
    db_session.commit()
    assert not alice.joins(subject)
    assert alice.ask("leave", {"room": subject}) == {"ok": True}
    tell(subject, "typing", {"ticket": ticket.id})
    assert alice.heard("typing") == []


def test_colleagues_see_who_looks_and_types_strangers_tell_nothing(
    console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, bob, mallory = console(world.alice), console(world.bob), console(world.mallory)
    bob.joins(f"ticket:{ticket.id}")
    assert alice.ask("viewing", {"ticket": ticket.id}) == {"ok": True}
    assert alice.ask("typing", {"ticket": ticket.id, "on": False}) == {"ok": True}
    assert "error" in mallory.ask("viewing", {"ticket": ticket.id})
    assert "error" in alice.ask("typing", {"ticket": "1"})
    heard = bob.socket.get_received("/console")
    assert [(one["name"], one["args"][0]["name"], one["args"][0]["on"]) for one in heard] == [
        ("viewing", "Alice Agnew", True),
        ("typing", "Alice Agnew", False),
    ]


@pytest.mark.parametrize("number", [True, 1.5, "1", None, [], -1, 2**63])
def test_what_is_no_number_names_nothing(
    console: Consoles, world: World, ticket: Ticket, number: object
) -> None:
    """To Python true is a number; the database was asked for the conversation of that number, and raised."""
    alice = console(world.alice)
    assert alice.ask("typing", {"ticket": ticket.id, "conversation": number}) == {"ok": True}
    assert "error" in alice.ask("typing", {"ticket": number})


def test_only_what_is_heard_is_rendered_and_only_in_the_languages_of_those_who_hear(
    db_session: Session, console: Consoles, world: World, ticket: Ticket
) -> None:
    class Proposal:
        complaint_likely, complaint_declared_at = 0.5, None
        renderings_n = 0

        @property
        def id(self) -> int:
            self.renderings_n += 1
            return ticket.id

    def renderings_n() -> int:
        proposal = Proposal()
        put(f"ticket:{ticket.id}", f"proposal-{ticket.id}", "console/_proposal.html", {"ticket": proposal})
        return proposal.renderings_n

    assert renderings_n() == 0
    alice = console(world.alice)
    alice.joins(f"ticket:{ticket.id}")
    once = renderings_n()
    assert once > 0
    world.bob.language = "zh"
    db_session.commit()
    bob = console(world.bob)
    bob.joins(f"ticket:{ticket.id}")
    assert renderings_n() == 2 * once
    for one in (alice, bob):
        one.ask("leave", {"room": f"ticket:{ticket.id}"})
    assert renderings_n() == 0
