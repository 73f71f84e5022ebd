"""Two machines with every process each, one with the engines, a proxy in front: as docs/operations.md has it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, create_engine

from contactcenter.compose import compose
from contactcenter.core.config import get_settings
from tests.e2e.conftest import OURS
from tests.e2e.faults import House, until
from tests.machines import network
from tests.machines.data import Data
from tests.machines.documented import ROOT, processes
from tests.machines.front import WEB_PORT, Front

URL = f"http://{network.OURS}"
SECRET_KEY = "pebbles-on-the-beach-" * 2
START_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0


class Machine(House):
    """One machine. `House` knows its processes by name and kills them."""

    def __init__(self, name: str, home: Path, files: Path, environment: dict[str, str]) -> None:
        super().__init__(home / name)
        self.name = name
        self.address = network.ADDRESSES[name]
        self.state_dir.mkdir()
        (self.state_dir / "files").symlink_to(files)  # the shared folder
        self._environment = {**os.environ, **environment, "STATE_DIR": str(self.state_dir)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its web, past the proxy."""
        return f"http://{self.address}:{WEB_PORT}"

    def start(self) -> None:
        """Have everything started; `wait` tells when it runs."""
        words = [sys.executable, "-m", "tests.machines.machine", str(self.state_dir), self.address]
        with (self.state_dir / "machine.log").open("ab") as log:
            self._process = subprocess.Popen(
                network.inside(self.name, *words), cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Until its web answers and all else has begun."""
        until(self._is_ready, lambda: f"{self.name} does not start: {self.words()}", within_s=START_WITHIN_S)

    def stop(self) -> None:
        """In order: every process gets SIGTERM and time."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(STOP_WITHIN_S)

    def die(self) -> None:
        """The power is gone: first nothing gets out any more, then nothing is left."""
        network.swallow(self.name)
        while left := network.pids(self.name):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        (self.state_dir / "run.json").unlink()

    def come_back(self) -> None:
        network.mend(self.name)
        self.start()

    def spawn_python(self, code: str) -> "subprocess.Popen[bytes]":
        """A program of ours on that machine, its output in a pipe."""
        command = network.inside(self.name, sys.executable, "-c", code)
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE)

    def words(self) -> str:
        """The end of every log."""
        logs = sorted(self.state_dir.glob("*.log"))
        return "\n".join(f"== {log.name} {log.read_text(errors='replace')[-1500:]}" for log in logs)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.words()
        if not (self.state_dir / "run.json").exists() or len(self.known.processes) < len(processes()):
            return False
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        return False


@dataclass(frozen=True, slots=True)
class Town:
    """All of it. `database` is seen past the network, whatever befalls that."""

    machines: dict[str, Machine]
    data: Data
    database: Engine
    home: Path
    front: Front

    @property
    def url(self) -> str:
        return URL

    def command(self, *words: str) -> str:
        """`python app.py …` on machine a; its output."""
        machine = self.machines["a"]
        done = subprocess.run(
            network.inside("a", sys.executable, str(ROOT / "app.py"), *words),
            cwd=ROOT,
            env=machine._environment,
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def a_town(home: Path) -> Iterator[Town]:
    """Everything up and nothing in it. Nobody stops it: it goes with the world it is in."""
    with contextlib.ExitStack() as stack:
        network.lay()
        data = Data(home / "data")
        data.prepare()
        environment = data.environment | {
            "MIGRATION_URL": "",
            "SECRET_KEY": SECRET_KEY,
            "PUBLIC_URL": URL,
            "TRUSTED_PROXIES": "1",
            "PYTHONUNBUFFERED": "1",
        }
        _migrate(environment | {"MIGRATION_URL": data.migration_url, "STATE_DIR": str(home / "a")})
        files = home / "files"
        files.mkdir()
        machines = {name: Machine(name, home, files, environment) for name in ("a", "b")}
        for machine in machines.values():
            machine.start()
        front = Front(home / "front")
        database = _judge(stack, data.judge_url)
        for machine in machines.values():
            machine.wait()
        yield Town(machines, data, database, home, front)


def _migrate(environment: dict[str, str]) -> None:
    command = [sys.executable, str(ROOT / "app.py"), "migrate", "--first-code"]
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
    )


def _judge(stack: contextlib.ExitStack, url: str) -> Engine:
    """As whoever fills and judges the database sees it, this process being part of the system."""
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    for name in OURS:
        patch.delenv(name, raising=False)
    patch.setenv("SECRET_KEY", SECRET_KEY)
    get_settings.cache_clear()
    stack.callback(get_settings.cache_clear)
    compose()
    database = create_engine(url, pool_pre_ping=True)
    stack.callback(database.dispose)
    return database
