"""A widget of Harbour Electric, and visitors with sockets of their own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_socketio import SocketIO, SocketIOTestClient
from sqlalchemy.orm import Session

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.push import NAMESPACE
from contactcenter.channels.chat.service import save_widget
from contactcenter.core import push
from contactcenter.core.config import get_settings
from contactcenter.edge.limits import limiter
from contactcenter.live.setup import attach_sockets
from tests.world import World

SITE = "https://shop.example"


@pytest.fixture
def widget(db_session: Session, world: World) -> WidgetKey:
    """A widget that may stand on SITE."""
    key = WidgetKey(brand=world.brand, queue=world.support)
    save_widget(db_session, key, actor="system", name="Shop", sites=[SITE])
    db_session.commit()
    return key


@pytest.fixture
def socketio(app: Flask, db_session: Session) -> Iterator[SocketIO]:
    """The server's sockets in this process alone."""
    alone = get_settings().model_copy(update={"redis_url": ""})
    yield attach_sockets(app, alone, async_mode="threading", watched=False)
    push.use(lambda *_args, **_kwargs: None)


class Visitor:
    """A person on the shop's page: his token, his socket, what he was told."""

    def __init__(self, app: Flask, socketio: SocketIO, widget: WidgetKey, token: str | None = None) -> None:
        answer = app.test_client().post("/widget/session", json={"key": widget.key, "token": token})
        self.token: str = answer.json["token"] if answer.json else ""
        auth = {"token": self.token, "language": "en"}
        self.socket: SocketIOTestClient = socketio.test_client(app, namespace=NAMESPACE, auth=auth)

    def ask(self, event: str, **data: Any) -> dict[str, Any]:  # Any: JSON both ways
        """Send an event, return its answer."""
        answer = self.socket.emit(event, data, namespace=NAMESPACE, callback=True)
        assert isinstance(answer, dict)
        return answer

    def heard(self, name: str) -> list[dict[str, Any]]:
        """The payloads of `name` pushed since the last call."""
        got = self.socket.get_received(NAMESPACE)
        payloads = [one["args"] for one in got if one["name"] == name]
        return [payload[0] if isinstance(payload, list) else payload for payload in payloads]


@pytest.fixture
def visit(app: Flask, socketio: SocketIO, widget: WidgetKey) -> Callable[..., Visitor]:
    """`visit()` is somebody new; `visit(token)` the same person in another tab."""
    limiter.reset()
    return lambda token=None: Visitor(app, socketio, widget, token)
