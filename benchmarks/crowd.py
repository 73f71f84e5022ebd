"""The people of `bench_load.py`: visitors who chat, agents who answer, programs that write tickets; as pages talk, without browsers.

A process of its own. Reads one JSON object (`Crowd`) from the first line of standard input, then lines `RATE SECONDS`
(conversations a second, for so long), each answered with one JSON object about the messages that became due in the second
half of that time; the end of input lets everybody finish and prints a last object. Times are milliseconds.
"""

from gevent import monkey

monkey.patch_all()

import http.client  # noqa: E402  everything below must find its sockets patched
import json  # noqa: E402
import random  # noqa: E402
import re  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import uuid  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from itertools import count  # noqa: E402
from typing import Any  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

import gevent  # noqa: E402

from benchmarks.wires import Http, Wire  # noqa: E402

MARK = re.compile(r"no\. (\d+)\.")
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
FIELD = re.compile(r'name="(client_id|conversation)" value="([^"]+)"')
REV = re.compile(r'data-rev="(\d+)"')
CUSTOMERS_SAY = (
    "The bill is still wrong",
    "I have waited for two weeks",
    "账单还是不对",
    "Thank you, that helps",
)
AGENTS_SAY = ("Let me look at that for you", "I have corrected the amount", "我马上为您查询")
DRAIN_S = 90.0
ACCEPTED_AFTER_S = 1.0

Json = dict[str, Any]  # Any: JSON


@dataclass
class Tally:
    """When each message, by its number, was due, acknowledged, and seen on the other side's screen."""

    due: dict[int, float] = field(default_factory=dict)
    acknowledged: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)
    openings: set[int] = field(default_factory=set)
    waited: dict[int, float] = field(default_factory=dict)
    """Conversation's number → seconds from its first line to the offer."""
    faults: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def next(self, *, opening: bool = False) -> int:
        number = next(self._numbers)
        self.due[number] = time.perf_counter()
        if opening:
            self.openings.add(number)
        return number

    def see(self, text: str) -> list[int]:
        """The numbers in `text` that are seen for the first time."""
        now = time.perf_counter()
        fresh = [n for n in map(int, MARK.findall(text)) if n in self.due and n not in self.seen]
        self.seen.update(dict.fromkeys(fresh, now))
        return fresh


class Agent:
    """One console: takes every offer, answers every line, solves what was said to the end."""

    def __init__(self, crowd: "Crowd", user_id: int, cookie: str) -> None:
        self._crowd = crowd
        self._http = Http(crowd.url, {"Cookie": cookie, "Accept": "text/html", "Origin": crowd.url})
        _status, page, _to = self._http.ask("GET", "/console")
        self._csrf = TOKEN.findall(page)[0]
        self._wire = Wire(crowd.url, "/console", self._hear, cookie=cookie)
        self._wire.call("join", {"room": f"agent:{user_id}"})
        self._forms: dict[int, dict[str, str]] = {}

    def _hear(self, event: str, data: Json) -> None:
        if event != "fragment" or data["op"] != "put":
            return
        kind, _, number = data["id"].partition("-")
        if kind == "offer":
            gevent.spawn_later(ACCEPTED_AFTER_S, self._crowd.guarded, self._take, int(number))
        elif kind == "message":
            for mark in self._crowd.tally.see(data["html"]):
                gevent.spawn(self._crowd.guarded, self._read, int(self._crowd.ticket_of[mark]), data["rev"])
                self._crowd.pause(self._answer, self._crowd.ticket_of[mark])

    def _take(self, offer_id: int) -> None:
        status, said, path = self._post(f"/console/offers/{offer_id}/accept", "")
        if status >= 400:
            self._crowd.tally.faults[f"accept {status} {said[:60]}"] += 1
            return
        ticket = int(path.rpartition("/")[2])
        _status, page, _to = self._http.ask("GET", path)
        self._forms[ticket] = dict(FIELD.findall(page))
        self._wire.call("join", {"room": f"ticket:{ticket}"})
        rev = max(map(int, REV.findall(page)), default=0)
        _status, news, _to = self._http.ask("GET", f"{path}/since?rev={rev}")
        marks = [n for n in map(int, MARK.findall(page + news)) if n in self._crowd.tally.due]
        self._crowd.tally.see(page + news)
        self._read(ticket, rev)
        self._crowd.pause(self._answer if marks else self._settle, ticket)

    def _read(self, ticket: int, rev: int) -> None:
        self._post(f"/console/tickets/{ticket}/read", f"rev={rev}")

    def _answer(self, ticket: int) -> None:
        if self._crowd.is_over(ticket):
            self._solve(ticket)
            return
        number = self._crowd.tally.next()
        self._crowd.count_line(ticket, number)
        self._say(ticket, random.choice(AGENTS_SAY), number)

    def _settle(self, ticket: int) -> None:
        """A letter or a program's ticket: one answer, and done."""
        self._say(ticket, "We have looked at it and put it right", 0)
        self._solve(ticket)

    def _say(self, ticket: int, words: str, number: int) -> None:
        mark = f", no. {number}." if number else "."
        body = {**self._forms[ticket], "client_id": uuid.uuid4().hex, "mode": "reply", "body": words + mark}
        status, said, _to = self._post(f"/console/tickets/{ticket}/messages", urlencode(body))
        if status >= 400:
            self._crowd.tally.faults[f"reply {status} {said[:60]}"] += 1
        elif number:
            self._crowd.tally.acknowledged[number] = time.perf_counter()

    def _solve(self, ticket: int) -> None:
        status, said, _to = self._post(f"/console/tickets/{ticket}/status", "status=solved")
        if status == http.client.CONFLICT:  # the model takes it for a complaint: somebody must say
            self._post(f"/console/tickets/{ticket}/complaint", "answer=no&why=He+only+asks+for+his+bill.")
            status, said, _to = self._post(f"/console/tickets/{ticket}/status", "status=solved")
        if status >= 400:
            self._crowd.tally.faults[f"solve {status} {said[:60]}"] += 1
        self._wire.emit("leave", {"room": f"ticket:{ticket}"})
        self._crowd.tally.done["solved"] += 1

    def _post(self, path: str, form: str) -> tuple[int, str, str]:
        htmx = {"HX-Request": "true", "X-CSRFToken": self._csrf, "X-Requested-With": "fetch"}
        return self._http.ask("POST", path, form, **htmx)


