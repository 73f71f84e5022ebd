"""Sockets of sessions that ended are closed, on every door; looking is not using."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User, UserSession
from contactcenter.accounts.sessions import revoke_all_sessions
from contactcenter.assignment.connection import PROCESS_TIMER
from contactcenter.channels.voice import sockets as voice
from contactcenter.channels.voice.lines import is_connected, socket_opened
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.core.clock import frozen
from contactcenter.core.timers import TimerRow
from contactcenter.edge.sids import Sids
from contactcenter.live import guard
from contactcenter.live.rooms import NAMESPACE
from tests.browser import Browser
from tests.live.conftest import Console
from tests.world import World

Consoles = Callable[[User | None], Console]


@pytest.fixture
def look(app: Flask, socketio: SocketIO) -> Callable[[], int]:
    """One turn of the guard over the consoles; how many sockets it ended."""
    return lambda: guard.end_stale(socketio, {NAMESPACE: app.extensions["candor.sids"]})


def test_revoked_session_loses_its_sockets_and_others_keep_theirs(
    db_session: Session, world: World, console: Consoles, look: Callable[[], int]
) -> None:
    alice, bob = console(world.alice), console(world.bob)
    assert look() == 0
    revoke_all_sessions(db_session, world.alice)
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


def test_every_turn_says_that_the_process_lives(db_session: Session, look: Callable[[], int]) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for minute in range(2):
        with frozen(at + timedelta(minutes=minute)):
            look()
    due = db_session.scalars(select(TimerRow.due_at).where(TimerRow.kind == PROCESS_TIMER)).all()
    assert due == [at + timedelta(minutes=1, seconds=30)]


def test_phone_of_a_revoked_session_hears_no_more_and_callers_stay(
    app: Flask, db_session: Session, world: World, socketio: SocketIO
) -> None:
    phones: Sids[voice.Side] = Sids()
    voice.register(socketio, phones)
    cookies = Browser(app, world.alice).client
    alice = socketio.test_client(app, namespace=VOICE, flask_test_client=cookies)
    phones.add("a caller", voice.Side(None, "", "en", "visitor:1f3a"))
    revoke_all_sessions(db_session, world.alice)
    db_session.commit()
    assert guard.end_stale(socketio, {VOICE: phones}) == 1
    assert not alice.is_connected(VOICE)


def test_call_whose_socket_broke_unseen_ends_all_the_same(
    app: Flask, db_session: Session, socketio: SocketIO
) -> None:
    phones: Sids[voice.Side] = Sids()
    with frozen(datetime.now(UTC) - timedelta(minutes=1)):
        socket_opened(db_session, "broken", "visitor:1f3a")
    db_session.commit()
    guard.end_stale(socketio, {VOICE: phones})
    assert not is_connected(db_session, "visitor:1f3a")
