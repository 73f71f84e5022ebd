"""One message to many sockets: our web (gunicorn with gevent) against python-socketio's AsyncServer under uvicorn.

`python -m benchmarks.bench_fanout [--sockets 500] [--messages 60]`: both get it through Redis from another process, as from a worker,
by turns; the time is until the last socket has it. `uv run` fetches uvicorn[standard] (with uvloop) from the registry for
the occasion. One process reads all sockets, on the same processors.
"""

import argparse
import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import socketio
import websocket
from sqlalchemy import select

from benchmarks.bench_chat import our_web
from benchmarks.bench_load import furnish
from benchmarks.table import ROOT, Row, median, spread_of
from benchmarks.table import main as print_alone
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.push import NAMESPACE, room
from contactcenter.cli.system import System
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import db, push
from contactcenter.edge.visitors import issue_token, visitor_of

STARTED_WITHIN_S = 120
PATIENCE_S = 20.0
BLOCK = 10
PAUSE_S = 0.05
RIVAL = ("uvicorn[standard]", "python-socketio", "redis")

Emit = Callable[[dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class Server:
    """One of the two: how a message is sent into its room, and who hears."""

    emit: Emit
    ears: selectors.BaseSelector
    process: psutil.Process


def rows(long: bool) -> list[Row]:  # noqa: FBT001  called by the collector
    return measure(500, 300 if long else 60)


def measure(sockets_n: int, messages_n: int) -> list[Row]:
    with contextlib.ExitStack() as stack:
        system = stack.enter_context(our_web())
        ours = ours_of(system, sockets_n)
        rival = stack.enter_context(rival_of(system.engines.redis_url, sockets_n))
        servers = {"ours": ours, "uvicorn": rival}
        for server in servers.values():
            block(server, BLOCK)
        found = [
            {name: block(server, BLOCK) for name, server in servers.items()}
            for _ in range(messages_n // BLOCK)
        ]
    took = {name: [ms for one in found for ms in one[name][0]] for name in servers}
    cpu = {name: [one[name][1] for one in found] for name in servers}
    ratios = [median(one["ours"][0]) / median(one["uvicorn"][0]) for one in found]
    times = f"{median(took['ours']):.0f} / {median(took['uvicorn']):.0f} ms"
    used = f"{median(cpu['ours']):.1f} / {median(cpu['uvicorn']):.1f} ms a message"
    name = f"fan-out to {sockets_n} sockets"
    return [
        Row(
            f"{name}, until the last, × uvicorn",
            median(took["ours"]) / median(took["uvicorn"]),
            "×",
            0.3,
            False,
            spread_of(ratios),
            times,
        ),
        Row(f"{name}, processor time, × uvicorn", sum(cpu["ours"]) / sum(cpu["uvicorn"]), "×", note=used),
    ]


def ours_of(system: System, sockets_n: int) -> Server:
    """So many tabs of one visitor."""
    furnish(system, 10)
    with db.unit_of_work() as session:
        widget = session.scalars(select(WidgetKey).order_by(WidgetKey.id)).first()
        assert widget is not None
        token = issue_token(widget.id, widget.queue_id)
        visitor = visitor_of(token)
        assert visitor is not None
        said = Inbound(
            "chat", widget.queue_id, Sender("visitor", visitor.id), "Hello?", client_id=uuid.uuid4().hex
        )
        conversation_id = receive(session, said).conversation_id
    ears = listening(system.url, sockets_n, {"token": token, "language": "en"})
    push.connect(system.engines.redis_url)
    web = psutil.Process(system.supervisor.children["web"].process.pid)

    def emit(payload: dict[str, str]) -> None:
        push.emit("message", payload, room=room(conversation_id), namespace=NAMESPACE)

    return Server(emit, ears, web)


@contextlib.contextmanager
def rival_of(redis_url: str, sockets_n: int) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    packages = [word for package in RIVAL for word in ("--with", package)]
    command = [
        str(Path(sys.executable).with_name("uv")),
        "run",
        "--no-project",
        "--quiet",
        *packages,
        "--python",
        sys.executable,
    ]
    command += ["uvicorn", "benchmarks.fanout_uvicorn:app", "--port", str(port), "--log-level", "warning"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "REDIS_URL": redis_url}) as server:
        try:
            await_port(server, port)
            ears = listening(f"http://127.0.0.1:{port}", sockets_n, {})
            manager = socketio.RedisManager(redis_url, write_only=True)

            def emit(payload: dict[str, str]) -> None:
                manager.emit("message", payload, namespace=NAMESPACE, room="all")

            yield Server(emit, ears, psutil.Process(server.pid))
        finally:
            for child in psutil.Process(server.pid).children(recursive=True):
                child.terminate()
            server.terminate()


def await_port(server: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + STARTED_WITHIN_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "uvicorn did not start: is a package registry in reach?"
        assert time.monotonic() < until
        time.sleep(0.1)


def listening(url: str, sockets_n: int, auth: dict[str, str]) -> selectors.BaseSelector:
    ears = selectors.DefaultSelector()
    for _number in range(sockets_n):
        address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        opened = websocket.create_connection(address, origin=url, timeout=30)
        opened.send(f"40{NAMESPACE}," + json.dumps(auth))
        while not (said := str(opened.recv())).startswith(f"40{NAMESPACE},"):
            assert not said.startswith("44"), said
        assert opened.sock is not None
        opened.sock.setblocking(False)
        ears.register(opened.sock, selectors.EVENT_READ, opened)
    return ears


def block(server: Server, n: int) -> tuple[list[float], float]:
    """Milliseconds of each message, and the server's processor milliseconds a message."""
    used, took = cpu_s(server.process), []
    for _number in range(n):
        hear(server.ears, b"", time.perf_counter() + PAUSE_S)
        mark = uuid.uuid4().hex
        begun = time.perf_counter()
        server.emit({"body": f"We look at it and tell you by tomorrow evening. {mark}"})
        missing = hear(server.ears, mark.encode(), begun + PATIENCE_S)
        assert not missing, f"{missing} sockets heard nothing"
        took.append(1000 * (time.perf_counter() - begun))
    return took, 1000 * (cpu_s(server.process) - used) / n


def hear(ears: selectors.BaseSelector, mark: bytes, until: float) -> int:
    """Read until every socket has had `mark`, or (without one) until then, answering pings; how many have not."""
    missing = set(ears.get_map()) if mark else {-1}
    while missing and (left := until - time.perf_counter()) > 0:
        for key, _events in ears.select(timeout=left):
            data = key.fileobj.recv(65_536)  # type: ignore[union-attr]  # a socket
            if data == b"\x81\x012":
                key.data.send("3")
            elif mark and mark in data:
                missing.discard(key.fd)
    return len(missing)


def cpu_s(process: psutil.Process) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in [process, *process.children(recursive=True)])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--messages", type=int, default=60)
    options = parser.parse_args(arguments)
    return print_alone(measure(options.sockets, options.messages))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
