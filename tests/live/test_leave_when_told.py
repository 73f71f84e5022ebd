"""A web process that is told to stop goes soon, however many sockets it holds, and their clients come back elsewhere."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from sqlalchemy import Engine

from contactcenter.edge.visitors import issue_token
from tests.e2e.faults import ROOT, free_port
from tests.live.served import Client, until

SOON_S = 12.0
"""gunicorn would give an open request 30 s."""


def test_sockets_do_not_keep_a_process_that_is_told_to_stop(clean_database: Engine) -> None:
    port = free_port()
    with gunicorn(port) as first:
        client = Client(f"http://127.0.0.1:{port}", "/chat", auth={"token": issue_token(1, 1)})
        first.send_signal(signal.SIGTERM)
        first.wait(SOON_S)
        until(lambda: not client.connected)
        with gunicorn(port):
            until(lambda: client.connected)
            client.close()


@contextmanager
def gunicorn(port: int) -> Iterator["subprocess.Popen[bytes]"]:
    words = ["--worker-class", "gevent", "--no-control-socket", "--log-level", "warning"]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        *words,
        "--bind",
        f"127.0.0.1:{port}",
        "contactcenter.wsgi:app",
    ]
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ)) as process:
        try:
            until(lambda: _answers(port), within_s=60)
            yield process
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    except requests.RequestException:
        return False
