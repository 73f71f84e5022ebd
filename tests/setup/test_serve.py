import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from contactcenter.cli.system import EVERYTHING, WORKERS, System, is_ready, start_system
from contactcenter.core.config import Settings
from contactcenter.embedded import running

ROOT = Path(__file__).resolve().parents[2]
GIVE = """
WITH word AS (SELECT pg_notify('outbox', ''))
INSERT INTO outbox (task, queue, args, key, created_at)
SELECT 'nlp.analyse', :queue, '{"message_ids": []}', 'sign of life', now() FROM word
"""
STOPS_WITHIN_S = 30  # the web is given 8 s and PostgreSQL, which writes to the disk what it has, 20 s


@contextmanager
def serve(own_dir: Path, *words: str, port: int = 0) -> Iterator[subprocess.Popen[str]]:
    """`python app.py serve` as a person starts it; ended hard if the test forgets."""
    environment = {**os.environ, "STATE_DIR": str(own_dir), "PORT": str(port)}
    command = [sys.executable, "app.py", "serve", *words]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if word in line:
            return seen
    raise AssertionError(f"ended before saying {word!r}: {seen}{process.stderr and process.stderr.read()}")


def what_runs(own_dir: Path) -> running.Running:
    system = running.read(own_dir)
    assert system is not None
    return system


def test_serve_says_where_it_is_refuses_a_second_start_and_leaves_nothing_running(own_dir: Path) -> None:
    with serve(own_dir, "--only", "web") as first:
        said = read_until(first, "Stop with Ctrl-C")
        system = what_runs(own_dir)
        assert "Candor is ready after" in said
        assert system.url in said
        assert "one-time code" in said
        assert set(system.processes) == {"postgres", "valkey", "web"}
        assert answer(system.url, "/healthz") == 200
        with serve(own_dir, "--only", "web") as second:
            out, error = second.communicate(timeout=STOPS_WITHIN_S)
            assert (second.returncode, out, error.count("\n")) == (1, "", 1)
            assert f"already works on {own_dir}. It answers at {system.url}." in error
        first.send_signal(signal.SIGINT)
        assert first.wait(STOPS_WITHIN_S) == 0
        assert not any(map(running.is_same, system.processes.values()))
        assert running.read(own_dir) is None


def answer(url: str, path: str) -> int:
    host, port = url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_killed_supervisor_takes_all_along_and_the_next_start_is_ready(own_dir: Path) -> None:
    with serve(own_dir, "--only", "web") as first:
        read_until(first, "Stop with Ctrl-C")
        system = what_runs(own_dir)
        first.kill()
    with serve(own_dir, "--only", "web") as second:
        read_until(second, "Stop with Ctrl-C")
        assert not any(map(running.is_same, system.processes.values()))
        assert answer(what_runs(own_dir).url, "/readyz") == 200
        second.terminate()
        assert second.wait(STOPS_WITHIN_S) == 0


@pytest.fixture
def system(own_dir: Path) -> Iterator[System]:
    settings = Settings(state_dir=own_dir, port=0)
    with start_system(settings, throwaway=True, names=["web"]) as running_system:
        yield running_system


def test_workers_share_what_they_import_and_none_waits_for_a_model_that_is_off(own_dir: Path) -> None:
    settings = Settings(state_dir=own_dir, port=0, nlp_engine="off")
    with start_system(settings, throwaway=True, names=list(WORKERS)) as running_system:
        children = running_system.supervisor.children
        assert set(children) == {"postgres", "valkey", "nursery", "router", "clock", "worker-default"}
        names = [Path(f"/proc/{children[one].process.pid}/comm").read_text() for one in ("router", "clock")]
        assert names == ["candor-router\n", "candor-clock\n"]
        assert is_done(running_system, queue="nlp")


def is_done(system: System, *, queue: str) -> bool:
    """Whether a job in `queue` finds somebody."""
    engine = create_engine(system.engines.migration_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        line.execute(text(GIVE), {"queue": queue})
        deadline = time.monotonic() + 60
        while not (done := line.scalar(text("SELECT done_at IS NOT NULL FROM outbox"))):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
    engine.dispose()
    return bool(done)


def test_requests_wait_while_a_killed_web_starts_again(system: System) -> None:
    web = system.supervisor.children["web"].process
    os.killpg(web.pid, signal.SIGKILL)
    web.wait()
    host, port = system.settings.host, system.settings.port
    with socket.create_connection((host, port), timeout=5) as patient:
        patient.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        patient.settimeout(1)
        received = b""
        deadline = time.monotonic() + 40
        while not received and time.monotonic() < deadline:
            system.supervisor.look_after()
            try:
                received = patient.recv(100)
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 200")
    assert is_ready(host, port)


def test_processes_do_not_get_the_owner_s_rights(system: System) -> None:
    environment = Path(f"/proc/{system.supervisor.children['web'].process.pid}/environ").read_text()
    assert "MIGRATION_URL=\0" in environment
    assert f"DATABASE_URL={system.engines.database_url}\0" in environment
    assert "candor_app@" in system.engines.database_url


def test_a_taken_port_is_one_sentence_and_leaves_nothing_running(own_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serve(own_dir, port=port) as process:
            _, error = process.communicate(timeout=STOPS_WITHIN_S)
    assert process.returncode == 1
    assert (
        error
        == f"candor: Cannot listen on 127.0.0.1 port {port} (Address already in use); set another PORT.\n"
    )
    assert running.read(own_dir) is None


def test_an_unknown_program_is_refused(own_dir: Path) -> None:
    with serve(own_dir, "--only", "web,teapot") as process:
        _, error = process.communicate(timeout=STOPS_WITHIN_S)
    assert process.returncode == 2
    assert "there is no program teapot" in error


@pytest.mark.soak
def test_everything_stops_within_seconds_of_ctrl_c(own_dir: Path) -> None:
    with serve(own_dir, "--demo") as process:
        read_until(process, "Stop with Ctrl-C")
        system = what_runs(own_dir)
        assert set(system.processes) >= {"postgres", "valkey", *EVERYTHING}
        started_at = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(STOPS_WITHIN_S) == 0
        assert time.monotonic() - started_at < STOPS_WITHIN_S
        assert not any(map(running.is_same, system.processes.values()))
