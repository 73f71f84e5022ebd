"""STATE_DIR/run.json: what runs now, for commands that attach and for the start after a kill -9."""

import contextlib
import json
import os
import shutil
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from contactcenter.embedded.child import birth

FILE = "run.json"
PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """One process as it was when it started."""

    pid: int
    birth: str | None
    stop_signal: int


@dataclass(frozen=True, slots=True)
class Running:
    """The whole system of one state directory."""

    supervisor_pid: int
    database_url: str = ""
    migration_url: str = ""
    redis_url: str = ""
    url: str = ""
    sockets: str = ""
    processes: dict[str, Recorded] = field(default_factory=dict)


def write(state_dir: Path, running: Running) -> None:
    """Replace the file in one step, so that readers see the old one or the new one."""
    draft = state_dir / f".{FILE}.draft"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(running), file, indent=1)
    draft.replace(state_dir / FILE)


def read(state_dir: Path) -> Running | None:
    try:
        known = json.loads((state_dir / FILE).read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    known["processes"] = {name: Recorded(**entry) for name, entry in known["processes"].items()}
    return Running(**known)


def forget(state_dir: Path) -> None:
    (state_dir / FILE).unlink(missing_ok=True)


def end_leftovers(state_dir: Path) -> list[str]:
    """Stop what a killed supervisor left alive, politely, then for certain; returns the names.

    Called by the new owner of the lock, so nothing in the old run.json has a living supervisor.
    """
    left = read(state_dir)
    if left is None:
        return []
    alive = {name: process for name, process in left.processes.items() if is_same(process)}
    for process in alive.values():
        signal_it(process, process.stop_signal)
    deadline = time.monotonic() + PATIENCE_S
    while any(map(is_same, alive.values())) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in filter(is_same, alive.values()):
        signal_it(process, signal.SIGKILL)
    if left.sockets and Path(left.sockets).name.startswith("candor-"):
        shutil.rmtree(left.sockets, ignore_errors=True)
    forget(state_dir)
    return list(alive)


def is_same(process: Recorded) -> bool:
    """Still that very process, and not a stranger that got its number."""
    return process.birth is not None and birth(process.pid) == process.birth


def signal_it(process: Recorded, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, number)
