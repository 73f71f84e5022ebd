"""A WebSocket and a line of HTTP as pages hold them, for greenlets: import it after gevent has patched the sockets."""

import http.client
import json
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import gevent
import websocket
from gevent.event import AsyncResult
from gevent.lock import BoundedSemaphore

Json = dict[str, Any]  # Any: JSON


class Wire:
    """One Socket.IO namespace over a WebSocket, read by a greenlet of its own."""

    def __init__(self, url: str, namespace: str, hear: Callable[[str, Any], None], **options: Any) -> None:
        auth = options.pop("auth", None)
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self._socket = websocket.create_connection(address, origin=url, timeout=60, **options)
        self._namespace, self._hear = namespace, hear
        self._answers: dict[int, Callable[[Any], None]] = {}
        self._ids = count(1)
        self._sending = BoundedSemaphore()
        self._write(f"40{namespace}," + (json.dumps(auth) if auth else ""))
        while not (said := str(self._socket.recv())).startswith(f"40{namespace}"):
            if said.startswith("44"):
                raise ConnectionError(said)
        self._reading = gevent.spawn(self._read)

    def emit(self, event: str, data: Json, answered: Callable[[Any], None] | None = None) -> None:
        number = ""
        if answered:
            number = str(next(self._ids))
            self._answers[int(number)] = answered
        self._write(f"42{self._namespace},{number}" + json.dumps([event, data]))

    def call(self, event: str, data: Json) -> Any:
        box = AsyncResult()
        self.emit(event, data, box.set)
        return box.get(timeout=60)

    def close(self) -> None:
        self._reading.kill()
        self._socket.close()

    def _write(self, text: str) -> None:
        with self._sending:
            self._socket.send(text)

    def _read(self) -> None:
        self._socket.settimeout(None)
        event, answer = f"42{self._namespace},", f"43{self._namespace},"
        while True:
            said = str(self._socket.recv())
            if said == "2":
                self._write("3")
            elif said.startswith(event):
                self._hear(*json.loads(said[len(event) :]))
            elif said.startswith(answer):
                number, _, rest = said[len(answer) :].partition("[")
                self._answers.pop(int(number))(json.loads("[" + rest)[0])


class Http:
    """Requests one after the other on a line that stays open."""

    def __init__(self, url: str, head: dict[str, str]) -> None:
        self._line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._head = head
        self._cookies = dict(one.split("=", 1) for one in head.get("Cookie", "").split("; ") if one)
        self._turn = BoundedSemaphore()

    def ask(self, method: str, path: str, body: str | None = None, **head: str) -> tuple[int, str, str]:
        """Status, text, and where htmx is sent on to."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        with self._turn:
            try:
                return self._once(method, path, body, self._head | kind | head)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self._line.close()  # it stood idle for too long: browsers ask once more, too
                return self._once(method, path, body, self._head | kind | head)

    def _once(self, method: str, path: str, body: str | None, head: dict[str, str]) -> tuple[int, str, str]:
        self._line.request(method, path, body and body.encode(), head)
        answer = self._line.getresponse()
        for cookie in answer.msg.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if self._cookies:
            self._head["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return answer.status, answer.read().decode(), answer.getheader("HX-Redirect", "")
