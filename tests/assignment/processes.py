"""Router processes of the tests, and what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from contactcenter.assignment.models import RouterLease
from contactcenter.conversations.service import open_conversation
from contactcenter.core.db import unit_of_work
from contactcenter.customers.models import Customer
from contactcenter.queues.models import Queue
from contactcenter.tickets.service import open_ticket
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN_S = 60
"""Generous: what a process needs to import itself on a busy machine is not what is tested here."""


@contextmanager
def router_process() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "app.py", "router"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_line(process: "subprocess.Popen[str]", words: str) -> None:
    """Read what the process logs until it says so."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if words in line:
            return
    raise AssertionError("".join(said))


def chat_arrives(house: World) -> int:
    with unit_of_work() as session:
        customer = session.get_one(Customer, house.wang_li.id)
        queue = session.get_one(Queue, house.support.id)
        ticket = open_ticket(session, customer, queue, "Where is it?", actor="system")
        return open_conversation(session, ticket, "chat", actor="system").id


def has_leader() -> bool:
    with unit_of_work() as session:
        return session.scalar(select(RouterLease.holder).where(RouterLease.until > func.now())) is not None


def wait_until(condition: Callable[[], bool], seconds: float) -> float:
    """How long it took until `condition` held."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"it did not happen within {seconds} s"
        time.sleep(0.01)
    return time.monotonic() - started
