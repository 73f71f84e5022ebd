"""Web processes with real sockets on loopback, each with its own client manager, as on several machines."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from typing import Any

import socketio
from flask import Flask
from sqlalchemy import Engine
from werkzeug.serving import make_server

from contactcenter.accounts.models import User
from contactcenter.accounts.sessions import start_session
from contactcenter.core.config import Settings
from contactcenter.core.db import unit_of_work
from contactcenter.edge.sessions import COOKIE
from contactcenter.factory import create_app
from contactcenter.live.rooms import NAMESPACE
from contactcenter.live.setup import attach_sockets

WITHIN_S = 30.0


class Process:
    """One web process; its guard looks only when it is told to."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.app: Flask = create_app(settings, engine=engine)
        self.socketio = attach_sockets(self.app, settings, async_mode="threading", watched=False)
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self._clients: list[Client] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def cookie(self, user: User) -> str:
        """Of somebody who has signed in."""
        with unit_of_work() as session:
            return f"{COOKIE}={start_session(session, session.get_one(User, user.id), 'Test')}"

    def console(self, user: User) -> "Client":
        return self.client(NAMESPACE, headers={"Cookie": self.cookie(user)})

    def held(self, namespace: str) -> int:
        """How many sockets of `namespace` the server knows of."""
        return len(list(self.socketio.server.manager.get_participants(namespace, None)))

    def client(self, namespace: str, **options: Any) -> "Client":  # Any: the library's own
        made = Client(self.url, namespace, **options)
        self._clients.append(made)
        return made

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


class Client:
    """A browser's socket that does what pages do: it joins again when it is told to."""

    def __init__(self, url: str, namespace: str, *, origin: str = "", **options: Any) -> None:
        self._socket = socketio.Client(
            handle_sigint=False,
            reconnection_delay=0.2,
            reconnection_delay_max=0.5,
            websocket_extra_options={"origin": origin or url},
        )
        self._namespace = namespace
        self.heard: list[tuple[str, Any]] = []
        self.rooms: dict[str, bool] = {}
        self.transports_n = 0
        self._lines: list[Any] = []  # what the library leaves open when the other end closes
        self._socket.on("*", self._on_any, namespace=namespace)
        self._follow("connect", self._count)
        self._follow("disconnect", self._remember)
        self._opened = threading.Event()
        if options.get("wait", True):
            self._opened.set()
        self._socket.connect(url, namespaces=[namespace], transports=["websocket"], **options)
        self._opened.set()

    @property
    def connected(self) -> bool:
        return namespace_connected(self._socket, self._namespace)

    def ask(self, event: str, data: object) -> dict[str, Any]:  # Any: JSON
        answer: dict[str, Any] = self._socket.call(event, data, namespace=self._namespace, timeout=WITHIN_S)
        return answer

    def tell(self, event: str, data: object) -> None:
        self._socket.emit(event, data, namespace=self._namespace)

    def joins(self, subject: str) -> bool:
        self.rooms[subject] = "ok" in self.ask("join", {"room": subject})
        return self.rooms[subject]

    def names(self) -> list[str]:
        """The fragments heard so far."""
        return [data["id"] for event, data in self.heard if event == "fragment"]

    def close(self) -> None:
        """Go like a window that is closed: the line breaks. Twice is once."""
        self._socket.reconnection = False
        line = self._socket.eio.ws
        if line is not None and line.sock is not None:
            with suppress(OSError):
                line.sock.shutdown(SHUT_RDWR)  # wakes whoever reads
        self._socket.eio.wait()
        for line in self._lines:
            line.shutdown()

    def _follow(self, event: str, do: Callable[[], None]) -> None:
        """Do this before what the library does when its transport opens or closes."""
        then = self._socket.eio.handlers[event]

        def both(*arguments: Any) -> object:  # Any: the library's own
            do()
            return then(*arguments)

        self._socket.eio.on(event, both)

    def _count(self) -> None:
        self.transports_n += 1

    def _remember(self) -> None:
        # A line that breaks while `connect` still runs leaves the library "connected" for good, and it never tries again.
        self._opened.wait(WITHIN_S)
        if self._socket.eio.ws is not None:
            self._lines.append(self._socket.eio.ws)

    def _on_any(self, event: str, data: Any = None) -> None:
        self.heard.append((event, data))
        if event == "again" and "room" in data:
            subject = data["room"]

            def note(answer: dict[str, Any]) -> None:
                self.rooms[subject] = "ok" in answer
                self.heard.append(("answer", {subject: self.rooms[subject]}))

            self._socket.emit("join", {"room": subject}, namespace=self._namespace, callback=note)


def namespace_connected(socket: socketio.Client, namespace: str) -> bool:
    return bool(socket.connected and namespace in socket.namespaces)


def until(true: Callable[[], object], *, within_s: float = WITHIN_S) -> None:
    """Wait until `true()` is; fails after `within_s`."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@contextmanager
def processes(settings: Settings, engine: Engine, n: int) -> Iterator[list[Process]]:
    """`n` web processes of one system."""
    started: list[Process] = []
    try:
        while len(started) < n:
            started.append(Process(settings, engine))
        yield started
    finally:
        for one in started:
            one.stop()
