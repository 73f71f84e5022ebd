"""A Redis that takes connections and answers nothing holds nobody up, and once it is back everybody hears of the gap."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from contactcenter.core.config import get_settings
from contactcenter.core.fanout import GAP, Fanout
from contactcenter.embedded.engines import Engines

AT_ONCE_S = 0.2


class Hole:
    """An address where connections are taken; what comes in is kept back until `open` leads it to a real Redis."""

    def __init__(self, there: str) -> None:
        self._there = there
        self._here = socket.create_server(("127.0.0.1", 0))
        self._is_open = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._here.getsockname()[1]}/0"

    def open(self) -> None:
        self._is_open.set()

    def close(self) -> None:
        self._here.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._here.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._is_open.wait()
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._there)
        with near, far:
            threading.Thread(target=_pump, args=(far, near), daemon=True).start()
            _pump(near, far)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            sink.sendall(part)
    except OSError:
        pass


@pytest.fixture
def hole(engines: Engines, _settings_environment: None) -> Iterator[Hole]:
    made = Hole(get_settings().redis_url.removeprefix("unix://").partition("?")[0])
    yield made
    made.open()
    made.close()


def seconds(line: Fanout) -> float:
    """How long saying something takes."""
    began = time.monotonic()
    line.emit("event", {}, namespace="/console", room="wall:en")
    return time.monotonic() - began


def test_silent_redis_costs_its_patience_once_and_then_nothing(hole: Hole) -> None:
    line = Fanout(hole.url)
    assert seconds(line) < 5
    assert sum(seconds(line) for _ in range(100)) < AT_ONCE_S
    began = time.monotonic()
    assert line.heard(["wall:en"], "/console") == set()
    assert time.monotonic() - began < AT_ONCE_S


def test_gap_is_told_when_redis_answers_again(hole: Hole) -> None:
    said: list[str] = []
    web = Fanout(get_settings().redis_url, lambda word, _notice: said.append(word))
    listening = threading.Thread(target=lambda: list(web._listen()), daemon=True)
    listening.start()
    _until(lambda: said == [GAP])  # it has just begun to listen
    worker = Fanout(hole.url)
    seconds(worker)
    hole.open()
    _until(lambda: said == [GAP, GAP])
    _until(lambda: not worker._away)


def test_room_is_joined_though_redis_is_silent(hole: Hole) -> None:
    web = Fanout(hole.url, lambda _word, _notice: None)
    threading.Thread(target=lambda: list(web._listen()), daemon=True).start()
    web.basic_enter_room("sid", "/console", None, eio_sid="transport")
    began = time.monotonic()
    web.basic_enter_room("sid", "/console", "wall:en")
    assert time.monotonic() - began < 3
    assert web.heard(["wall:en"], "/console") == {"wall:en"}


def _until(true: object) -> None:
    assert callable(true)
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
