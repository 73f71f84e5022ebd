"""`python -m tests.machines.machine STATE_DIR ADDRESS`: what keeps the processes of one machine running, as systemd would.

The commands are those of docs/operations.md. SIGTERM stops them in order; what dies is started again.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from contactcenter.embedded import running
from contactcenter.embedded.child import Program
from contactcenter.embedded.running import Recorded, Running
from contactcenter.embedded.supervisor import Supervisor
from tests.machines.documented import ROOT, processes

STOP_WITHIN_S = 40.0  # more than gunicorn gives its requests


def main(arguments: Sequence[str]) -> int:
    state_dir, address = Path(arguments[0]), arguments[1]
    supervisor = Supervisor(changed=lambda: _record(supervisor, state_dir))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        for name, words in processes().items():
            command = [word.replace("127.0.0.1", address) for word in words]
            supervisor.start(_program(name, command, state_dir))
        while True:
            supervisor.look_after()
            time.sleep(0.1)
    except KeyboardInterrupt:
        supervisor.stop()
    return 0


def _program(name: str, command: Sequence[str], state_dir: Path) -> Program:
    return Program(
        name,
        tuple(command),
        log=state_dir / f"{name}.log",
        rank=1 if name == "web" else 2,
        cwd=ROOT,
        stop_within_s=STOP_WITHIN_S,
    )


def _record(supervisor: Supervisor, state_dir: Path) -> None:
    """As `serve` does: whoever kills a process finds its number."""
    processes = {
        name: Recorded(child.process.pid, child.birth, signal.SIGTERM)
        for name, child in supervisor.children.items()
    }
    running.write(state_dir, Running(os.getpid(), processes=processes))


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
