"""People who go on working while things break, without browsers: who chats, who telephones, who answers."""

import contextlib
import itertools
import re
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests
import socketio
from socketio.exceptions import SocketIOError

ASK_AGAIN_AFTER_S = 3.0
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
OFFER = re.compile(r"/console/offers/(\d+)/accept")
FIELD = re.compile(r'name="(client_id|conversation)" value="([^"]+)"')
MODE = re.compile(r'class="composer"[^>]* data-mode="(\w+)"')
AWAY = 'data-state="away"'
TICKET = re.compile(r"/console/tickets/\d+")

Json = dict[str, Any]  # Any: JSON


class Line(socketio.Client):  # type: ignore[misc]  # a library without types
    """A client that comes back quickly, and closes what its library leaves open when the other end dies."""

    def __init__(self, *, reconnection: bool = True) -> None:
        super().__init__(reconnection, reconnection_delay=0.2, reconnection_delay_max=1, handle_sigint=False)
        self._lines: list[Any] = []  # Any: sockets of a library without types

    def remember(self) -> None:
        self._lines.append(self.eio.ws)

    def hang_up(self) -> None:
        self.disconnect()
        self.wait()
        for line in self._lines:
            line.shutdown()


class Visitor:
    """A widget without a browser: keeps what is not acknowledged, sends it again, asks for what it missed."""

    def __init__(self, url: str, widget: str, *, like: "Visitor | None" = None) -> None:
        """`like`: the same visitor in another tab."""
        self.bodies: dict[str, str] = {}
        """What was said, by client id, in order."""
        self.heard: dict[int, str] = {}
        """What the screen would show, by seq."""
        self._waiting: dict[str, float] = {}
        self._running = False
        self._url = url
        self._token: str = like._token if like else self._new_token(url, widget)
        self._socket = Line()
        self._socket.on("connect", self._socket.remember, namespace="/chat")
        self._socket.on("message", self._on_message, namespace="/chat")

    @staticmethod
    def _new_token(url: str, widget: str) -> str:
        answer = requests.post(f"{url}/widget/session", json={"key": widget}, timeout=30).json()
        return str(answer["token"])

    def on_connect(self, do: Callable[[], None]) -> None:
        """Have `do` called each time the line stands (again)."""

        def stands() -> None:
            self._socket.remember()
            do()

        self._socket.on("connect", stands, namespace="/chat")

    def begin(self) -> None:
        auth = {"token": self._token, "language": "en"}
        self._socket.connect(
            self._url, auth=auth, namespaces=["/chat"], transports=["websocket"], retry=True, wait_timeout=30
        )

    def say(self, body: str) -> None:
        """Say it now or, if the line is broken, when it is mended."""
        client_id = uuid.uuid4().hex
        self.bodies[client_id] = body
        self._waiting[client_id] = 0.0
        self.send_waiting()

    def send_waiting(self) -> None:
        """Send, in order, what has no answer; the first one alone until the chat exists."""
        for client_id in list(self._waiting)[: None if self._running else 1]:
            if time.monotonic() - self._waiting.get(client_id, time.monotonic()) > ASK_AGAIN_AFTER_S:
                self._waiting[client_id] = time.monotonic()
                self._emit(client_id)

    @property
    def waiting_n(self) -> int:
        """How many of his messages have no answer yet."""
        return len(self._waiting)

    def waits_for(self, client_id: str) -> bool:
        """Whether that message has no answer yet."""
        return client_id in self._waiting

    def catch_up(self, *, within_s: float = 30) -> None:
        """Ask for everything after the first gap, page by page, each answered in that time."""
        more = True
        while more:
            answer = self._socket.call("replay", {"after": self._last}, namespace="/chat", timeout=within_s)
            for said in answer["messages"]:
                self._on_message(said)
            more = answer["more"]

    def leave(self) -> None:
        self._socket.hang_up()

    @property
    def _last(self) -> int:
        """Up to here nothing is missing."""
        return next(seq for seq in itertools.count() if seq + 1 not in self.heard)

    def _emit(self, client_id: str) -> None:
        def settled(answer: Json) -> None:
            if "error" not in answer:
                self._running = True
                self._waiting.pop(client_id, None)

        data = {"client_id": client_id, "body": self.bodies[client_id]}
        with contextlib.suppress(SocketIOError):  # away: sent when it is asked again
            self._socket.emit(
                "message" if self._running else "open", data, namespace="/chat", callback=settled
            )

    def _on_message(self, said: Json) -> None:
        self.heard[said["seq"]] = said["body"]


