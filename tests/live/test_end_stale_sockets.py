"""Sockets of sessions that ended are closed, on every door; looking is not using."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User, UserSession
from contactcenter.accounts.sessions import revoke_all_sessions
from contactcenter.assignment.connection import PROCESS_TIMER, connected_here, socket_connected
from contactcenter.channels.voice.lines import is_connected, socket_opened
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.core.clock import frozen
from contactcenter.core.events import EventRow
from contactcenter.core.timers import TimerRow
from contactcenter.edge.visitors import issue_token
from contactcenter.live.guard import Guard
from contactcenter.live.rights import changes_since
from contactcenter.tickets.service import assign_owner, open_ticket
from tests.browser import Browser
from tests.live.conftest import Console
from tests.world import World

Consoles = Callable[[User | None], Console]


@pytest.fixture
def guard(app: Flask, socketio: SocketIO) -> Guard:
    """That of the consoles' process."""
    made: Guard = app.extensions["candor.guard"]
    return made


@pytest.fixture
def look(guard: Guard) -> Callable[[], int]:
    """Let the guard look at the sessions once; how many sockets it ended."""
    return guard.end_stale


def test_revoked_session_loses_its_sockets_and_others_keep_theirs(
    db_session: Session, world: World, console: Consoles, look: Callable[[], int]
) -> None:
    alice, bob = console(world.alice), console(world.bob)
    assert look() == 0
    revoke_all_sessions(db_session, world.alice, actor="system")
    db_session.commit()
    assert look() == 1
    assert (alice.connected, bob.connected) == (False, True)
    assert look() == 0


def test_locked_account_loses_its_sockets(
    db_session: Session, world: World, console: Consoles, look: Callable[[], int]
) -> None:
    alice = console(world.alice)
    world.alice.active = False
    db_session.commit()
    assert look() == 1
    assert not alice.connected


def test_console_left_open_does_not_keep_its_session_alive(
    db_session: Session, world: World, console: Consoles, look: Callable[[], int]
) -> None:
    alice = console(world.alice)
    start = datetime.now(UTC)
    for hours in (4, 8, 11.9):
        with frozen(start + timedelta(hours=hours)):
            assert look() == 0
    with frozen(start + timedelta(hours=12, seconds=1)):
        assert look() == 1
    assert not alice.connected
    seen = db_session.scalars(select(UserSession.seen_at).where(UserSession.user_id == world.alice.id)).one()
    assert seen < start + timedelta(minutes=1)


def test_every_turn_says_that_the_process_lives(db_session: Session, guard: Guard) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for minute in range(2):
        with frozen(at + timedelta(minutes=minute)):
            guard.look()
    due = db_session.scalars(select(TimerRow.due_at).where(TimerRow.kind == PROCESS_TIMER)).all()
    assert due == [at + timedelta(minutes=1, seconds=30)]


def test_phone_of_a_revoked_session_hears_no_more_and_callers_stay(
    app: Flask, db_session: Session, world: World, socketio: SocketIO, look: Callable[[], int]
) -> None:
    cookies = Browser(app, world.alice).client
    alice = socketio.test_client(app, namespace=VOICE, flask_test_client=cookies)
    caller = socketio.test_client(app, namespace=VOICE, auth={"token": issue_token(1, world.support.id)})
    revoke_all_sessions(db_session, world.alice, actor="system")
    db_session.commit()
    assert look() == 1
    assert not alice.is_connected(VOICE)
    assert caller.is_connected(VOICE)


def test_call_whose_socket_broke_unseen_ends_all_the_same(db_session: Session, guard: Guard) -> None:
    with frozen(datetime.now(UTC) - timedelta(minutes=1)):
        socket_opened(db_session, "broken", "visitor:1f3a")
    db_session.commit()
    guard.look()
    assert not is_connected(db_session, "visitor:1f3a")


def test_agent_whose_console_broke_unseen_counts_as_gone(
    db_session: Session, world: World, console: Consoles, guard: Guard
) -> None:
    console(world.bob)
    socket_connected(db_session, world.alice)  # whose goodbye found no database
    db_session.commit()
    guard.look()
    assert connected_here(db_session) == {world.bob.id}


def test_one_look_costs_as_many_queries_for_forty_sockets_as_for_one(
    engine: Engine, world: World, console: Consoles, guard: Guard
) -> None:
    def queries_n() -> int:
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731  SQLAlchemy wants the same one back
        event.listen(engine, "before_cursor_execute", listener)
        guard.look()
        event.remove(engine, "before_cursor_execute", listener)
        return sum(not statement.startswith(("SAVEPOINT", "RELEASE")) for statement in seen)

    opened = [console(world.alice)]
    few = queries_n()
    opened += [console(user) for user in (world.alice, world.bob) for _ in range(20)]
    assert queries_n() == few <= 8


def test_log_is_not_asked_for_what_takes_no_right_away(db_session: Session, world: World) -> None:
    """A busy house finds thousands of first owners there, and would forget what it has dealt with already."""
    ticket = open_ticket(db_session, world.wang_li, world.support, "Where?", actor=world.wang_li.actor)
    since = db_session.scalars(select(func.max(EventRow.at))).one()
    assign_owner(db_session, ticket, world.alice, actor="system")
    assert changes_since(db_session, since) == []
    assign_owner(db_session, ticket, world.bob, actor="system")
    assert [change.name for change in changes_since(db_session, since)] == ["ticket.owner_changed"]
