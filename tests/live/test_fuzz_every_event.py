"""Every event of every socket, whatever its fields hold: an answer each time, and nothing raised.

Events are read off the server and their fields learnt by watching, so that a new one is attacked without a line here.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask_socketio import SocketIO, SocketIOTestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.push import NAMESPACE as CHAT
from contactcenter.channels.chat.service import save_widget
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.conversations.models import Conversation
from contactcenter.edge import sids
from contactcenter.edge.limits import limiter
from contactcenter.edge.visitors import issue_token
from contactcenter.live import parcel
from contactcenter.live.rooms import NAMESPACE
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.edge.hostile import VALUES, nothing_happened
from tests.world import World

LIBRARYS_OWN = {"connect", "disconnect"}
WORDS = ["", "\0", "\ud800", "a\u202eb", "__class__", "ticket:", "ticket:-1", "wall", "x" * 300_000]
VALUES_OF_ALL_KINDS = st.one_of(
    st.sampled_from([*VALUES, *WORDS, -(2**63), 2**63, 1e308, [[[]]] * 9, {"": None}, {"sdp": "\ud800"}]),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
)


class Watched(dict[str, Any]):  # Any: JSON
    """An object that came in, which notes what is asked of it."""

    asked: ClassVar[set[str]] = set()

    def get(self, key: str, default: object = None) -> Any:  # Any: as the parent
        self.asked.add(key)
        return super().get(key, default)


class Town:
    """Somebody at each socket, in the middle of something, so that a handler goes as far as it can."""

    def __init__(
        self, app: Flask, session: Session, socketio: SocketIO, world: World, ticket: Ticket
    ) -> None:
        self._app, self._socketio, self._cookies = app, socketio, Browser(app, world.alice).client
        widget = WidgetKey(brand=world.brand, queue=world.support)
        save_widget(session, widget, actor="system", name="Shop", sites=["https://shop.example"])
        session.commit()
        auth = {"token": issue_token(widget.id, world.support.id)}
        self.sockets = [
            (NAMESPACE, self._opened(NAMESPACE)),
            (CHAT, self._opened(CHAT, auth)),
            (VOICE, self._opened(VOICE, auth)),
            (VOICE, self._opened(VOICE)),
        ]
        self.good: dict[str, object] = {
            "room": f"ticket:{ticket.id}",
            "ticket": ticket.id,
            "body": "x",
            "client_id": "12345678",
            "name": "x",
            "email": "x@example.org",
            "rating": 5,
            "seq": 1,
            "data": {"type": "offer"},
        }
        self.sockets[1][1].emit("open", self.good, namespace=CHAT)
        call = self.sockets[2][1].emit("call", {}, namespace=VOICE, callback=True)
        self.good |= {"call": call["call"], "client_id": "87654321"}
        self.good["conversation"] = self._answered(session, world)
        session.commit()

    def events(self) -> Iterator[tuple[str, str, SocketIOTestClient]]:
        for namespace, socket in self.sockets:
            for name in sorted(set(self._socketio.server.handlers[namespace]) - LIBRARYS_OWN):
                yield namespace, name, socket

    def _opened(self, namespace: str, auth: dict[str, str] | None = None) -> SocketIOTestClient:
        cookies = None if auth else self._cookies
        return self._socketio.test_client(
            self._app, namespace=namespace, auth=auth, flask_test_client=cookies
        )

    def _answered(self, session: Session, world: World) -> int:
        """Alice has taken whatever waits; the last of it."""
        found = session.scalars(select(Conversation).order_by(Conversation.id)).all()
        for conversation in found:
            conversation.agent_id = world.alice.id
        return found[-1].id


@pytest.fixture
def town(
    app: Flask,
    db_session: Session,
    socketio: SocketIO,
    world: World,
    ticket: Ticket,
    monkeypatch: pytest.MonkeyPatch,
) -> Town:
    monkeypatch.setattr(sids, "BURST", 1e9)
    fit = parcel._fit

    def watched(value: object, depth: int) -> object:
        fitted = fit(value, depth)
        return Watched(fitted) if isinstance(fitted, dict) else fitted

    monkeypatch.setattr(parcel, "_fit", watched)
    return Town(app, db_session, socketio, world, ticket)


def fields_of(ask: Callable[..., Any], good: dict[str, object]) -> list[str]:
    """What a handler asks for; more than at first once what it asked for is there."""
    Watched.asked.clear()
    ask({})
    ask({name: good.get(name, "x") for name in Watched.asked})
    return sorted(Watched.asked)


def attack(
    session: Session, ask: Callable[..., object], fields: list[str], good: dict[str, object], n: int
) -> None:
    """Each field wrong alone and all of them at once; other things than an object; more than one thing."""

    @settings(
        max_examples=n,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(
        name=st.sampled_from([*fields, ""]),
        value=VALUES_OF_ALL_KINDS,
        also=st.lists(VALUES_OF_ALL_KINDS, max_size=2),
    )
    def knock(name: str, value: object, also: list[object]) -> None:
        limiter.reset()
        with nothing_happened(session):
            answer = ask({**good, name: value} if name else value, *also)
        assert isinstance(answer, dict)
        assert isinstance(answer.get("error", ""), str)

    knock()


@pytest.mark.parametrize("n", [40, pytest.param(2000, marks=pytest.mark.soak)])
def test_every_event_is_answered_whatever_it_carries(town: Town, db_session: Session, n: int) -> None:
    learnt = set()
    for namespace, name, socket in town.events():
        ask = partial(socket.emit, name, namespace=namespace, callback=True)
        with nothing_happened(db_session):
            fields = fields_of(ask, town.good)
        attack(db_session, ask, fields, {field: town.good.get(field, "x") for field in fields}, n)
        learnt |= {f"{namespace} {name} {field}" for field in fields}
    assert {"/console typing ticket", "/chat message body", "/voice signal data"} <= learnt
