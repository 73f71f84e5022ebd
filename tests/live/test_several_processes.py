"""Two web processes and a worker behind one Redis: rights, rooms and gaps are known in all of them."""

import os
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from contactcenter.core import push
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.fanout import Fanout
from contactcenter.live.fragments import drop
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import move_to_queue, open_ticket
from tests.live.served import Process, processes, until
from tests.world import World


@pytest.fixture
def ticket(town: World) -> Ticket:
    with unit_of_work() as session:
        wang_li, support = session.merge(town.wang_li), session.get_one(Queue, town.support.id)
        return open_ticket(session, wang_li, support, "Where?", actor=wang_li.actor)


@pytest.fixture
def both(town: World, clean_database: Engine) -> Iterator[list[Process]]:
    """Two web processes; what this test commits is told as a worker tells it."""
    with processes(get_settings(), clean_database, 2) as started:
        push.connect(get_settings().redis_url)
        yield started
    push.use(lambda *_args, **_kwargs: None)


def move(session: Session, ticket: Ticket, queue: Queue) -> None:
    move_to_queue(
        session, session.get_one(Ticket, ticket.id), session.get_one(Queue, queue.id), actor="system"
    )


def test_lost_right_is_lost_in_every_process_and_kept_right_misses_nothing(
    both: list[Process], town: World, ticket: Ticket
) -> None:
    subject = f"ticket:{ticket.id}"
    alice, carol = both[0].console(town.alice), both[1].console(town.carol)
    admin, keeper = both[0].console(town.admin), both[1].console(town.admin)
    everybody = (alice, carol, admin, keeper)
    assert all(one.joins(subject) for one in everybody)
    drop(subject, "before")
    until(lambda: all(one.names() == ["before"] for one in everybody))
    with unit_of_work() as session:
        move(session, ticket, town.other_queue)
    until(lambda: all(any(event == "answer" for event, _ in one.heard) for one in everybody))
    assert [one.rooms[subject] for one in everybody] == [False, False, True, True]
    for number in range(20):
        drop(subject, f"after-{number}")
    wanted = [f"after-{number}" for number in range(20)]
    until(lambda: all(one.names()[-20:] == wanted for one in (admin, keeper)))
    assert not any("after" in name for one in (alice, carol) for name in one.names())


def test_redis_knows_at_once_which_rooms_are_heard_and_forgets_who_is_gone(
    both: list[Process], town: World
) -> None:
    worker = Fanout(get_settings().redis_url)
    one, other = (f"ticket:{never_seen(town).id}" for _ in range(2))
    rooms = [f"{one}:en", f"{one}:zh", f"{other}:en"]
    alice, admin = both[0].console(town.alice), both[1].console(town.admin)
    assert worker.heard(rooms, "/console") == set()
    assert alice.joins(one)
    assert worker.heard(rooms, "/console") == {rooms[0]}
    assert admin.joins(other)
    assert worker.heard(rooms, "/console") == {rooms[0], rooms[2]}
    alice.close()
    until(lambda: worker.heard(rooms, "/console") == {rooms[2]})


def never_seen(town: World) -> Ticket:
    """A ticket with a number no earlier test had: servers of earlier tests still listen in their rooms."""
    owner = create_engine(os.environ["MIGRATION_URL"])
    with owner.begin() as connection:
        connection.execute(text("SELECT setval('ticket_id_seq', :n)"), {"n": 10**9 + time.time_ns() % 10**9})
    owner.dispose()
    with unit_of_work() as session:
        wang_li, support = session.merge(town.wang_li), session.get_one(Queue, town.support.id)
        return open_ticket(session, wang_li, support, "Where?", actor=wang_li.actor)


def test_what_a_process_could_not_send_makes_all_clients_fetch(both: list[Process], town: World) -> None:
    alice, bob = both[0].console(town.alice), both[1].console(town.bob)
    assert alice.joins(f"agent:{town.alice.id}")
    assert bob.joins("wall")
    worker = Fanout(get_settings().redis_url)
    worker._lost(OSError("the line of this one worker broke"))
    assert worker.heard(["wall:en"], "/console") == set()
    until(lambda: all(any(event == "again" for event, _ in one.heard) for one in (alice, bob)))
    until(lambda: worker.heard(["wall:en"], "/console") == {"wall:en"})
