"""Who may no longer listen hears nothing more, at once; who still may misses nothing."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User, UserSession
from contactcenter.accounts.service import deactivate_user, edit_user, set_password
from contactcenter.accounts.teams import edit_team
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.channels.voice.push import agent_room
from contactcenter.complaints.service import open_case
from contactcenter.core import push
from contactcenter.core.db import unit_of_work
from contactcenter.live.door import Door
from contactcenter.live.fragments import drop
from contactcenter.live.guard import Guard
from contactcenter.queues.models import Queue
from contactcenter.queues.service import place_queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import assign_owner, edit_ticket, move_to_queue
from tests.browser import Browser
from tests.live.conftest import Console
from tests.world import World

Consoles = Callable[[User | None], Console]


@pytest.fixture
def committed(db_session: Session) -> Callable[[Callable[[Session], object]], None]:
    """Do it in a unit of work of its own, as a request does, so that all who wait for the commit are told."""

    def do(change: Callable[[Session], object]) -> None:
        with unit_of_work() as session:
            change(session)
        db_session.expire_all()

    return do


Committed = Callable[[Callable[[Session], object]], None]


def knocks_again(one: Console) -> dict[str, bool]:
    """What a page does when it is asked to: for each room it was put out of, whether it was let in once more."""
    return {note["room"]: one.joins(note["room"]) for note in one.heard("again")}


def marks_heard(one: Console) -> list[str]:
    return [fragment["id"] for fragment in one.heard("fragment")]


def test_ticket_that_moves_to_another_team_is_heard_there_only(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, admin, subject = console(world.alice), console(world.admin), f"ticket:{ticket.id}"
    assert (alice.joins(subject), admin.joins(subject)) == (True, True)
    committed(
        lambda session: move_to_queue(
            session,
            session.get_one(Ticket, ticket.id),
            session.get_one(Queue, world.other_queue.id),
            actor="system",
        )
    )
    drop(subject, "said-before-anybody-knocks")
    assert [one["args"][0] for one in alice.socket.get_received("/console")] == [
        {"room": subject, "within_ms": 0}
    ]
    assert not alice.joins(subject)
    assert knocks_again(admin) == {subject: True}
    drop(subject, "said-afterwards")
    assert (marks_heard(alice), marks_heard(admin)) == ([], ["said-afterwards"])


def test_what_the_same_change_pushes_comes_too_late_for_those_who_lost_their_right(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, subject = console(world.alice), f"ticket:{ticket.id}"
    alice.joins(subject)

    def edit_and_move(session: Session) -> None:
        same = session.get_one(Ticket, ticket.id)
        edit_ticket(session, same, same.version, {"subject": "Only for Fleet"}, actor="system")
        move_to_queue(session, same, session.get_one(Queue, world.other_queue.id), actor="system")

    committed(edit_and_move)
    assert "Only for Fleet" not in str(alice.socket.get_received("/console"))


def open_complaint(world: World, ticket: Ticket) -> Callable[[Session], object]:
    """Wang Li complains about Alice."""
    return lambda session: open_case(
        session,
        session.get_one(Ticket, ticket.id),
        actor=world.wang_li.actor,
        text="Alice was rude.",
        channel="email",
        subjects=(world.alice.actor,),
        sampled=False,
    )


def test_complaint_is_not_heard_by_whom_it_is_about(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, bob, subject = console(world.alice), console(world.bob), f"ticket:{ticket.id}"
    assert (alice.joins(subject), bob.joins(subject)) == (True, True)
    committed(open_complaint(world, ticket))
    drop(subject, "lost-to-all-who-have-not-knocked")
    assert (knocks_again(alice)[subject], knocks_again(bob)[subject]) == (False, True)
    drop(subject, "said-about-alice")
    assert (marks_heard(alice), "said-about-alice" in marks_heard(bob)) == ([], True)


def test_row_of_a_complaint_shows_on_no_list_of_whom_it_is_about(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, queue, own = console(world.alice), f"queue:{world.support.id}", f"agent:{world.alice.id}"
    committed(
        lambda session: assign_owner(
            session,
            session.get_one(Ticket, ticket.id),
            session.get_one(User, world.alice.id),
            actor="system",
        )
    )
    assert (alice.joins(queue), alice.joins(own)) == (True, True)
    committed(open_complaint(world, ticket))
    committed(
        lambda session: edit_ticket(
            session,
            (same := session.get_one(Ticket, ticket.id)),
            same.version,
            {"subject": "Rude"},
            actor="system",
        )
    )
    heard = alice.socket.get_received("/console")
    assert "Rude" not in str(heard)
    assert {"room": queue, "within_ms": 0} in [one["args"][0] for one in heard]  # her list is to fetch itself
    dropped = [one["args"][0]["id"] for one in heard if one["name"] == "fragment"]
    assert set(dropped) == {f"row-{ticket.id}"}


def test_who_begins_to_sell_hears_complaints_no_more(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    committed(open_complaint(world, ticket))
    carol, bob = console(world.carol), console(world.bob)
    subjects = [f"ticket:{ticket.id}", f"queue:{world.support.id}", f"agent:{world.carol.id}"]
    assert [carol.joins(subject) for subject in subjects] == [True, True, True]
    assert bob.joins(subjects[0])
    roles = [Role.AGENT.value, Role.SALES.value]
    committed(
        lambda session: edit_user(
            session,
            (her := session.get_one(User, world.carol.id)),
            her.version,
            {"roles": roles},
            actor="system",
        )
    )
    drop(subjects[0], "of-the-complaint")
    drop(subjects[1], "of-the-queue")
    assert marks_heard(bob) == ["of-the-complaint"]
    assert sorted(knocks_again(carol).items()) == sorted(zip(subjects, (False, False, True), strict=True))


def test_supervisor_no_more_hears_no_wall(committed: Committed, console: Consoles, world: World) -> None:
    bob, admin = console(world.bob), console(world.admin)
    assert (bob.joins("wall"), admin.joins("wall")) == (True, True)
    committed(
        lambda session: edit_user(
            session,
            (him := session.get_one(User, world.bob.id)),
            him.version,
            {"roles": [Role.AGENT.value]},
            actor="system",
        )
    )
    push.emit("moved", {}, room="wall:en")
    assert (len(bob.heard("moved")), len(admin.heard("moved"))) == (0, 1)
    assert not bob.joins("wall")


def test_who_changes_the_team_hears_the_new_one(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, subject = console(world.alice), f"ticket:{ticket.id}"
    alice.joins(subject)
    team_id = world.other_team.id
    committed(
        lambda session: edit_user(
            session,
            (her := session.get_one(User, world.alice.id)),
            her.version,
            {"team_id": team_id},
            actor="system",
        )
    )
    drop(subject, "of-the-old-team")
    assert knocks_again(alice) == {subject: False}
    assert alice.joins(f"queue:{world.other_queue.id}")


def test_manager_no_more_is_asked_again(
    db_session: Session, committed: Committed, console: Consoles, world: World
) -> None:
    world.mallory.roles = [Role.SUPERVISOR.value]
    world.team.manager_id = world.mallory.id
    db_session.commit()
    mallory, queue = console(world.mallory), f"queue:{world.support.id}"
    assert mallory.joins(queue)
    committed(
        lambda session: edit_team(
            session,
            session.merge(world.team),
            world.team.version,
            name=world.team.name,
            manager_id=world.bob.id,
            actor="system",
        )
    )
    assert knocks_again(mallory) == {queue: False}


def test_queue_of_another_team_now_asks_everybody(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, admin, subject = console(world.alice), console(world.admin), f"ticket:{ticket.id}"
    assert (alice.joins(subject), admin.joins(subject)) == (True, True)
    committed(
        lambda session: place_queue(
            session,
            session.merge(world.support),
            team=session.merge(world.other_team),
            hours=None,
            actor="system",
        )
    )
    assert (knocks_again(alice), knocks_again(admin)) == ({subject: False}, {subject: True})


def test_owner_of_another_team_hears_his_ticket_only_while_it_is_his(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    def give_to(owner_id: int | None) -> Callable[[Session], object]:
        return lambda session: assign_owner(
            session,
            session.get_one(Ticket, ticket.id),
            session.get_one(User, owner_id) if owner_id else None,
            actor="system",
        )

    mallory, subject = console(world.mallory), f"ticket:{ticket.id}"
    committed(give_to(world.mallory.id))
    assert mallory.joins(subject)
    committed(give_to(None))
    assert knocks_again(mallory) == {subject: False}


def test_who_is_let_go_hears_nothing_from_that_moment_on(
    app: Flask, committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, subject = console(world.alice), f"ticket:{ticket.id}"
    phone = app.extensions["socketio"].test_client(
        app, namespace=VOICE, flask_test_client=Browser(app, world.alice).client
    )
    assert alice.joins(subject)
    committed(lambda session: deactivate_user(session, session.get_one(User, world.alice.id), actor="system"))
    drop(subject, "too-late")
    push.emit("call", {}, room=agent_room(world.alice.id), namespace=VOICE)
    assert knocks_again(alice) == {subject: False}
    assert phone.get_received(VOICE) == []


def test_new_password_silences_every_other_browser_at_once(
    app: Flask, socketio: SocketIO, committed: Committed, db_session: Session, world: World, ticket: Ticket
) -> None:
    kept, other = Browser(app, world.alice).client, Browser(app, world.alice).client
    pages = [
        Console(socketio.test_client(app, namespace="/console", flask_test_client=one))
        for one in (kept, other)
    ]
    phones = [socketio.test_client(app, namespace=VOICE, flask_test_client=one) for one in (kept, other)]
    subject, first = f"ticket:{ticket.id}", select(func.min(UserSession.id))
    assert [page.joins(subject) for page in pages] == [True, True]
    committed(
        lambda session: set_password(
            session,
            session.get_one(User, world.alice.id),
            "a longer word",
            actor="system",
            keep=session.scalar(first),
        )
    )
    drop(subject, "said-afterwards")
    push.emit("call", {}, room=agent_room(world.alice.id), namespace=VOICE)
    assert [marks_heard(page) for page in pages] == [["said-afterwards"], []]
    assert [len(phone.get_received(VOICE)) for phone in phones] == [1, 0]
    assert not pages[1].joins(subject)


def test_phone_whose_owner_is_let_go_while_it_connects_does_not_connect(
    app: Flask,
    socketio: SocketIO,
    committed: Committed,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enter = socketio.server.enter_room

    def let_go_just_before(*args: object, **options: object) -> None:
        committed(
            lambda session: deactivate_user(session, session.get_one(User, world.alice.id), actor="system")
        )
        enter(*args, **options)

    monkeypatch.setattr(socketio.server, "enter_room", let_go_just_before)
    phone = socketio.test_client(app, namespace=VOICE, flask_test_client=Browser(app, world.alice).client)
    push.emit("call", {}, room=agent_room(world.alice.id), namespace=VOICE)
    assert not phone.is_connected(VOICE)


def test_change_of_a_name_asks_nobody(
    committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice = console(world.alice)
    alice.joins(f"ticket:{ticket.id}")
    committed(
        lambda session: edit_user(
            session,
            (her := session.get_one(User, world.alice.id)),
            her.version,
            {"name": "Alice A."},
            actor="system",
        )
    )
    assert alice.heard("again") == []


def test_right_lost_while_the_line_between_processes_was_broken_is_found_in_the_log_once(
    app: Flask, committed: Committed, console: Consoles, world: World, ticket: Ticket
) -> None:
    guard: Guard = app.extensions["candor.guard"]
    alice, bob, subject = console(world.alice), console(world.bob), f"ticket:{ticket.id}"
    assert (alice.joins(subject), bob.joins(subject)) == (True, True)
    push.use(lambda *_args, **_kwargs: None)  # nobody is told
    committed(open_complaint(world, ticket))
    guard.look()
    assert (knocks_again(alice), knocks_again(bob)) == ({subject: False}, {subject: True})
    guard.look()
    assert (alice.heard("again"), bob.heard("again")) == ([], [])


def test_right_that_changes_while_somebody_is_let_in_is_looked_at_again(app: Flask, world: World) -> None:
    guard: Guard = app.extensions["candor.guard"]
    door: Door = guard._door
    answers: list[str | None] = ["ticket:1:en", None]
    entered: list[str] = []

    def authorise() -> str | None:
        answer = answers.pop(0)
        if answer is not None:
            change = {"ticket_id": 1, "old": 1, "new": 2}
            notice = {"name": "ticket.queue_changed", "at": datetime.now(UTC).isoformat(), "user_id": None}
            door.hear("rights_changed", {**notice, "data": change})
        return answer

    assert not door.let_in(authorise, entered.append, entered.remove)
    assert (answers, entered) == ([], [])


def test_gap_lets_everybody_fetch_and_puts_nobody_out(
    app: Flask, console: Consoles, world: World, ticket: Ticket
) -> None:
    alice, subject = console(world.alice), f"ticket:{ticket.id}"
    alice.joins(subject)
    push.tell_processes("gap", {})
    (wish,) = alice.heard("again")
    assert "room" not in wish
    drop(subject, "still-heard")
    assert marks_heard(alice) == ["still-heard"]
