"""Consoles with sockets of their own, in one process; and whole web processes with real ones."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_socketio import SocketIO, SocketIOTestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.core import push
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.live.rooms import NAMESPACE
from contactcenter.live.setup import attach_sockets
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import open_ticket
from tests.browser import Browser
from tests.live.served import Process, processes
from tests.world import World, build_world


@pytest.fixture
def ticket(db_session: Session, world: World) -> Ticket:
    """Wang Li's, in Alice's queue; nobody has it."""
    ticket = open_ticket(db_session, world.wang_li, world.support, "Where?", actor=world.wang_li.actor)
    db_session.commit()
    return ticket


@pytest.fixture
def socketio(app: Flask, db_session: Session) -> Iterator[SocketIO]:
    """The server's sockets in this process alone."""
    alone = get_settings().model_copy(update={"redis_url": ""})
    yield attach_sockets(app, alone, async_mode="threading", watched=False)
    push.use(lambda *_args, **_kwargs: None)


class Console:
    """One person's console."""

    def __init__(self, socket: SocketIOTestClient) -> None:
        self.socket = socket

    @property
    def connected(self) -> bool:
        return bool(self.socket.is_connected(NAMESPACE))

    def ask(self, event: str, data: object = None) -> dict[str, Any]:  # Any: JSON
        """Send an event, return its answer."""
        answer = self.socket.emit(event, data, namespace=NAMESPACE, callback=True)
        assert isinstance(answer, dict)
        return answer

    def joins(self, subject: str) -> bool:
        return "ok" in self.ask("join", {"room": subject})

    def heard(self, name: str) -> list[dict[str, Any]]:  # Any: JSON
        """The payloads of `name` since anything was last heard."""
        return [one["args"][0] for one in self.socket.get_received(NAMESPACE) if one["name"] == name]


@pytest.fixture
def console(app: Flask, socketio: SocketIO, world: World) -> Callable[[User | None], Console]:
    """`console(world.alice)` is hers; `console(None)` belongs to nobody who signed in."""

    def opened(user: User | None) -> Console:
        cookies = Browser(app, user).client
        return Console(socketio.test_client(app, namespace=NAMESPACE, flask_test_client=cookies))

    return opened


@pytest.fixture
def town(clean_database: Engine) -> World:
    """The people of the tests, really committed."""
    with unit_of_work() as session:
        return build_world(session)


@pytest.fixture
def process(town: World, clean_database: Engine) -> Iterator[Process]:
    """A web process of theirs that is alone, without Redis."""
    alone = get_settings().model_copy(update={"redis_url": ""})
    with processes(alone, clean_database, 1) as (started,):
        yield started
