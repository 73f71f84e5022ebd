"""The model's reading reaches an open console before an agent has read the message himself."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.sessions import start_session
from contactcenter.edge.sessions import COOKIE
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket
from tests.e2e.conftest import Organisation
from tests.e2e.faults import until
from tests.e2e.people import Line, Visitor

MESSAGES_N = 5
WITHIN_S = 2.0


class Console:
    """Sam's open console without a browser: every fragment it was told to show, by id."""

    def __init__(self, socket: Line) -> None:
        self.shown: dict[str, str] = {}
        self._reads: dict[str, str] = {}
        self._socket = socket
        socket.on("fragment", self._show, namespace="/console")

    def join(self, room: str) -> None:
        answer = self._socket.call("join", {"room": room}, namespace="/console", timeout=30)
        assert "error" not in answer, answer

    def shows(self, *words: str) -> bool:
        """Whether one fragment holds all of `words`."""
        return any(all(word in html for word in words) for html in list(self.shown.values()))

    def _show(self, fragment: dict[str, Any]) -> None:  # Any: JSON
        """As pages do: what was read before and comes later is not shown."""
        name, read = fragment["id"], fragment.get("read") or ""
        if read >= self._reads.get(name, ""):
            self.shown[name], self._reads[name] = fragment.get("html") or "", read


@contextmanager
def console_of(organisation: Organisation, login: str) -> Iterator[Console]:
    with Session(organisation.database) as session:
        user = session.scalars(select(User).where(User.email.startswith(f"{login}@"))).one()
        token = start_session(session, user, "test")
        session.commit()
    socket = Line()
    console = Console(socket)
    socket.on("connect", socket.remember, namespace="/console")
    socket.connect(
        organisation.url,
        headers={"Cookie": f"{COOKIE}={token}"},
        namespaces=["/console"],
        transports=["websocket"],
        retry=True,
        wait_timeout=30,
    )
    yield console
    socket.hang_up()


def test_mood_shows_on_the_console_within_two_seconds(organisation: Organisation, database: Engine) -> None:
    with console_of(organisation, "sam") as console:
        with Session(database) as session:
            general = session.scalars(select(Queue.id).where(Queue.name == "General")).one()
        console.join(f"queue:{general}")
        visitor = Visitor(organisation.url, organisation.widget)
        visitor.begin()
        visitor.say("Nobody answers me, and I am very disappointed!")
        until(lambda: console.shows("very disappointed", "Unhappy"), "the first message was never read")
        with Session(database) as session:
            console.join(f"ticket:{session.scalars(select(Ticket.id)).one()}")
        took = [
            _time_to_read(console, visitor, f"This is wrong again, number {n}!") for n in range(MESSAGES_N)
        ]
        visitor.leave()
    assert statistics.median(took) < WITHIN_S, took


def _time_to_read(console: Console, visitor: Visitor, words: str) -> float:
    """Seconds from the visitor's Enter to the chip on the console."""
    said_at = time.monotonic()
    visitor.say(words)
    until(partial(console.shows, "message__text", words, "Unhappy"), f"never read: {words}")
    return time.monotonic() - said_at
