"""What a page that is open and says nothing costs: memory and processor time of the web, by 2,000 idle sockets of visitors.

`python benchmarks/bench_idle_sockets.py [--sockets 2000] [--seconds 60]` starts the web on a state directory of its own and
connects so many widgets, each of a visitor of its own, which then only answer the server's pings. Prints one JSON object.
"""

import argparse
import json
import os
import selectors
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import websocket

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.cli.system import System, start_system
from contactcenter.compose import compose
from contactcenter.core import db, push
from contactcenter.core.config import Settings, get_settings
from contactcenter.edge.visitors import issue_token

MIB = 1 << 20


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)
        with start_system(Settings(state_dir=Path(folder), port=0), names=("web",)) as system:
            os.environ["SECRET_KEY"] = (Path(folder) / "secret_key").read_text()
            get_settings.cache_clear()
            print(json.dumps(measure(system, options.sockets, options.seconds), indent=1))
    return 0


def measure(system: System, sockets_n: int, seconds: float) -> dict[str, Any]:
    """Before, while and after; memory as PSS of the web's processes together."""
    key_id, queue_id = furnish(system)
    line(system.url, issue_token(key_id, queue_id)).close()  # whatever is loaded once is loaded now
    before = memory(system)
    begun = time.perf_counter()
    selector = selectors.DefaultSelector()
    for _number in range(sockets_n):
        opened = line(system.url, issue_token(key_id, queue_id))
        assert opened.sock is not None
        selector.register(opened.sock, selectors.EVENT_READ, opened)
    connected_s = time.perf_counter() - begun
    answer_pings(selector, 5)
    used, held = cpu_s(system), memory(system)
    answer_pings(selector, seconds)
    return {
        "sockets": sockets_n,
        "web_processes": len(processes(system)),
        "connected_per_s": round(sockets_n / connected_s),
        "web_mib_without": round(before / MIB, 1),
        "web_mib_with": round(held / MIB, 1),
        "kib_per_socket": round((held - before) / sockets_n / 1024, 1),
        "web_cpu_pct_of_one": round(100 * (cpu_s(system) - used) / seconds, 2),
        "load_1m": os.getloadavg()[0],
    }


def furnish(system: System) -> tuple[int, int]:
    """An organisation with one widget; the numbers of the widget and its queue."""
    compose()
    push.use(lambda *_args, **_kwargs: None, lambda _rooms, _namespace: ())
    db.connect(system.engines.database_url)
    with db.unit_of_work() as session:
        widget = build_organisation(session, {person.login: "every-evening-the-tide" for person in PEOPLE})
        return widget.id, widget.queue_id


def line(url: str, token: str) -> websocket.WebSocket:
    """A widget's socket that has been let in."""
    address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    opened = websocket.create_connection(address, origin=url, timeout=30)
    opened.send("40/chat," + json.dumps({"token": token, "language": "en"}))
    while not (said := str(opened.recv())).startswith("40/chat,"):
        assert not said.startswith("44"), said
    return opened


def answer_pings(selector: selectors.BaseSelector, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for key, _events in selector.select(timeout=min(left, 1)):
            if key.data.recv() == "2":
                key.data.send("3")


def processes(system: System) -> list[psutil.Process]:
    web = psutil.Process(system.supervisor.children["web"].process.pid)
    return [web, *web.children(recursive=True)]


def memory(system: System) -> int:
    return sum(one.memory_full_info().pss for one in processes(system))


def cpu_s(system: System) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes(system))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
