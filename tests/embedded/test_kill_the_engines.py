import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis

from contactcenter.embedded import running
from contactcenter.embedded.binaries import postgres_bin
from contactcenter.embedded.child import birth
from contactcenter.embedded.engines import Engines, start_engines
from contactcenter.embedded.postgres import major_version
from tests.embedded.conftest import Ask

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = """
import pathlib, sys, time
from contactcenter.embedded.engines import start_engines
engines = start_engines(pathlib.Path(sys.argv[1]))
engines.publish()
print("up", flush=True)
time.sleep(600)
"""


def wait_until(true: Callable[[], bool], *, within_s: float = 15) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def works(engines: Engines, ask: Ask) -> bool:
    """Whether a statement gets through, having looked after the children as `serve` does."""
    engines.supervisor.look_after()
    try:
        return ask(engines, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def test_postgresql_killed_hard_comes_back_with_every_committed_row(open_dir: Path, ask: Ask) -> None:
    with start_engines(open_dir) as engines:
        ask(engines, "CREATE TABLE message (n int)", as_owner=True)
        for n in range(100):
            ask(engines, f"INSERT INTO message VALUES ({n})")
        first = engines.supervisor.children["postgres"].process.pid
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: works(engines, ask))
        assert ask(engines, "SELECT count(*), max(n) FROM message") == [(100, 99)]
        assert engines.supervisor.children["postgres"].process.pid != first


def test_valkey_killed_hard_comes_back_with_what_it_had_written(open_dir: Path) -> None:
    with start_engines(open_dir) as engines, redis.Redis.from_url(engines.redis_url) as broker:
        broker.config_set("appendfsync", "always")  # when it has answered, it has written
        broker.set("job", "1")
        os.kill(engines.supervisor.children["valkey"].process.pid, signal.SIGKILL)

        def has_job() -> bool:
            engines.supervisor.look_after()
            try:
                return bool(broker.get("job") == b"1")
            except redis.RedisError:
                return False

        wait_until(has_job)


@pytest.fixture
def killed_system(open_dir: Path) -> running.Running:
    """What a supervisor had written down when kill -9 hit it."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, open_dir], cwd=ROOT, stdout=subprocess.PIPE
    )
    with supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"up\n"
        system = running.read(open_dir)
        assert system is not None
        assert set(system.processes) == {"postgres", "valkey"}
        with psycopg.connect(system.migration_url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE message AS SELECT 7 AS n")
        supervisor.kill()
    return system


def test_a_killed_supervisor_takes_its_engines_along(killed_system: running.Running) -> None:
    if sys.platform != "linux":
        pytest.skip("the parent-death signal is Linux's; elsewhere the next start ends them")
    processes = killed_system.processes.values()
    wait_until(lambda: not any(running.is_same(process) for process in processes))


def test_the_start_after_a_kill_finds_every_committed_row(
    open_dir: Path, killed_system: running.Running, ask: Ask
) -> None:
    with start_engines(open_dir) as engines:
        assert not any(running.is_same(process) for process in killed_system.processes.values())
        assert ask(engines, "SELECT n FROM message", as_owner=True) == [(7,)]


def test_what_survived_its_supervisor_is_ended_by_the_next_start(open_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as orphan:
        left = running.Recorded(orphan.pid, birth(orphan.pid), signal.SIGTERM)
        running.write(open_dir, running.Running(1, processes={"web": left}))
        # The orphan is this test's child: reap it, or it stays a zombie, which counts as ended.
        assert running.end_leftovers(open_dir) == ["web"]
        assert orphan.wait(5) == -signal.SIGTERM
    assert running.read(open_dir) is None


def test_a_stranger_with_a_recycled_number_is_left_alone(open_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        recorded = running.Recorded(stranger.pid, birth(stranger.pid), signal.SIGTERM)
        older = replace(recorded, birth="another boot 1")
        running.write(open_dir, running.Running(1, processes={"web": older}))
        assert running.end_leftovers(open_dir) == []
        assert stranger.poll() is None
        stranger.kill()


def test_a_start_cut_short_before_the_database_was_made_starts_again(open_dir: Path, ask: Ask) -> None:
    draft = open_dir / "engines" / f"pg{major_version(postgres_bin())}.draft"
    draft.mkdir(parents=True)
    (draft / "half").write_text("made")
    with start_engines(open_dir, throwaway=True) as engines:
        assert ask(engines, "SELECT 1") == [(1,)]
    assert not draft.exists()