class Visitor:
    """One widget: opens a chat, answers each answer, goes when all is said."""

    def __init__(self, crowd: "Crowd", key: str) -> None:
        self._crowd, self._said = crowd, 0
        line = Http(crowd.url, {"X-Forwarded-For": _somewhere(), "Accept": "application/json"})
        wish = json.dumps({"key": key})
        _status, session, _to = line.ask(
            "POST", "/widget/session", wish, **{"Content-Type": "application/json"}
        )
        auth = {"token": json.loads(session)["token"], "language": "en"}
        self._wire = Wire(crowd.url, "/chat", self._hear, auth=auth)
        self._open()

    def _open(self) -> None:
        number = self._crowd.tally.next(opening=True)
        answer = self._wire.call("open", self._line(number))
        if "ticket" not in answer:
            self._crowd.tally.faults[f"open {answer}"[:90]] += 1
            return
        self._ticket = int(answer["ticket"])
        self._crowd.tally.acknowledged[number] = time.perf_counter()
        self._crowd.count_line(self._ticket, number)

    def _hear(self, event: str, data: Json) -> None:
        if event != "message":
            return
        self._wire.emit("read", {"seq": data["seq"]})
        if self._crowd.tally.see(data["body"]):
            self._crowd.pause(self._answer)

    def _answer(self) -> None:
        if self._crowd.is_over(self._ticket):
            return
        self._wire.emit("typing", {"on": True})
        gevent.sleep(self._crowd.gap_s / 4)
        number = self._crowd.tally.next()
        self._crowd.count_line(self._ticket, number)
        self._wire.emit("message", self._line(number), lambda answer: self._stored(number, answer))
        if self._crowd.is_over(self._ticket):
            gevent.spawn_later(5 * self._crowd.gap_s, self._wire.close)

    def _stored(self, number: int, answer: Json) -> None:
        if "seq" in answer:
            self._crowd.tally.acknowledged[number] = time.perf_counter()
        else:
            self._crowd.tally.faults[f"message {answer}"[:90]] += 1

    def _line(self, number: int) -> Json:
        return {"client_id": uuid.uuid4().hex, "body": f"{random.choice(CUSTOMERS_SAY)}, no. {number}."}


