"""`serve`: the whole system as children of one small supervisor, which imports no Flask."""

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from contactcenter.cli.system import EVERYTHING, System, start_system
from contactcenter.core.config import get_settings
from contactcenter.embedded import running
from contactcenter.embedded.errors import StateDirBusyError


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    settings = get_settings()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    started_at = time.monotonic()
    try:
        system = start_system(settings, demo=options.demo, names=options.only, say=say)
    except StateDirBusyError as busy:
        there = running.read(settings.state_dir)
        url = f" It answers at {there.url}." if there and there.url else ""
        print(f"candor: {busy}{url} Stop it first, or set another STATE_DIR.", file=sys.stderr)
        return 1
    with system:
        with contextlib.suppress(KeyboardInterrupt):
            say(welcome(system, seconds=time.monotonic() - started_at))
            look_after(system)
        say("Stopping …")
        signal.signal(signal.SIGINT, lambda *_: system.supervisor.kill())
    say("Stopped.")
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.py serve", description=__doc__)
    parser.add_argument(
        "--demo",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="fill the database if it is empty",
    )
    parser.add_argument(
        "--only", type=names, default=EVERYTHING, help=f"some programs of {','.join(EVERYTHING)}"
    )
    return parser.parse_args(arguments)


def names(text: str) -> Sequence[str]:
    chosen = tuple(text.split(","))
    unknown = [name for name in chosen if name not in EVERYTHING]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no program {', '.join(unknown)}")
    return chosen


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C, wherever we are: the `with` blocks then stop what runs."""
    raise KeyboardInterrupt


def say(line: str) -> None:
    """For whoever reads; where nothing can be written (a full disk, a closed terminal) the system goes on in silence."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def welcome(system: System, *, seconds: float) -> str:
    lines = ["", f"Candor is ready after {seconds:.1f} s: {system.url}", *system.announcement]
    return "\n".join([*lines, f"Logs: {system.logs}. Stop with Ctrl-C.", ""])


def look_after(system: System) -> NoReturn:
    while True:
        system.supervisor.look_after()
        time.sleep(0.2)
