"""What one address can do to all others: thousands of visitors' sessions, sockets, and half a request byte by byte.

`python benchmarks/bench_one_address.py [--visitors 10000]` starts the web alone; the crowd comes from 127.0.0.2, an honest visitor from
127.0.0.3 and somebody who signs in from 127.0.0.4. Prints one JSON object. Needs Linux, where all of 127/8 is this machine.
"""

import argparse
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import websocket

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bench_idle_sockets import MIB, furnish, memory
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.cli.system import System, start_system
from contactcenter.core import db
from contactcenter.core.config import Settings, get_settings
from contactcenter.edge.visitors import issue_token

CROWD, VISITOR, AGENT = "127.0.0.2", "127.0.0.3", "127.0.0.4"
TRICKLES = 200


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=10_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)
        with start_system(Settings(state_dir=Path(folder), port=0), names=("web",)) as system:
            os.environ["SECRET_KEY"] = (Path(folder) / "secret_key").read_text()
            get_settings.cache_clear()
            print(json.dumps(measure(system, options.visitors), indent=1))
    return 0


def measure(system: System, visitors_n: int) -> dict[str, Any]:  # Any: JSON
    key_id, queue_id = furnish(system)
    with db.unit_of_work() as session:
        key = session.get_one(WidgetKey, key_id).key
    there = (str(urlsplit(system.url).hostname), int(urlsplit(system.url).port or 0))

    def ask_session(source: str) -> str:
        return post(there, source, "/widget/session", json.dumps({"key": key}))

    before = memory(system)
    calm = [others(there, ask_session) for _time in range(10)]
    with Meanwhile(lambda: others(there, ask_session)) as asked:
        answers = Counter(ask_session(CROWD) for _number in range(visitors_n))
    with Meanwhile(lambda: others(there, ask_session)) as opening:
        lines, refused = crowd(there, system.url, visitors_n, lambda: issue_token(key_id, queue_id))
    held = memory(system)
    begun = time.monotonic()
    trickled = [trickle(there) for _number in range(TRICKLES)]
    cut_s = max(gone(one) - begun for one in trickled)
    for one in lines:
        one.close()
    return {
        "visitors": visitors_n,
        "sessions": answers,
        "sockets_held": len(lines),
        "sockets_refused": refused,
        "mib": [round(before / MIB), round(held / MIB)],
        "half_requests_cut_after_s": round(cut_s, 1),
        "others_ms_median_and_most": {
            "calm": told(calm),
            "sessions": told(asked.times),
            "sockets": told(opening.times),
        },
        "load_1m": os.getloadavg()[0],
    }


def post(there: tuple[str, int], source: str, path: str, body: str) -> str:
    with socket.create_connection(there, 30, (source, 0)) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: {there[0]}:{there[1]}\r\nContent-Type: application/json\r\n"
        line.sendall(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return line.recv(4096).decode("latin-1")[9:12]


def others(there: tuple[str, int], ask_session: Callable[[str], str]) -> float:
    """Milliseconds until the sign-in page has come for an agent and a session for a visitor."""
    begun = time.perf_counter()
    with socket.create_connection(there, 30, (AGENT, 0)) as line:
        line.sendall(f"GET /sign-in HTTP/1.1\r\nHost: {there[0]}\r\nConnection: close\r\n\r\n".encode())
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
    assert ask_session(VISITOR) in ("200", "429")
    return 1000 * (time.perf_counter() - begun)


def crowd(
    there: tuple[str, int], url: str, n: int, token: Callable[[], str]
) -> tuple[list[websocket.WebSocket], Counter[int]]:
    held, refused = list[websocket.WebSocket](), Counter[int]()
    address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    for _number in range(n):
        line = socket.create_connection(there, 30, (CROWD, 0))
        try:
            opened = websocket.create_connection(address, origin=url, socket=line, timeout=30)
        except websocket.WebSocketBadStatusException as error:
            refused[error.status_code] += 1
            line.close()
            continue
        opened.send("40/chat," + json.dumps({"token": token()}))
        held.append(opened)
    return held, refused


def trickle(there: tuple[str, int]) -> socket.socket:
    line = socket.create_connection(there, 60, (CROWD, 0))
    line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    return line


def gone(line: socket.socket) -> float:
    """When the server closed it, while a byte came each tenth of a second."""
    line.settimeout(0.1)
    while True:
        try:
            line.sendall(b"x")
            if not line.recv(100):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    line.close()
    return time.monotonic()


class Meanwhile:
    """Does it again and again while something else goes on; how long each took."""

    def __init__(self, do: Callable[[], float]) -> None:
        self.times: list[float] = []
        self._do, self._over = do, threading.Event()
        self._thread = threading.Thread(target=self._again)

    def _again(self) -> None:
        while not self._over.wait(2):
            self.times.append(self._do())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()


def told(times: list[float]) -> list[int]:
    return [round(sorted(times)[len(times) // 2]), round(max(times))] if times else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
