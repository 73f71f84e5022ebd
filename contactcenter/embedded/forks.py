"""`python -m contactcenter.embedded.forks LINE MODULE…`: import the modules, then fork a process for each request on LINE.

A request is what follows `app.py` on a command line, with the signal that stops it and its open log; the answer is a process id,
and later how it ended. Whatever is imported here is imported once for all; nothing here may open a connection or start a thread.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from contactcenter.embedded.child import die_with_parent

APP = "app.py"
MESSAGE_MAX_BYTES = 64 * 1024
PR_SET_NAME = 15


def main(arguments: Sequence[str]) -> None:
    line = socket.socket(fileno=int(arguments[0]))
    for name in arguments[1:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # the collector writes into what it looks at, and what is written to is shared no longer
    signal.signal(signal.SIGCHLD, lambda *_: tell_ends(line))
    while True:
        message, logs, *_ = socket.recv_fds(line, MESSAGE_MAX_BYTES, 1)
        if not message:
            return
        asked, (log,) = json.loads(message), logs
        protect = die_with_parent(signal.Signals(asked["signal"]))
        pid = os.fork()
        if pid == 0:
            line.close()
            become(asked, log)
            if protect is not None:
                protect()
            runpy.run_path(APP, run_name="__main__")
            return
        os.close(log)
        line.send(json.dumps({"forked": pid}).encode())


def tell_ends(line: socket.socket) -> None:
    """How those ended that have; called when one does."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        line.send(json.dumps({"ended": pid, "status": os.waitstatus_to_exitcode(status)}).encode())


def become(asked: dict[str, Any], log: int) -> None:  # Any: JSON
    """Like a process that was started by that command line: a session, a log, words and a name of its own."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for number in (1, 2):
        os.dup2(log, number)
    os.close(log)
    sys.argv = [APP, *asked["words"]]
    ctypes.CDLL(None).prctl(PR_SET_NAME, f"candor-{asked['name']}".encode()[:15], 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