@dataclass
class Crowd:
    """Who comes: widget keys, agents as [id, cookie], the programs' tokens, lines a chat, seconds between lines."""

    url: str
    widgets: list[str]
    agents: list[tuple[int, str]]
    tokens: list[str]
    lines: int
    gap_s: float
    tickets_per_chat: float
    tally: Tally = field(default_factory=Tally)
    ticket_of: dict[int, int] = field(default_factory=dict)
    lines_in: Counter[int] = field(default_factory=Counter)

    def arrive(self) -> None:
        """All agents sit down."""
        self._seats = [Agent(self, user_id, cookie) for user_id, cookie in self.agents]
        self._programs = [
            Http(self.url, {"Authorization": f"Bearer {token}", "Accept": "application/json"})
            for token in self.tokens
        ]

    def run(self, rate: float, seconds: float) -> Json:
        """Let conversations begin at `rate`; what happened to messages due in the second half."""
        begun, due = time.perf_counter(), time.perf_counter()
        while (due := due + random.expovariate(rate)) < begun + seconds:
            gevent.sleep(max(0.0, due - time.perf_counter()))
            gevent.spawn(self.guarded, Visitor, self, random.choice(self.widgets))
            if random.random() < self.tickets_per_chat:
                gevent.spawn(self.guarded, self._write_ticket)
        gevent.sleep(max(0.0, begun + seconds - time.perf_counter()))
        return self._told(rate, begun + seconds / 2, begun + seconds)

    def finish(self) -> Json:
        """Wait for what is under way; what never arrived."""
        until = time.perf_counter() + DRAIN_S
        while time.perf_counter() < until and (self._unseen() or self._unfinished()):
            gevent.sleep(0.5)
        unseen = self._unseen()
        return {
            "messages": len(self.tally.due),
            "acknowledged": len(self.tally.acknowledged),
            "lost": len(unseen),
            "never_taken": len(unseen & self.tally.openings),
            "chats": len(self.lines_in),
            "chats_said_to_the_end": len(self.lines_in) - len(self._unfinished()),
            **self.tally.done,
            "faults": dict(self.tally.faults.most_common(5)),
        }

    def count_line(self, ticket: int, number: int) -> None:
        self.ticket_of[number] = ticket
        self.lines_in[ticket] += 1

    def is_over(self, ticket: int) -> bool:
        return self.lines_in[ticket] >= self.lines

    def pause(self, then: Callable[..., None], *arguments: Any) -> None:
        """People think before they answer."""
        gevent.spawn_later(self.gap_s * random.uniform(0.5, 1.5), self.guarded, then, *arguments)

    def guarded(self, do: Callable[..., object], *arguments: Any) -> None:
        """A fault of one is counted, not printed."""
        try:
            do(*arguments)
        except Exception as error:  # noqa: BLE001 - told at the end
            self.tally.faults[f"{getattr(do, '__name__', do)}: {error!r}"[:90]] += 1

    def _write_ticket(self) -> None:
        body = json.dumps(
            {
                "subject": "Where is it?",
                "body": "The parcel has not come, and nobody answers.",
                "customer": {"email": f"customer{random.randrange(500)}@example.com"},
            }
        )
        head = {"Content-Type": "application/json"}
        status, said, _to = random.choice(self._programs).ask("POST", "/api/v1/tickets", body, **head)
        if status >= 300:
            self.tally.faults[f"ticket {status} {said[:60]}"] += 1
        self.tally.done["tickets"] += 1

    def _unseen(self) -> set[int]:
        return self.tally.due.keys() - self.tally.seen.keys()

    def _unfinished(self) -> list[int]:
        return [ticket for ticket, lines in self.lines_in.items() if lines < self.lines]

    def _told(self, rate: float, first: float, last: float) -> Json:
        tally = self.tally
        gevent.sleep(1.0)  # what was due last is still on its way
        chosen = [n for n, at in tally.due.items() if first <= at < last]
        lines = [n for n in chosen if n not in tally.openings]
        return {
            "conversations_per_s": rate,
            "messages_per_s": round(len(chosen) / (last - first), 1),
            "seen": _spread([tally.seen.get(n, last + 1.0) - tally.due[n] for n in lines]),
            "acknowledged": _spread([tally.acknowledged.get(n, last + 1.0) - tally.due[n] for n in lines]),
            "opened": _spread(
                [tally.acknowledged.get(n, last + 1.0) - tally.due[n] for n in chosen if n in tally.openings]
            ),
            "talking": len(self._unfinished()),
        }


def _spread(seconds: list[float]) -> Json:
    if not seconds:
        return {}
    ordered = sorted(1000 * one for one in seconds)
    return {name: round(ordered[int(part * (len(ordered) - 1))]) for name, part in QUANTILES.items()}


QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def _somewhere() -> str:
    """People come from many addresses; one address may not open so many chats."""
    return f"198.{random.randrange(18, 20)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def main() -> None:
    crowd = Crowd(**json.loads(sys.stdin.readline()))
    crowd.arrive()
    print(json.dumps({"agents": len(crowd.agents)}), flush=True)
    for line in sys.stdin:
        rate, seconds = map(float, line.split())
        print(json.dumps(crowd.run(rate, seconds)), flush=True)
    print(json.dumps(crowd.finish()), flush=True)


if __name__ == "__main__":
    main()
