"""Processes from a nursery start, end, are started again and are stopped like any other."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contactcenter.embedded.child import Program, birth
from contactcenter.embedded.nursery import NAME, Forked, Nursery
from contactcenter.embedded.supervisor import Supervisor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux")

APP = """
import os, signal, sys, threading, time
import heavy
print("up", *sys.argv, os.getpid() == os.getsid(0), heavy.BORN_IN != os.getpid(), os.environ["COLOUR"], flush=True)
print("threads", threading.active_count(), "told", file=sys.stderr, flush=True)
if sys.argv[1:] == ["end"]:
    sys.exit(7)
def end(*_):
    open("ends", "a").write(sys.argv[1] + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
time.sleep(600)
"""
HEAVY = "import os\nBORN_IN = os.getpid()\n"


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "app.py").write_text(APP)
        (folder / "heavy.py").write_text(HEAVY)
        self.supervisor = Supervisor()
        root = str(Path(__file__).resolve().parents[2])
        self.environment = {"COLOUR": "green", "PYTHONPATH": root}
        self.nursery = Nursery(
            self.supervisor,
            modules=["heavy"],
            environment=self.environment,
            logs=folder,
            cwd=folder,
            rank=0,
        )

    def program(self, name: str, *words: str) -> Program:
        return Program(
            name,
            (sys.executable, "app.py", *words),
            log=self.folder / f"{name}.log",
            rank=1,
            environment=self.environment,
            cwd=self.folder,
            stop_within_s=5,
            words=words,
            fork=self.nursery.fork,
        )

    def start(self, name: str, *words: str) -> None:
        self.supervisor.start(self.program(name, *words))
        self.supervisor.wait_until(name, lambda: "told" in self.log(name), within_s=10)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def process(self, name: str) -> object:
        return self.supervisor.children[name].process

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not true():
            assert time.monotonic() < deadline, "it did not happen"
            self.supervisor.look_after()
            time.sleep(0.02)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.supervisor.stop()
    made.nursery.close()


def test_forked_is_like_started(home: Home) -> None:
    home.start("clock", "tick")
    assert home.log("clock") == "up app.py tick True True green\nthreads 1 told\n"
    child = home.supervisor.children["clock"]
    assert isinstance(child.process, Forked)
    assert Path(f"/proc/{child.process.pid}/comm").read_text() == "candor-clock\n"
    assert child.is_alive()
    child.ask_to_stop()
    child.wait_stopped()
    assert (child.process.returncode, (home.folder / "ends").read_text()) == (0, "tick ")


def test_how_it_ended_is_known(home: Home) -> None:
    home.supervisor.start(home.program("clock", "end"))
    ended = home.process("clock")
    home.until(lambda: ended.poll() == 7)  # type: ignore[attr-defined]
    home.start("router", "lead")
    child = home.supervisor.children["router"]
    child.kill()
    home.until(lambda: child.process.returncode == -signal.SIGKILL)
    home.until(lambda: home.supervisor.children["router"] is not child)


def test_killed_nursery_takes_its_own_along_and_all_come_back(home: Home) -> None:
    home.start("clock", "tick")
    before = home.supervisor.children["clock"]
    os.kill(home.supervisor.children[NAME].process.pid, signal.SIGKILL)
    home.until(lambda: birth(before.process.pid) != before.birth)
    assert (home.folder / "ends").read_text() == "tick ", "it was asked to stop"
    home.until(lambda: home.supervisor.children["clock"] is not before)
    home.until(lambda: home.log("clock").count("told") == 2)
    home.until(home.supervisor.children[NAME].is_alive)


def test_without_a_nursery_it_is_started_all_the_same(home: Home) -> None:
    nursery = home.supervisor.children[NAME]
    nursery.kill()
    home.until(lambda: nursery.process.poll() is not None)
    home.start("clock", "tick")
    assert not isinstance(home.process("clock"), Forked)


def test_nursery_that_says_nothing_is_given_up(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactcenter.embedded.nursery.ANSWERS_WITHIN_S", 0.2)
    nursery = home.supervisor.children[NAME]
    os.kill(nursery.process.pid, signal.SIGSTOP)
    home.start("clock", "tick")
    assert not isinstance(home.process("clock"), Forked)
    home.until(lambda: home.supervisor.children[NAME] is not nursery)
    monkeypatch.undo()
    home.start("router", "lead")
    assert isinstance(home.process("router"), Forked)
    assert home.log("clock").count("told") == 1, "what the first one did not come to is forgotten"


def test_all_stop_in_order(home: Home) -> None:
    home.start("clock", "tick")
    home.start("router", "lead")
    home.supervisor.stop()
    assert sorted((home.folder / "ends").read_text().split()) == ["lead", "tick"]


def test_program_that_cannot_start_says_why_in_its_own_log(home: Home) -> None:
    (home.folder / "app.py").write_text("raise SystemExit('no room')")
    home.supervisor.start(replace(home.program("clock", "tick")))
    home.until(lambda: "no room" in home.log("clock"))


def test_answer_that_nobody_waited_for_is_no_answer_to_the_next(home: Home) -> None:
    """A nursery that answered and died at once, before it was heard."""
    home.start("clock", "tick")
    home.nursery._theirs.send(b'{"forked": 1}')
    assert home.supervisor.children["clock"].is_alive()
    home.nursery._theirs.send(b'{"forked": 1}')
    home.start("router", "lead")
    assert home.supervisor.children["router"].process.pid > 1
