"""Chromium windows on the running application, for every screen's tests."""

from collections.abc import Iterator

import pytest
from flask_socketio import SocketIO
from playwright.sync_api import Playwright
from sqlalchemy import Engine

from contactcenter.core import push
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.edge.limits import limiter
from contactcenter.factory import create_app
from contactcenter.live.guard import Guard
from contactcenter.live.setup import attach_sockets
from tests.web.served import Served, serve
from tests.world import World, build_world


@pytest.fixture(scope="session")
def _serving(engine: Engine, playwright: Playwright) -> Iterator[tuple[Served, push.Crier]]:
    """The application with sockets of its own, served once for the whole run; and what it hears of rights."""
    alone = get_settings().model_copy(update={"redis_url": ""})
    app = create_app(alone, engine=engine)
    socketio = attach_sockets(app, alone, async_mode="threading", watched=False)
    guard: Guard = app.extensions["candor.guard"]
    with serve(app, socketio, playwright) as served:
        yield served, guard._door.hear
    push.use(lambda *_args, **_kwargs: None)


@pytest.fixture
def served(_serving: tuple[Served, push.Crier], clean_database: Engine) -> Iterator[Served]:
    """The served application on an emptied database; no script in any window may have failed."""
    limiter.reset()
    running, hear = _serving
    push.use(emitter(running.socketio), crier=hear)
    yield running
    push.use(lambda *_args, **_kwargs: None)
    running.close()
    failed, running.errors = running.errors, []
    assert not failed, failed


@pytest.fixture
def town(served: Served) -> World:
    """The people of the tests, really committed."""
    with unit_of_work() as session:
        return build_world(session)


def emitter(socketio: SocketIO) -> push.Emitter:
    """Pushes of this process, to the sockets of this process."""

    def emit(event: str, payload: push.Payload, *, room: str, namespace: str) -> None:
        socketio.emit(event, payload, to=room, namespace=namespace)

    return emit
