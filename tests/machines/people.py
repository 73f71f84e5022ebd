"""People and programs at a machine of their choice, or at the proxy."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from sqlalchemy import Engine, text

from tests.e2e.conftest import PASSWORD
from tests.e2e.faults import until
from tests.e2e.people import Agent
from tests.fire.judge import told
from tests.live.served import Client

LEFT_WITHIN_S = 10.0
Json = dict[str, Any]  # Any: JSON


class Desk(Agent):
    """An agent with an ear at the console's socket, too. Each sits at the address where he signed in."""

    def __init__(self, url: str, login: str, database: Engine) -> None:
        super().__init__(url, f"{login}@harbour.example", PASSWORD)
        query = "SELECT id FROM user_account WHERE email = :email"
        self.id = one(database, query, email=f"{login}@harbour.example")
        self.ear = self.listen(url)
        self._is_there = False

    def listen(self, url: str) -> Client:
        """Another page of his, perhaps at another machine."""
        cookie = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        return Client(url, "/console", headers={"Cookie": cookie})

    def sign_out(self) -> None:
        assert self._post("/sign-out", {}).ok

    def heard_offer(self) -> bool:
        return any(name.startswith("offer-") for name in self.ear.names())

    def end_quietly(self) -> None:
        """He sits there and does nothing any more; his page stays open."""
        self._end.set()
        self._thread.join(timeout=60)

    def begin(self) -> None:
        super().begin()
        self._is_there = True

    def leave(self) -> None:
        """Away first: nobody's work waits for him."""
        if self._is_there:
            self.end_quietly()
            assert self._post("/console/presence", {"state": "away", "reason": "Home"}).ok
            super().leave()
        self.ear.close()


class Widget:
    """A visitor's page at one machine."""

    def __init__(self, url: str, key: str) -> None:
        self.token = str(
            requests.post(f"{url}/widget/session", json={"key": key}, timeout=30).json()["token"]
        )
        self.page = Client(url, "/chat", auth={"token": self.token, "language": "en"})
        self.conversation = self.ticket = 0

    def open(self, body: str) -> None:
        answer = self.page.ask("open", {"client_id": uuid.uuid4().hex, "body": body})
        self.conversation, self.ticket = answer["conversation"], answer["ticket"]

    def say(self, body: str) -> None:
        assert "seq" in self.page.ask("message", {"client_id": uuid.uuid4().hex, "body": body})

    def heard(self) -> list[str]:
        return [data["body"] for event, data in self.page.heard if event == "message"]

    def saw_typing(self) -> bool:
        return any(event == "typing" and data["on"] for event, data in self.page.heard)


@contextmanager
def here(*people: Desk | Widget) -> Iterator[None]:
    """Whoever is there leaves at the end; nobody waits for a library that waits for a machine which is no more."""
    try:
        yield
    finally:
        for person in people:
            leaving = threading.Thread(target=_leave, args=(person,), daemon=True)
            leaving.start()
            leaving.join(timeout=LEFT_WITHIN_S)


def _leave(person: Desk | Widget) -> None:
    with contextlib.suppress(OSError, requests.RequestException):
        person.leave() if isinstance(person, Desk) else person.page.close()


def create_ticket(url: str, token: str, subject: str) -> int:
    """A program asks once; what it gets must be the ticket."""
    body: Json = {
        "subject": subject,
        "body": "Hello?",
        "customer": {"email": f"{uuid.uuid4().hex}@example.com"},
    }
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    answer = requests.post(f"{url}/api/v1/tickets", json=body, headers=headers, timeout=30)
    assert answer.status_code < 300, f"{answer.status_code} {answer.text[:300]}"
    return int(answer.json()["id"])


def one(database: Engine, query: str, **values: object) -> Any:  # Any: whatever the column holds
    """The one value of a query; None if there is no row."""
    with database.connect() as connection:
        return connection.execute(text(query), values).scalar()


def wait_for(
    database: Engine, query: str, otherwise: str, *, within_s: float = 30, **values: Any
) -> None:  # Any: SQL's
    """Until the query finds something; `ticket` is told about if it does not."""
    until(
        lambda: one(database, query, **values),
        lambda: f"{otherwise}: {told(database, values['ticket']) if 'ticket' in values else ''}",
        within_s=within_s,
    )
