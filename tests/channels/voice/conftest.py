"""A router that leads, agents at work, and browsers on both sides of a call."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_socketio import SocketIO, SocketIOTestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.lease import take_lease
from contactcenter.assignment.router import Router
from contactcenter.assignment.service import accept_offer
from contactcenter.channels.voice.models import Call
from contactcenter.channels.voice.push import NAMESPACE
from contactcenter.conversations.models import Message
from contactcenter.core import push
from contactcenter.core.clock import frozen
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.edge.visitors import issue_token
from contactcenter.live.setup import attach_sockets
from tests.assignment.shift import MORNING, Shift, at
from tests.browser import Browser
from tests.world import World


@pytest.fixture
def shift(db_session: Session, world: World) -> Iterator[Shift]:
    """MORNING; the router leads, nobody is ready yet."""
    with frozen(MORNING):
        lease = take_lease(db_session, 0, "router of the test")
        assert lease is not None
        db_session.commit()
        yield Shift(db_session, world, lease, Router(lease))


@pytest.fixture
def socketio(app: Flask, db_session: Session) -> Iterator[SocketIO]:
    """The server's sockets in this process alone."""
    alone = get_settings().model_copy(update={"redis_url": ""})
    yield attach_sockets(app, alone, async_mode="threading", watched=False)
    push.use(lambda *_args, **_kwargs: None)


class Phone:
    """One browser's voice socket."""

    def __init__(self, socket: SocketIOTestClient) -> None:
        self.socket = socket

    def ask(self, event: str, **data: Any) -> dict[str, Any]:  # Any: JSON both ways
        """Send an event, return its answer."""
        answer = self.socket.emit(event, data, namespace=NAMESPACE, callback=True)
        assert isinstance(answer, dict)
        return answer

    def heard(self, name: str) -> list[dict[str, Any]]:  # Any: JSON
        """The payloads of `name` since anything was last heard."""
        got = self.socket.get_received(NAMESPACE)
        return [one["args"][0] for one in got if one["name"] == name]

    def gone(self) -> None:
        self.socket.disconnect(NAMESPACE)


class Line:
    """Gives phones to people."""

    def __init__(self, app: Flask, socketio: SocketIO, shift: Shift) -> None:
        self.app, self.socketio, self.shift = app, socketio, shift
        self.token = ""
        """The visitor token of whoever called last."""

    def caller(self, token: str | None = None) -> tuple[Phone, str]:
        """A visitor's phone, and his token for another tab."""
        token = self.token = token or issue_token(1, self.shift.world.support.id)
        auth = {"token": token, "language": "en"}
        return Phone(self.socketio.test_client(self.app, namespace=NAMESPACE, auth=auth)), token

    def agent(self, user: User | None) -> Phone:
        """A phone with the cookies of the user's browser."""
        cookies = Browser(self.app, user).client
        socket = self.socketio.test_client(self.app, namespace=NAMESPACE, flask_test_client=cookies)
        return Phone(socket)

    def call(self, public_id: str) -> Call:
        """The call as the database has it now."""
        self.shift.session.expire_all()
        return self.shift.session.scalars(select(Call).where(Call.public_id == public_id)).one()

    def answer(self, public_id: str) -> User:
        """The router offers the call, and whoever it rings at accepts."""
        self.shift.turn()
        offer = self.shift.offer(self.call(public_id).conversation)
        assert offer is not None
        user = offer.user
        with unit_of_work() as session:
            accept_offer(session, session.get_one(User, user.id), offer.id)
        self.shift.session.expire_all()
        return user


@pytest.fixture
def line(app: Flask, socketio: SocketIO, shift: Shift) -> Line:
    """The house's telephone line."""
    return Line(app, socketio, shift)


def talking(line: Line) -> tuple[Phone, Phone, str]:
    """Alice is the only one ready and has answered; her phone, the caller's, and the call."""
    line.shift.ready(line.shift.world.alice)
    caller, _ = line.caller()
    alice = line.agent(line.shift.world.alice)
    call: str = caller.ask("call", name="王丽")["call"]
    with at(8):
        assert line.answer(call) == line.shift.world.alice
    return caller, alice, call


def lines_of(line: Line, call: str) -> list[dict[str, Any]]:  # Any: JSON
    """The system lines in the call's transcript."""
    conversation_id = line.call(call).conversation_id
    query = select(Message.meta).where(Message.conversation_id == conversation_id).order_by(Message.seq)
    return [{"code": meta["code"], **meta["values"]} for meta in line.shift.session.scalars(query)]
