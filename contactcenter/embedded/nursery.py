"""Processes forked from one that has imported what all of them need: that lies in memory once, and they stand at once.

Where the nursery does not answer, a program is started like any other. Linux alone has what it takes.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contactcenter.embedded.child import Child, Process, Program, birth
from contactcenter.embedded.supervisor import Supervisor

NAME = "nursery"
ANSWERS_WITHIN_S = 30.0
"""It may still be importing."""
LOOKS_EVERY_S = 0.02
MESSAGE_MAX_BYTES = 64 * 1024


class Nursery:
    """The supervisor's side: asks for processes, and hears how they ended.

    Both ends of the line are kept here, so that a nursery which is started again goes on with them.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        modules: Sequence[str],
        environment: Mapping[str, str],
        logs: Path,
        cwd: Path,
        rank: int,
    ) -> None:
        self._supervisor = supervisor
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ends: dict[int, int] = {}
        number = self._theirs.fileno()
        command = (sys.executable, "-m", "contactcenter.embedded.forks", str(number), *modules)
        supervisor.start(
            Program(
                NAME,
                command,
                log=logs / f"{NAME}.log",
                rank=rank,
                environment=environment,
                cwd=cwd,
                pass_fds=(number,),
            )
        )

    @property
    def child(self) -> Child | None:
        return self._supervisor.children.get(NAME)

    def fork(self, program: Program, log: int) -> Process | None:
        """Start `program` by its `words`; None when the nursery is gone or says nothing: start it otherwise."""
        nursery = self.child
        if nursery is None or not nursery.is_alive():
            return None
        self._forget_what_is_old()
        request = {"name": program.name, "words": program.words, "signal": int(program.stop_signal)}
        socket.send_fds(self._ours, [json.dumps(request).encode()], [log])
        pid = self._answer(nursery)
        if pid is None:
            nursery.kill()  # or it might still do as it was asked, after somebody else has
            return None
        return Forked(pid, nursery.process.pid, self)

    def end_of(self, pid: int) -> int | None:
        """How that process ended, by what was heard so far; told once."""
        self._hear_ends()
        return self._ends.pop(pid, None)

    def is_run_by(self, pid: int) -> bool:
        return self.child is not None and self.child.is_alive() and self.child.process.pid == pid

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()

    def _answer(self, nursery: Child) -> int | None:
        deadline = time.monotonic() + ANSWERS_WITHIN_S
        while nursery.is_alive() and time.monotonic() < deadline:
            heard = self._hear(wait_s=LOOKS_EVERY_S)
            if heard is not None and "forked" in heard:
                return int(heard["forked"])
            if heard is not None:
                self._note(heard)
        return None

    def _hear_ends(self) -> None:
        while (heard := self._hear(wait_s=0)) is not None:
            self._note(heard)

    def _note(self, heard: Mapping[str, int]) -> None:
        """An answer is not waited for here: it is of a nursery that died with it, and its process with both."""
        if "ended" in heard:
            self._ends[heard["ended"]] = heard["status"]

    def _hear(self, *, wait_s: float) -> dict[str, Any] | None:  # Any: JSON
        return receive(self._ours, wait_s)

    def _forget_what_is_old(self) -> None:
        """Requests that a nursery before this one did not come to, and answers of it that nobody heard."""
        self._hear_ends()
        while receive(self._theirs, 0) is not None:
            pass


class Forked:
    """A process that another one forked for us; like `subprocess.Popen`, as far as a Child asks."""

    def __init__(self, pid: int, parent_pid: int, nursery: Nursery) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._birth = birth(pid)
        self._parent_pid = parent_pid
        self._nursery = nursery

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.end_of(self.pid)
        if self.returncode is None and self._is_gone_unheard():
            self.returncode = self._nursery.end_of(self.pid) or 0
        return self.returncode

    def _is_gone_unheard(self) -> bool:
        """Its nursery ended with it, and nobody else can say how it ended."""
        return not self._nursery.is_run_by(self._parent_pid) and birth(self.pid) != self._birth

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(LOOKS_EVERY_S)
        return status

    def send_signal(self, number: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def receive(line: socket.socket, wait_s: float) -> dict[str, Any] | None:  # Any: JSON
    """The next message, None when none came in `wait_s` seconds."""
    line.settimeout(wait_s)
    try:
        heard: dict[str, Any] = json.loads(line.recv(MESSAGE_MAX_BYTES))
    except (TimeoutError, BlockingIOError):
        return None
    finally:
        line.settimeout(None)
    return heard
