"""The two sides of `bench_chat.py`: who writes and who listens, on sockets, at a pace; a process of its own.

Reads one JSON object from standard input: the servers by name, each with `url`, `writers` and `listeners` (namespace, auth,
cookie, what to send first), the `rate` of lines a second, and the `seconds`. Lines `NAME` then ask for one round with that
server; each is answered with one JSON object, times in milliseconds.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402  everything below must find its sockets patched
import random  # noqa: E402
import re  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import uuid  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from itertools import count  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402

from benchmarks.wires import Wire  # noqa: E402

MARK = re.compile(r"no\. (\d+)\.")
STRAGGLERS_S = 5.0

Json = dict[str, Any]  # Any: JSON


@dataclass
class Side:
    """One server with its sockets; when each line was due, acknowledged, and heard on the other side."""

    writers: list[Wire]
    numbers: Any
    due: dict[int, float] = field(default_factory=dict)
    stored: dict[int, float] = field(default_factory=dict)
    heard: dict[int, float] = field(default_factory=dict)
    refused: list[Any] = field(default_factory=list)

    def hear(self, event: str, data: Json) -> None:
        if event in ("fragment", "message"):
            for number in MARK.findall(data.get("html") or data.get("body") or ""):
                self.heard.setdefault(int(number), time.perf_counter())

    def say(self, wire: Wire, due: float) -> None:
        number = next(self.numbers)
        self.due[number] = due

        def stored(answer: Any) -> None:
            self.stored[number] = time.perf_counter()
            if "error" in answer:
                self.refused.append(answer)

        body = f"The bill is still wrong, and I have waited for two weeks, no. {number}."
        wire.emit("message", {"client_id": uuid.uuid4().hex, "body": body}, stored)

    def round(self, rate: float, seconds: float) -> Json:
        """Lines come as they come (Poisson) and do not wait for answers."""
        self.due.clear()
        begun = t = time.perf_counter()
        while (t := t + random.expovariate(rate)) < begun + seconds:
            gevent.sleep(max(0.0, t - time.perf_counter()))
            self.say(random.choice(self.writers), t)
        until = time.perf_counter() + STRAGGLERS_S
        while time.perf_counter() < until and self.due.keys() - self.heard.keys():
            gevent.sleep(0.02)
        ms = {
            name: [1000 * (came[n] - due) for n, due in self.due.items() if n in came]
            for name, came in (("stored", self.stored), ("heard", self.heard))
        }
        return ms | {
            "lines": len(self.due),
            "lost": len(self.due.keys() - self.heard.keys()),
            "refused": self.refused[:2],
        }


def enter(server: Json, numbers: Any) -> Side:
    side = Side([], numbers)
    for kind in ("listeners", "writers"):
        for one in server[kind]:
            options = {name: one[name] for name in ("auth", "cookie") if name in one}
            wire = Wire(
                server["url"], one["namespace"], side.hear if kind == "listeners" else _deaf, **options
            )
            for event, data in one["first"]:
                answer = wire.call(event, data)
                assert "error" not in answer, answer
            if kind == "writers":
                side.writers.append(wire)
    return side


def _deaf(_event: str, _data: Any) -> None:
    """Writers get their own lines, too; they are not timed."""


def main() -> None:
    given = json.loads(sys.stdin.readline())
    numbers = count(1)
    sides = {name: enter(server, numbers) for name, server in given["servers"].items()}
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(sides[line.strip()].round(given["rate"], given["seconds"])), flush=True)


if __name__ == "__main__":
    main()
