"""How long it takes from creating a ticket over HTTP until an agent's socket hears of it: the whole system, as installed.

`python benchmarks/bench_create_to_offer.py [--rates 5,10,20,30,50] [--seconds 10] [--agents 200]` starts everything on a
state directory of its own (embedded PostgreSQL and Valkey, web, router, clock and worker; the language model is off),
connects the agents' sockets, and lets tickets come at each pace. Arrivals are Poisson and do not wait for answers; times
count from the moment a ticket was due. The load is made by this process, on the same processors. Prints one JSON object.
"""

import argparse
import http.client
import json
import os
import random
import re
import selectors
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil
import websocket

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.families import cpu_s
from contactcenter.accounts.models import Brand, Role, Team, User
from contactcenter.accounts.sessions import start_session
from contactcenter.accounts.tokens import create_token_for
from contactcenter.assignment.models import AgentCapacity
from contactcenter.assignment.presence import set_presence
from contactcenter.cli.system import EVERYTHING, System, start_system
from contactcenter.compose import compose
from contactcenter.core import db, push
from contactcenter.core.config import Settings
from contactcenter.edge.sessions import COOKIE
from contactcenter.live.rooms import NAMESPACE
from contactcenter.queues.service import create_queue

TARGET_MS, TARGET_RATE = 300, 20
TOKENS_N = 10  # the user of each may ask 1,200 times a minute
POSTERS_N = 32
STRAGGLERS_S = 10.0
CUSTOMERS_N = 50
PROGRAMS = tuple(name for name in EVERYTHING if name != "worker-nlp")
NUMBER = re.compile(r"Parcel no\. (\d+)\.")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=_numbers, default=_numbers("5,10,20,30,50"), help="tickets a second")
    parser.add_argument("--seconds", type=int, default=10, help="at each pace")
    parser.add_argument("--agents", type=int, default=200)
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"agents": options.agents, "cpus": os.cpu_count(), "load_1m": os.getloadavg()[0]}
    with a_system() as system:
        tokens, cookies = furnish(system, options.agents)
        with Ears(system, cookies) as ears:
            Pace(system, tokens, ears).run(5, 5)  # caches fill, pools open
            found["paces"] = [Pace(system, tokens, ears).run(rate, options.seconds) for rate in options.rates]
    for pace in found["paces"]:
        if pace["tickets_per_s"] == TARGET_RATE:
            found["is_target_met"] = pace["offer_ms_p99"] <= TARGET_MS and not pace["lost"]
    print(json.dumps(found, indent=1))
    return 0


@contextmanager
def a_system() -> Iterator[System]:
    os.environ["NLP_ENGINE"] = "off"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)  # the engines' own user must get through
        with start_system(Settings(state_dir=Path(folder), port=0), names=PROGRAMS) as system:
            yield system


def furnish(system: System, agents_n: int) -> tuple[list[str], dict[int, str]]:
    """One team with a queue, its agents ready and signed in, and keys for the API; keys, and cookies by agent."""
    compose()
    push.use(lambda *_args, **_kwargs: None, lambda _rooms, _namespace: ())
    db.connect(system.engines.database_url)
    with db.unit_of_work() as session:
        brand, team = Brand(slug="bench", name="Bench"), Team(name="Bench")
        session.add_all([brand, team])
        session.flush()
        queue = create_queue(session, name="Bench", brand=brand, team=team, actor="system")
        queue.ring_s = 0
        agents = [
            User(email=f"agent{n}@example.com", name=f"Agent {n}", password_hash="", team=team)
            for n in range(agents_n)
        ]
        for agent in agents:
            agent.roles = [Role.AGENT.value]
        session.add_all(agents)
        session.flush()
        cookies = {}
        for agent in agents:
            session.add(AgentCapacity(user_id=agent.id, channel="email", cap=1000))
            set_presence(session, agent, "ready", by="system")
            cookies[agent.id] = f"{COOKIE}={start_session(session, agent, 'Bench')}"
        tokens = [
            create_token_for(session, agent, name="bench", actor="system") for agent in agents[:TOKENS_N]
        ]
    return tokens, cookies


