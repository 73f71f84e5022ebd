"""One system per state directory: a lock that the kernel frees when its holder dies, however it dies."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

from contactcenter.embedded.errors import StateDirBusyError

LOCK = "lock"
VISITORS = "visitors.lock"


@contextlib.contextmanager
def hold(state_dir: Path) -> Iterator[None]:
    """Own `state_dir`, or raise StateDirBusyError at once."""
    with (state_dir / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateDirBusyError(f"Another Candor already works on {state_dir}.") from None
        yield


@contextlib.contextmanager
def visit(state_dir: Path) -> Iterator[None]:
    """Tell the owner of `state_dir` that we use its engines."""
    with (state_dir / VISITORS).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def closed_to_visitors(state_dir: Path, *, at_most_s: float) -> Iterator[None]:
    """Let commands that use our engines finish, then keep new ones out while we stop."""
    deadline = time.monotonic() + at_most_s
    with (state_dir / VISITORS).open("a+") as file:
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.05)
        yield


def is_held(state_dir: Path) -> bool:
    """Whether somebody owns `state_dir` at this moment."""
    with (state_dir / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
