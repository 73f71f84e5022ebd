import errno
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from contactcenter.embedded.child import LOG_MAX_BYTES, Program, trim
from contactcenter.embedded.errors import EngineError
from contactcenter.embedded.supervisor import FIRST_PAUSE_S, Supervisor


def program(
    folder: Path, code: str, *, name: str = "worker", rank: int = 0, stop_within_s: float = 5
) -> Program:
    command = (sys.executable, "-c", code)
    return Program(name, command, log=folder / f"{name}.log", rank=rank, stop_within_s=stop_within_s)


SLEEP = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEP
WRITES_ITS_END = """
import signal, sys, time
def end(*_):
    open({path!r}, "a").write({name!r} + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(600)
"""


def wait_up(supervisor: Supervisor, name: str) -> None:
    log = supervisor.children[name].program.log
    supervisor.wait_until(name, lambda: "up" in log.read_text(), within_s=10)


def test_what_dies_is_started_again_after_growing_pauses(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(say=said.append)
    supervisor.start(program(tmp_path, "raise SystemExit(3)"))
    deadline = time.monotonic() + 10
    while len(said) < 3 and time.monotonic() < deadline:
        supervisor.look_after()
        time.sleep(0.02)
    supervisor.stop()
    assert said == [
        f"worker ended with 3; starting it again in {pause:g} s"
        for pause in (FIRST_PAUSE_S, FIRST_PAUSE_S * 2, FIRST_PAUSE_S * 4)
    ]


def test_a_full_disk_ends_nothing(tmp_path: Path) -> None:
    """What runs cannot be written down, nor a log begun: it is tried again until there is room."""
    is_full, known = [False], []

    def write_down() -> None:
        if is_full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        known.append(sorted(supervisor.children))

    supervisor = Supervisor(changed=write_down)
    child = supervisor.start(program(tmp_path, SLEEP))
    wait_up(supervisor, "worker")
    is_full[0] = True
    log = tmp_path / "worker.log"
    log.unlink()
    log.mkdir()  # nothing can be written there
    child.kill()
    child.process.wait()
    for _look in range(30):
        supervisor.look_after()
        time.sleep(0.02)
    log.rmdir()
    is_full[0] = False
    known.clear()
    deadline = time.monotonic() + 10
    while not (known and supervisor.children["worker"].is_alive()) and time.monotonic() < deadline:
        supervisor.look_after()
        time.sleep(0.02)
    assert known == [["worker"]]
    supervisor.stop()


def test_programs_stop_from_the_highest_rank_down(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    supervisor = Supervisor()
    for rank, name in enumerate(("postgres", "valkey", "web", "worker")):
        code = WRITES_ITS_END.format(path=str(ends), name=name)
        supervisor.start(program(tmp_path, code, name=name, rank=rank))
        wait_up(supervisor, name)
    supervisor.stop()
    assert ends.read_text().split() == ["worker", "web", "valkey", "postgres"]


def test_a_program_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor()
    child = supervisor.start(program(tmp_path, STUBBORN, stop_within_s=0.2))
    wait_up(supervisor, "worker")
    supervisor.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_a_program_that_dies_while_we_wait_shows_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor()
    supervisor.start(program(tmp_path, "raise SystemExit('no model to load')"))
    with pytest.raises(EngineError, match=r"worker ended with 1:\nno model to load"):
        supervisor.wait_until("worker", lambda: False, within_s=10)


def test_ctrl_c_in_the_terminal_reaches_the_supervisor_alone(tmp_path: Path) -> None:
    supervisor = Supervisor()
    child = supervisor.start(program(tmp_path, SLEEP))
    wait_up(supervisor, "worker")
    assert os.getpgid(child.process.pid) != os.getpgid(0)
    supervisor.stop()


def test_a_log_grown_too_long_is_kept_once(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (LOG_MAX_BYTES + 1))
    trim(log)
    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").stat().st_size == LOG_MAX_BYTES + 1
