"""A world of the program's own: its network, its processes, its mounts. The kernel takes it away with all that is in it.

However the program ends, by kill -9 too, no process, no address, no folder stays behind.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

INSIDE = "CANDOR_TEST_ALONE"
HOME = Path("/srv")
"""A folder that every system has; inside, an empty disk in memory lies over it."""
NEEDED = ("unshare", "nsenter", "ip", "nginx", "redis-server")
POSTGRES = Path("/usr/lib/postgresql/15/bin")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def missing() -> str:
    """Why this machine cannot show it, in words; empty if it can."""
    if os.getuid() != 0:
        return "only root may make networks"
    gone = [name for name in NEEDED if shutil.which(name, path=PATH) is None]
    gone += [] if (POSTGRES / "postgres").exists() else ["postgresql-15"]
    if gone:
        return f"not installed: {', '.join(gone)}"
    tried = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "true"], check=False)
    return "this kernel makes no namespaces" if tried.returncode else ""


def is_alone() -> bool:
    return INSIDE in os.environ


def enter(module: str, arguments: Sequence[str]) -> NoReturn:
    """Become `python -m module` in a world of its own: whoever kills this process kills all of it."""
    apart = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*apart, sys.executable, "-m", module, *arguments]
    path = f"{PATH}:{os.environ.get('PATH', '')}"
    os.execvpe(command[0], command, {**os.environ, INSIDE: "1", "PATH": path})  # noqa: S606  no shell is wanted


def settle() -> Path:
    """Inside: the empty disk, and the loopback up. The first process of a world hears no signal that it does not ask for."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(128 + signal.SIGTERM))
    for folder in (Path("/run/netns"), HOME):
        folder.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(folder)], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return HOME
