"""Real web processes, one killed with -9: what the database and the clock make of its callers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, select

from contactcenter.accounts.models import User
from contactcenter.accounts.sessions import start_session
from contactcenter.assignment.connection import HEARTBEAT_EVERY_S, PROCESS_TIMER
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.service import take_conversation
from contactcenter.channels.voice import lines
from contactcenter.channels.voice.models import Call, VoiceSocket
from contactcenter.channels.voice.push import NAMESPACE
from contactcenter.core import timers
from contactcenter.core.clock import frozen, now
from contactcenter.core.db import unit_of_work
from contactcenter.core.timers import TimerRow
from contactcenter.edge.sessions import COOKIE
from contactcenter.edge.visitors import issue_token
from tests.e2e.faults import free_port, until
from tests.e2e.people import Json, Line
from tests.world import World, build_world

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def house(clean_database: Engine) -> World:
    """The world, committed for real; Alice is ready."""
    with unit_of_work() as session:
        world = build_world(session)
        set_presence(session, world.alice, "ready", by=world.alice.actor)
    return world


@contextmanager
def web_process() -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """One web process of its own, as in production; and its address."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "--bind", address, "--worker-class", "gevent"]
    command += ["--no-control-socket", "--log-level", "warning", "contactcenter.wsgi:app"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ}, start_new_session=True) as process:
        try:
            until(lambda: answers(f"http://{address}"), "the web did not start", within_s=90)
            yield process, f"http://{address}"
        finally:
            process.kill()


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=2).ok
    except requests.RequestException:
        return False


class Phone:
    """A voice socket over the wire to one web process; it does not come back by itself."""

    def __init__(self, url: str, *, token: str = "", cookie: str = "") -> None:
        self.socket = Line(reconnection=False)
        self.socket.on("connect", self.socket.remember, namespace=NAMESPACE)
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        auth = {"token": token, "language": "en"}
        self.socket.connect(
            url, headers=headers, auth=auth, namespaces=[NAMESPACE], transports=["websocket"], wait_timeout=30
        )

    def ask(self, event: str) -> Json:
        answer: Json = self.socket.call(event, {}, namespace=NAMESPACE, timeout=30)
        return answer


def test_call_outlives_its_first_process_and_ends_with_its_last(house: World) -> None:
    visitor, cookie = issue_token(1, house.support.id), signed_in(house.bob)
    with web_process() as (first, here), web_process() as (second, there), ExitStack() as phones:

        def phone(url: str, **who: str) -> Phone:
            opened = Phone(url, **who)
            phones.callback(opened.socket.hang_up)
            return opened

        caller = phone(here, token=visitor)
        phone(here, cookie=cookie)
        call = caller.ask("call")["call"]
        bob_takes(call, house.bob)

        back = phone(there, token=visitor)
        caller.socket.disconnect()
        until(lambda: len(holders()) == 2, "the first process did not notice")
        assert waiting(lines.GONE_TIMER) == [], "a late disconnect here says nothing about there"

        phone(there, cookie=cookie)
        first_to_speak, *_others, last_to_speak = holders()
        kill(first)
        notice_silence_of(first_to_speak)
        assert (state_of(call), back.ask("resume")["call"]) == ("talking", call)

        killed_at = kill(second)
        notice_silence_of(last_to_speak)
    with unit_of_work() as session:
        ended = session.scalars(select(Call)).one()
        assert (ended.state, ended.outcome) == ("ended", "answered")
        assert ended.conversation.end_reason == "connection_lost"
        assert ended.ended_at is not None
        assert killed_at - timedelta(seconds=HEARTBEAT_EVERY_S + 2) < ended.ended_at <= killed_at
    assert holders() == []


def signed_in(user: User) -> str:
    with unit_of_work() as session:
        return start_session(session, session.get_one(User, user.id), "Chromium")


def bob_takes(call: str, bob: User) -> None:
    with unit_of_work() as session:
        row = session.scalars(select(Call).where(Call.public_id == call)).one()
        take_conversation(session, session.get_one(User, bob.id), row.conversation_id)


def kill(process: "subprocess.Popen[bytes]") -> datetime:
    """`kill -9` the process with its parent; when that was."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return now()


def notice_silence_of(process: str) -> None:
    """What the clock process does once it has heard nothing of a web process for long enough."""
    with unit_of_work() as session:
        query = select(TimerRow.id).where(TimerRow.kind == PROCESS_TIMER, TimerRow.key == process)
        row_id = session.scalars(query.where(TimerRow.done_at.is_(None))).one()
    fire(row_id)
    for row_id in waiting(lines.GONE_TIMER):
        fire(row_id)


def waiting(kind: str) -> list[int]:
    with unit_of_work() as session:
        query = select(TimerRow.id).where(TimerRow.kind == kind, TimerRow.done_at.is_(None))
        return list(session.scalars(query.order_by(TimerRow.id)))


def fire(row_id: int) -> None:
    """Let a timer fire when it is due, though that has yet to come."""
    with unit_of_work() as session:
        row = session.get_one(TimerRow, row_id)
        with frozen(max(row.due_at, now())):
            timers.fire(session, row)


def holders() -> list[str]:
    """The processes of all open sockets, in the order the sockets were opened."""
    with unit_of_work() as session:
        return list(session.scalars(select(VoiceSocket.process).order_by(VoiceSocket.opened_at)))


def state_of(call: str) -> str:
    with unit_of_work() as session:
        return session.scalars(select(Call.state).where(Call.public_id == call)).one()
