"""A chat's line that is kept against one that is only passed on: our web against a bare python-socketio.

`python -m benchmarks.bench_chat [--rate 20] [--seconds 10] [--rounds 4]`: the same gunicorn with gevent, one worker, WebSockets
only; twenty visitors write, each line is acknowledged and heard by one agent's socket (ours: committed before that,
rendered for the agent, and copied to the writer's own tabs); the same client, by turns. Processor time is of the server, ours with
PostgreSQL and Valkey. The router, the clock and the workers rest.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from benchmarks.bench_load import furnish
from benchmarks.families import cpu_s
from benchmarks.table import ROOT, Row, quantile, spread_of
from benchmarks.table import main as print_alone
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.cli.system import System, start_system
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import db
from contactcenter.core.config import Settings, get_settings
from contactcenter.edge.visitors import issue_token, visitor_of

CHATS = 20
TARGETS = {"p50": 2.0, "p99": 2.5, "cpu": 2.0}

Json = dict[str, Any]  # Any: JSON


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    return measure(rate=20, seconds=20 if long else 8, rounds=8 if long else 4)


def measure(*, rate: float, seconds: float, rounds: int) -> list[Row]:
    with our_web() as system, bare_server() as (url, echo):
        servers = {"ours": {"url": system.url, **people_of(system)}, "echo": {"url": url, **same_people()}}
        talk = {"servers": servers, "rate": rate, "seconds": seconds}
        found = list(by_turns(talk, system, echo, rounds))
    return told(found)


@contextmanager
def our_web() -> Iterator[System]:
    os.environ["NLP_ENGINE"] = "off"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)
        with start_system(Settings(state_dir=Path(folder), port=0), names=("web",)) as system:
            os.environ["SECRET_KEY"] = (Path(folder) / "secret_key").read_text()
            get_settings.cache_clear()
            yield system


@contextmanager
def bare_server() -> Iterator[tuple[str, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"fd://{listener.fileno()}",
            "--worker-class",
            "gevent",
        ]
        command += ["--no-control-socket", "--log-level", "warning", "benchmarks.echo:app"]
        with subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()]) as server:
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}", psutil.Process(server.pid)
            finally:
                server.terminate()


def people_of(system: System) -> Json:
    """Twenty chats with one agent who listens to all of them."""
    given = furnish(system, 10)
    _agent_id, cookie = given["agents"][0]
    writers, listeners = [], []
    with db.unit_of_work() as session:
        widget = session.scalars(select(WidgetKey).order_by(WidgetKey.id)).first()
        assert widget is not None
        place = (widget.id, widget.queue_id)
    for _number in range(CHATS):
        token = issue_token(*place)
        visitor = visitor_of(token)
        assert visitor is not None
        first = Inbound("chat", place[1], Sender("visitor", visitor.id), "Hello?", client_id=uuid.uuid4().hex)
        with db.unit_of_work() as session:
            ticket_id = receive(session, first).ticket_id
        writers.append({"namespace": "/chat", "auth": {"token": token, "language": "en"}, "first": []})
        listeners.append([("join", {"room": f"ticket:{ticket_id}"})])
    joins = [join for one in listeners for join in one]
    return {"writers": writers, "listeners": [{"namespace": "/console", "cookie": cookie, "first": joins}]}


def same_people() -> Json:
    rooms = [f"ticket:{number}" for number in range(CHATS)]
    writers = [{"namespace": "/chat", "first": [("join", {"room": room})]} for room in rooms]
    joins = [("join", {"room": room}) for room in rooms]
    return {"writers": writers, "listeners": [{"namespace": "/chat", "first": joins}]}


def by_turns(talk: Json, system: System, echo: psutil.Process, rounds: int) -> Iterator[dict[str, Json]]:
    """Rounds with each server; the first one warms up."""
    command = [sys.executable, "-m", "benchmarks.talkers"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as talkers:
        assert talkers.stdin is not None
        assert talkers.stdout is not None
        print(json.dumps(talk), file=talkers.stdin, flush=True)
        assert talkers.stdout.readline(), "the talkers did not come in"
        for number in range(rounds + 1):
            found: dict[str, Json] = {}
            for name in ("ours", "echo"):
                used = cpu_ms(system, echo)
                print(name, file=talkers.stdin, flush=True)
                said = json.loads(talkers.stdout.readline())
                assert not said["lost"], said["refused"]
                now = cpu_ms(system, echo)
                mine = [part for part in now if (part == "echo") == (name == "echo")]
                said["cpu"] = {part: (now[part] - used[part]) / said["lines"] for part in mine}
                found[name] = said
            if number:
                yield found


def cpu_ms(system: System, echo: psutil.Process) -> dict[str, float]:
    spent = {**cpu_s(system), "echo": sum(echo.cpu_times()[:4])}
    return {name: 1000 * seconds for name, seconds in spent.items()}


def told(rounds: list[dict[str, Json]]) -> list[Row]:
    def ratios(of: Any) -> list[float]:  # Any: a function of one server's round
        return [of(one["ours"]) / of(one["echo"]) for one in rounds]

    def all_of(name: str, what: str) -> list[float]:
        return [ms for one in rounds for ms in one[name][what]]

    found = []
    for what in ("stored", "heard"):
        for title, part in (("p50", 0.5), ("p99", 0.99)):
            ours, bare = (quantile(all_of(name, what), part) for name in ("ours", "echo"))
            spread = spread_of(ratios(lambda one, what=what, part=part: quantile(one[what], part)))
            note = f"{ours:.1f} / {bare:.1f} ms"
            found.append(
                Row(
                    f"chat line until {what}, {title}, × bare echo",
                    ours / bare,
                    "×",
                    TARGETS[title],
                    False,
                    spread,
                    note,
                )
            )
    cpu = [sum(one["ours"]["cpu"].values()) / sum(one["echo"]["cpu"].values()) for one in rounds]
    parts = {
        name: sum(one["ours"]["cpu"][name] for one in rounds) / len(rounds)
        for name in rounds[0]["ours"]["cpu"]
    }
    bare = sum(one["echo"]["cpu"]["echo"] for one in rounds) / len(rounds)
    note = ", ".join(f"{name} {ms:.1f}" for name, ms in parts.items()) + f"; echo {bare:.1f} ms a line"
    found.append(
        Row(
            "chat line, processor time, × bare echo",
            sum(parts.values()) / bare,
            "×",
            TARGETS["cpu"],
            False,
            spread_of(cpu),
            note,
        )
    )
    return found


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args(arguments)
    return print_alone(measure(rate=options.rate, seconds=options.seconds, rounds=options.rounds))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