class Caller:
    """Somebody who telephones from the page: once, until somebody has answered him and he has hung up."""

    def __init__(self, url: str, widget: str) -> None:
        self._token = Visitor._new_token(url, widget)
        self._url, self._line = url, Line()
        self._line.on("connect", self._line.remember, namespace="/voice")
        self.call_id = ""

    def ring(self) -> None:
        """Returns when the system has his call; asking again is the same call as long as it runs."""
        self._line.connect(
            self._url,
            auth={"token": self._token, "language": "en"},
            namespaces=["/voice"],
            transports=["websocket"],
            retry=True,
            wait_timeout=30,
        )
        while not self.call_id:
            self.call_id = str(self._ask("call", {"name": "Zhang Wei"}).get("call") or "")

    def talk(self, *, within_s: float) -> bool:
        """Wait until somebody answers, hang up; False if the call went on for longer than that."""
        until_at = time.monotonic() + within_s
        while time.monotonic() < until_at:
            now = self._ask("resume", {})
            if "call" in now and now["call"] != self.call_id:
                return True  # it is over: his line was gone for too long
            if now.get("state") == "talking":
                self._ask("hang_up", {"call": self.call_id})
            time.sleep(0.5)
        return False

    def leave(self) -> None:
        self._line.hang_up()

    def _ask(self, event: str, data: Json) -> Json:
        """The answer, or nothing while nobody answers."""
        try:
            answer: Json = self._line.call(event, data, namespace="/voice", timeout=5)
        except SocketIOError:
            time.sleep(0.5)
            return {}
        return answer


class Agent:
    """Somebody at the console without a browser: takes every offer and answers it once (a call: with a note)."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.headers["Accept"] = "text/html"
        self._csrf = TOKEN.findall(self._http.get(f"{url}/sign-in", timeout=30).text)[0]
        form = {"email": email, "password": password}
        self._post("/sign-in", form)
        self._csrf = TOKEN.findall(self._http.get(f"{url}/console", timeout=30).text)[0]
        self._socket = Line()
        self._socket.on("connect", self._socket.remember, namespace="/console")
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.answered: list[str] = []

    def begin(self) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        self._socket.connect(
            self._url,
            headers={"Cookie": cookie},
            namespaces=["/console", "/voice"],
            transports=["websocket"],
            retry=True,
            wait_timeout=30,
        )
        self._post("/console/presence", {"state": "ready"})
        self._thread.start()

    def leave(self) -> None:
        self._end.set()
        self._thread.join(timeout=60)
        self._socket.hang_up()
        self._http.close()

    def _work(self) -> None:
        while not self._end.wait(0.5):
            with contextlib.suppress(requests.RequestException, LookupError):
                for offer_id in OFFER.findall(self._get("/console/offers")):
                    self._take(offer_id)
                if AWAY in self._get("/console/presence"):  # an offer rang while nothing got through
                    self._post("/console/presence", {"state": "ready"})

    def _take(self, offer_id: str) -> None:
        went = self._retry(lambda: self._post(f"/console/offers/{offer_id}/accept", {}))
        if went.ok:
            [path] = TICKET.findall(went.headers["HX-Redirect"])
            self._answer(path)

    def _answer(self, path: str) -> None:
        """Answer the ticket; the form's own client id lets it be sent again until it is stored."""
        page, fields = "", dict[str, str]()
        while not fields.get("client_id"):
            page = self._retry(lambda: self._get(path))
            fields = dict(FIELD.findall(page))
        [mode] = MODE.findall(page)  # who called cannot read
        form = {**fields, "mode": mode, "body": f"Good morning, I look after it. {path}"}
        stored = self._retry(lambda: self._post(f"{path}/messages", form))
        assert stored.ok, stored.text
        self.answered.append(path)

    def _get(self, path: str) -> str:
        answer = self._http.get(f"{self._url}{path}", timeout=30)
        answer.raise_for_status()
        return answer.text

    def _post(self, path: str, form: dict[str, str]) -> requests.Response:
        answer = self._http.post(
            f"{self._url}{path}", data=form, headers={"X-CSRFToken": self._csrf}, timeout=30
        )
        if answer.status_code >= 500:
            answer.raise_for_status()
        return answer

    def _retry(self, do: Callable[[], Any]) -> Any:  # Any: what `do` returns
        while True:
            try:
                return do()
            except requests.RequestException:
                if self._end.wait(0.5):
                    raise
