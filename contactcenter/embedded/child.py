"""One child process: started so that it cannot outlive us, stopped politely, then for certain."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from contactcenter.embedded.account import Account

PR_SET_PDEATHSIG = 1
LOG_MAX_BYTES = 10 * 1024 * 1024


class Process(Protocol):
    """What a Child asks of its process; `subprocess.Popen` is one."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to end it."""

    name: str
    command: tuple[str, ...]
    log: Path
    rank: int
    """Programs of a higher rank are stopped before those of a lower one."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to our own environment."""
    cwd: Path | None = None
    account: Account = field(default_factory=Account)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 10
    pass_fds: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    """What follows `app.py` in `command`, for who forks it."""
    fork: Callable[["Program", int], Process | None] | None = None
    """Starts it at less cost than by `command`, or returns None; the number is of its open log."""


class Child:
    """A running program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.started_at = time.monotonic()
        trim(program.log)
        with program.log.open("ab") as log:
            forked = program.fork(program, log.fileno()) if program.fork else None
            self.process = forked or execute(program, log.fileno())
        self.birth = birth(self.process.pid)

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.is_alive():
            self.process.send_signal(self.program.stop_signal)

    def wait_stopped(self) -> None:
        """Wait for the time the program is given, then kill."""
        try:
            self.process.wait(self.program.stop_within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()

    def kill(self) -> None:
        """Kill it and its own children; does not wait."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self) -> str:
        """The end of its log, for the person who has to find out what happened."""
        lines = self.program.log.read_text(errors="replace").splitlines() if self.program.log.exists() else []
        return "\n".join(lines[-8:])


def execute(program: Program, log: int) -> Process:
    process = subprocess.Popen(
        program.command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=program.cwd,
        env={**os.environ, **program.environment},
        pass_fds=program.pass_fds,
        # Ctrl-C in the terminal reaches the supervisor alone, which then stops all in order.
        start_new_session=True,
        preexec_fn=die_with_parent(program.stop_signal),  # noqa: PLW1509  supervisors have one thread
        **program.account.popen(),
    )
    return cast("Process", process)


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """On Linux: have the kernel send `stop_signal` to the child when we die, even by kill -9."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(1)

    return in_child


def birth(pid: int) -> str | None:
    """What tells this process from a later one with the same number; None when it is not alive."""
    return birth_in_proc(pid) if Path("/proc/self/stat").exists() else birth_by_ps(pid)


def birth_in_proc(pid: int) -> str | None:
    """Boot and start time, by field 22 of Linux's /proc/PID/stat; a zombie (field 3) is not alive."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *rest = stat.rpartition(") ")[2].split()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return None if state in "ZX" else f"{boot} {rest[18]}"


def birth_by_ps(pid: int) -> str | None:
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def trim(log: Path) -> None:
    """Keep one older log of at most LOG_MAX_BYTES; works while the program writes, for it appends.

    Where the disk has no room for the older one, the newer is shortened all the same.
    """
    if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
        with contextlib.suppress(OSError):
            log.with_suffix(".log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