class Ears:
    """The agents' sockets, read by one thread; `heard` is when each ticket's number first rang somewhere."""

    def __init__(self, system: System, cookies: dict[int, str]) -> None:
        self.heard: dict[int, float] = {}
        self._selector = selectors.DefaultSelector()
        self._closing = threading.Event()
        for agent_id, cookie in cookies.items():
            socket = _console(system.url, agent_id, cookie)
            assert socket.sock is not None
            self._selector.register(socket.sock, selectors.EVENT_READ, socket)
        self._thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        while not self._closing.is_set():
            for key, _events in self._selector.select(timeout=0.2):
                self._hear(key.data, time.perf_counter())

    def _hear(self, socket: websocket.WebSocket, at: float) -> None:
        said = socket.recv()
        if said == "2":  # Engine.IO asks whether we are there
            socket.send("3")
        elif isinstance(said, str) and '"offer-' in said:
            for number in NUMBER.findall(said):
                self.heard.setdefault(int(number), at)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.data.close()


def _console(url: str, agent_id: int, cookie: str) -> websocket.WebSocket:
    """A console's socket in the room of its agent, where offers are shown."""
    address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    socket = websocket.create_connection(address, cookie=cookie, origin=url, timeout=30)
    socket.send(f"40{NAMESPACE},")
    socket.send(f"42{NAMESPACE},1" + json.dumps(["join", {"room": f"agent:{agent_id}"}]))
    while not (said := str(socket.recv())).startswith(f"43{NAMESPACE},1"):
        pass
    assert '"ok"' in said, said
    return socket


@dataclass
class Pace:
    """One pace of arrivals and what came of it."""

    system: System
    tokens: list[str]
    ears: Ears
    due: dict[int, float] = field(default_factory=dict)
    answered: dict[int, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def run(self, rate: float, seconds: float) -> dict[str, Any]:
        """Let tickets come; figures in milliseconds."""
        dice = random.Random(rate)
        psutil.cpu_percent()  # the next call tells of the time since
        used = _cpu_s(self.system)
        first = time.perf_counter()
        with ThreadPoolExecutor(POSTERS_N) as posters:
            t = first
            while (t := t + dice.expovariate(rate)) < first + seconds:
                number = next(_numbering)
                self.due[number] = t
                time.sleep(max(0.0, t - time.perf_counter()))
                posters.submit(self._post, number)
        busy_pct = psutil.cpu_percent()
        self._wait_for_stragglers()
        spent = {name: 1000 * (now - used[name]) / len(self.due) for name, now in _cpu_s(self.system).items()}
        return {
            "tickets_per_s": rate,
            "tickets": len(self.due),
            "offer_ms_p50": self._quantile(self.ears.heard, 0.5),
            "offer_ms_p99": self._quantile(self.ears.heard, 0.99),
            "answer_ms_p50": self._quantile(self.answered, 0.5),
            "answer_ms_p99": self._quantile(self.answered, 0.99),
            "lost": len(self.due.keys() - self.ears.heard.keys()),
            "faults": self.faults[:3],
            "cpu_ms_per_ticket": {name: round(ms, 1) for name, ms in spent.items()},
            "cpu_busy_pct": busy_pct,
            "load_1m": round(os.getloadavg()[0], 2),
        }

    def _post(self, number: int) -> None:
        host = self.system.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=30)
        body = {
            "subject": "Where is it?",
            "body": f"Parcel no. {number}.",
            "customer": {"email": f"customer{number % CUSTOMERS_N}@example.com"},
        }
        head = {
            "Authorization": f"Bearer {self.tokens[number % TOKENS_N]}",
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", "/api/v1/tickets", json.dumps(body), head)
            answer = connection.getresponse()
            said = answer.read()
        except OSError as error:
            self.faults.append(repr(error))
            return
        finally:
            connection.close()
        self.answered[number] = time.perf_counter()
        if answer.status != http.client.CREATED:
            self.faults.append(f"{answer.status} {said.decode()[:200]}")

    def _wait_for_stragglers(self) -> None:
        until = time.perf_counter() + STRAGGLERS_S
        while self.due.keys() - self.ears.heard.keys() and time.perf_counter() < until:
            time.sleep(0.05)

    def _quantile(self, came: dict[int, float], part: float) -> float | None:
        took = sorted(came[number] - due for number, due in self.due.items() if number in came)
        return round(1000 * took[int(part * (len(took) - 1))], 1) if took else None


def _cpu_s(system: System) -> dict[str, float]:
    """Processor time of each program so far, and of this process, which makes the load."""
    return {"load": sum(psutil.Process().cpu_times()[:2]), **cpu_s(system)}


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


_numbering = iter(range(1, 1_000_000))

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
