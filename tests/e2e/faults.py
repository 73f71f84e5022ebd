"""A whole system, and things that break it."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contactcenter.embedded import running

ROOT = Path(__file__).parents[2]
START_WITHIN_S = 120.0


def until(true: Callable[[], object], otherwise: str | Callable[[], str], *, within_s: float = 60.0) -> None:
    """Wait until `true()` is; fails after `within_s`, saying `otherwise`."""
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class House:
    """The whole system as `app.py serve` runs it, so that its own supervisor mends what we break."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir

    @property
    def known(self) -> running.Running:
        found = running.read(self.state_dir)
        assert found is not None
        return found

    def pid(self, name: str) -> int:
        return self.known.processes[name].pid

    def kill(self, name: str) -> None:
        """`kill -9`, and wait until another one of that name runs."""
        killed = self.pid(name)
        os.kill(killed, signal.SIGKILL)
        until(lambda: self.pid(name) != killed, f"{name} was not started again")

    def spawn(self, *words: str) -> "subprocess.Popen[bytes]":
        """`python app.py …` beside the running system, its output in a pipe."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *words],
            cwd=ROOT,
            env={**os.environ, "STATE_DIR": str(self.state_dir)},
            stdout=subprocess.PIPE,
        )

    def command(self, *words: str) -> str:
        """The output of a command that must succeed."""
        process = self.spawn(*words)
        output, _nothing = process.communicate(timeout=60)
        assert process.returncode == 0, output.decode()
        return output.decode()


@contextmanager
def serve(state_dir: Path, **environment: str) -> Iterator[House]:
    """Start everything on a free port, nothing in it; stopped like Ctrl-C does at the end."""
    command = [sys.executable, str(ROOT / "app.py"), "serve", "--no-demo"]
    with (state_dir / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "STATE_DIR": str(state_dir), "PORT": "0", **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    house = House(state_dir)
    try:
        until(lambda: _answers(house, process), "the system did not start", within_s=START_WITHIN_S)
        yield house
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        for path in (state_dir / "serve.log", *sorted((state_dir / "logs").glob("*.log"))):
            sys.stderr.write(f"== {path.name} {path.read_text(errors='replace')[-3000:]}\n")


def _answers(house: House, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, (house.state_dir / "serve.log").read_text()
    found = running.read(house.state_dir)
    return bool(found and found.url and "worker-nlp" in found.processes)


class Cable:
    """A TCP line to the system that can be pulled: `url` leads through it, `pull` resets what is open, mid-byte."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._here = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._here.getsockname()[1]}"

    def pull(self) -> int:
        """Reset every connection there is; how many ends were cut."""
        with self._guard:
            ends = list(self._open)
        for end in ends:
            _reset(end)
        return len(ends)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._here.shutdown(socket.SHUT_RDWR)  # wakes `accept`
        self._here.close()
        self.pull()
        for thread in self._threads:
            thread.join(timeout=10)

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._here.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(near,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket) -> None:
        """Carry bytes both ways until either end is gone; none, while nobody is there."""
        try:
            far = socket.create_connection(self._there)
        except OSError:
            near.close()
            return
        with near, far:
            with self._guard:
                self._open |= {near, far}
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            _pump(near, far)
            back.join()
            with self._guard:
                self._open -= {near, far}


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _reset(end: socket.socket) -> None:
    """Close with RST, as a broken line looks; whoever reads from it wakes up."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
