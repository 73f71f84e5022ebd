"""A program that asks through the proxy, some times a second, and tries nothing twice: what fails is seen."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from sqlalchemy import Engine, text

from tests.e2e.faults import until
from tests.fire.ledger import Ledger

EVERY_S = 0.1


class Probe:
    """It reads a page, and puts notes to the first ticket of the ledger."""

    def __init__(self, url: str, token: str, ledger: Ledger) -> None:
        self._url, self._token, self._ledger = url, token, ledger
        self._accepted = list[str]()
        self.asked = Counter[str]()
        self.failed = Counter[str]()
        self.slowest_s = 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Meanwhile it asks: a page, and something that changes the database."""
        end = threading.Event()
        threads = [threading.Thread(target=self._ask, args=(method, end)) for method in ("GET", "POST")]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            end.set()
            for thread in threads:
                thread.join()

    def told(self) -> str:
        """One line."""
        asked = ", ".join(f"{n} {method}" for method, n in sorted(self.asked.items()))
        failed = ", ".join(f"{n} × {what}" for what, n in sorted(self.failed.items())) or "none"
        return f"asked meanwhile: {asked}; failed: {failed}; the slowest took {self.slowest_s:.1f} s"

    def lost(self, database: Engine) -> list[str]:
        """Notes that were accepted and are not there once; or not accepted, and there more than once."""
        with database.connect() as connection:
            rows = connection.execute(text("SELECT body FROM message WHERE body LIKE 'Seen by %'"))
            there = Counter(str(row[0]) for row in rows)
        return [note for note in {*self._accepted, *there} if there[note] != 1]

    def _ask(self, method: str, end: threading.Event) -> None:
        with requests.Session() as http:
            while not end.wait(EVERY_S):
                begun = time.monotonic()
                self.asked[method] += 1
                self._note(method, http)
                self.slowest_s = max(self.slowest_s, time.monotonic() - begun)

    def _note(self, method: str, http: requests.Session) -> None:
        try:
            answer = self._get(http) if method == "GET" else self._post(http)
        except requests.RequestException as error:
            self.failed[f"{method} {type(error).__name__}"] += 1
            return
        if answer.status_code >= 400:
            self.failed[f"{method} {answer.status_code}"] += 1

    def _get(self, http: requests.Session) -> requests.Response:
        return http.get(f"{self._url}/sign-in", timeout=30)

    def _post(self, http: requests.Session) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": uuid.uuid4().hex}
        until(lambda: self._ledger.of("ticket"), "no ticket is accepted")
        path, note = (
            f"/api/v1/tickets/{self._ledger.of('ticket')[0].place}/messages",
            f"Seen by {uuid.uuid4().hex}",
        )
        answer = http.post(
            f"{self._url}{path}", json={"body": note, "internal": True}, headers=headers, timeout=30
        )
        self._accepted += [note] if answer.status_code == 201 else []
        return answer
