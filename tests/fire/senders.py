"""Whoever writes to the house while it burns: each keeps trying, as widgets, mail servers and programs do, until he is heard."""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any

import requests

from tests.channels.email.imap_servers import ImapServer
from tests.e2e.people import Caller, Visitor
from tests.fire.ledger import Ledger

PATIENCE_S = 15.0
AGAIN_AFTER_S = 0.5
TALKED_WITHIN_S = 240.0  # a wrap-up that began while the clock was wrong lasts so much longer

Json = dict[str, Any]  # Any: JSON


class Sender:
    """A thread that does `_send` at a pace; one that is late does not catch up all at once."""

    def __init__(self, pace_s: float) -> None:
        self._pace_s = pace_s
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.fault: str = ""

    def begin(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What is being sent is still sent."""
        self._end.set()

    def wait(self, within_s: float) -> bool:
        """Whether everything he had to say was accepted in that time."""
        self._thread.join(timeout=within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        for number in itertools.count(1):
            begun = time.monotonic()
            try:
                self._send(number)
            except Exception as error:  # noqa: BLE001 - told at the end: a sender that died must not look like peace
                self.fault = f"{type(self).__name__} {number}: {error!r}"
                return
            if self._end.wait(max(0.0, begun + self._pace_s - time.monotonic())):
                return

    def _send(self, number: int) -> None:
        raise NotImplementedError


class Chatters(Sender):
    """Some visitors in turn, each with one long chat."""

    def __init__(self, ledger: Ledger, visitors: Sequence[Visitor], pace_s: float) -> None:
        super().__init__(pace_s)
        self._ledger, self.visitors = ledger, visitors
        self._said: dict[str, float] = {}

    def _send(self, number: int) -> None:
        visitor = self.visitors[number % len(self.visitors)]
        visitor.say(f"Bill number {number} is wrong, and nobody answers me!")
        self._said[next(reversed(visitor.bodies))] = time.monotonic()
        self.settle()

    def settle(self) -> bool:
        """Send again what has no answer, note what has; whether all has."""
        for visitor in self.visitors:
            visitor.send_waiting()
            for client_id in [
                one for one in visitor.bodies if one in self._said and not visitor.waits_for(one)
            ]:
                self._ledger.write(
                    "chat", client_id, visitor.bodies[client_id], "", self._said.pop(client_id)
                )
        return not self._said

    def wait(self, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        super().wait(within_s)
        while not self.settle() and time.monotonic() < deadline:
            time.sleep(AGAIN_AFTER_S)
        return not self._said


class Mailers(Sender):
    """Mails that arrive in the brand's mailbox on a real IMAP server."""

    def __init__(self, ledger: Ledger, server: ImapServer, pace_s: float) -> None:
        super().__init__(pace_s)
        self._ledger, self._server = ledger, server

    def _send(self, number: int) -> None:
        said_at, key = time.monotonic(), f"tariff-{number}@example.cn"
        message = EmailMessage()
        message["From"], message["To"] = f"Wang Li <wang.li{number}@example.cn>", "help@harbour.example"
        message["Subject"], message["Message-ID"] = f"Night tariff {number}", f"<{key}>"
        message.set_content(f"Where does night tariff {number} begin? Nobody tells me.")
        self._server.deliver(message.as_bytes())
        self._ledger.write("mail", key, f"night tariff {number} begin", "", said_at)


class Program(Sender):
    """A program that uses the API: asks again with the same key until it is answered."""

    def __init__(self, ledger: Ledger, url: Callable[[], str], token: str, pace_s: float) -> None:
        super().__init__(pace_s)
        self._ledger, self._url, self._token = ledger, url, token
        self._http = requests.Session()

    def _post(self, path: str, body: Json) -> Json:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": uuid.uuid4().hex}
        while True:
            answer = self._try(path, body, headers)
            if answer is not None and answer.status_code < 300:
                created: Json = answer.json()
                return created
            if answer is not None and answer.status_code < 500 and answer.status_code not in (409, 429):
                raise AssertionError(f"{path}: {answer.status_code} {answer.text[:300]}")
            time.sleep(AGAIN_AFTER_S)

    def _try(self, path: str, body: Json, headers: dict[str, str]) -> requests.Response | None:
        try:
            return self._http.post(f"{self._url()}{path}", json=body, headers=headers, timeout=PATIENCE_S)
        except requests.RequestException:
            return None


class Callers(Sender):
    """Calls from the page, one after the other; each is answered and hung up, or ends because its line was gone."""

    def __init__(self, ledger: Ledger, url: str, widget: str, pace_s: float) -> None:
        super().__init__(pace_s)
        self._ledger, self._url, self._widget = ledger, url, widget

    def _send(self, number: int) -> None:
        said_at = time.monotonic()
        caller = self._somebody()
        try:
            caller.ring()
            self._ledger.write("call", caller.call_id, "", "ended", said_at)
            if not caller.talk(within_s=TALKED_WITHIN_S):
                raise AssertionError(f"call {caller.call_id} never ended")
        finally:
            caller.leave()

    def _somebody(self) -> Caller:
        while True:
            try:
                return Caller(self._url, self._widget)
            except (requests.RequestException, KeyError):
                time.sleep(AGAIN_AFTER_S)


class TicketWriters(Program):
    """Tickets of one customer each."""

    def _send(self, number: int) -> None:
        said_at, body = time.monotonic(), f"Meter {number} runs backwards."
        customer = {"email": f"meter{number}@example.com"}
        created = self._post(
            "/api/v1/tickets", {"subject": f"Meter {number}", "body": body, "customer": customer}
        )
        self._ledger.write("ticket", str(created["id"]), body, str(created["id"]), said_at)


class Complainers(Program):
    """Complaints, each with its receipt and its confirmation by mail."""

    def _send(self, number: int) -> None:
        said_at, text = time.monotonic(), f"The refund number {number} never came."
        contact = f"refund{number}@example.com"
        created = self._post("/api/v1/complaints", {"text": text, "contact": contact, "channel": "email"})
        self._ledger.write("complaint", created["reference"], contact, str(created["ticket"]), said_at)
