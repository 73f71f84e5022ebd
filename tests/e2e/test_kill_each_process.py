"""Every process is killed while people work: nothing is lost, nothing happens twice."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from contactcenter.cli.demo import build_organisation
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.complaints.service import open_case
from contactcenter.compose import compose
from contactcenter.conversations.models import Message
from contactcenter.core.outbox import RESEND_AFTER
from contactcenter.tickets.models import Ticket
from tests.e2e.faults import ROOT, Agent, House, Visitor, serve, until

PASSWORD = "every-evening-the-tide"
VICTIMS = ("worker-nlp", "worker-default", "valkey", "postgres", "router", "clock", "web")
VISITORS_N = 3
MAILS_N = 2
PACE_S = 0.2  # five messages a second
AFTER_EACH_N = 5  # so many new messages must get through before the next process dies
GRACE_S = RESEND_AFTER.total_seconds() + 60

ONCE = {
    "a message twice": "SELECT client_id FROM message WHERE client_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "a gap in seq": (
        "SELECT conversation_id FROM message WHERE seq IS NOT NULL"
        " GROUP BY 1 HAVING count(*) <> max(seq) OR min(seq) <> 1"
    ),
    "a gap in rev": "SELECT ticket_id FROM message GROUP BY 1 HAVING count(*) <> max(rev) OR min(rev) <> 1",
    "a counter that disagrees": (
        "SELECT c.id FROM conversation c WHERE c.last_seq <>"
        " (SELECT count(*) FROM message m WHERE m.conversation_id = c.id AND m.seq IS NOT NULL)"
    ),
    "a conversation twice": "SELECT ticket_id FROM conversation GROUP BY 1 HAVING count(*) > 1",
    "an event twice": (
        "SELECT data->>'message_id' FROM event WHERE name = 'message.added' GROUP BY 1 HAVING count(*) > 1"
    ),
    "a message not analysed exactly once": (
        "SELECT m.id FROM message m LEFT JOIN event e"
        " ON e.name = 'message.analysed' AND (e.data->>'message_id')::bigint = m.id"
        " WHERE m.author = 'customer' GROUP BY 1 HAVING count(e.id) <> 1"
    ),
    "an effect that is not done": "SELECT task FROM outbox WHERE done_at IS NULL",
    "an effect that failed": "SELECT task, error FROM outbox WHERE error IS NOT NULL",
    "a timer that is late": (
        "SELECT kind FROM timer WHERE done_at IS NULL AND due_at < now() - interval '30 seconds'"
    ),
    "two live offers": (
        "SELECT conversation_id FROM offer WHERE state IN ('offered', 'accepted') GROUP BY 1 HAVING count(*) > 1"
    ),
    "an offer that disagrees with its conversation": (
        "SELECT c.id FROM conversation c LEFT JOIN offer o"
        " ON o.conversation_id = c.id AND o.state IN ('offered', 'accepted')"
        " WHERE (c.state = 'active') <> coalesce(o.state = 'accepted' AND o.user_id = c.agent_id, false)"
    ),
    "a command that the router has not read": "SELECT command FROM router_inbox WHERE done_at IS NULL",
    "two letters for one": (
        "SELECT case_id, kind FROM complaint_letter GROUP BY 1, 2 HAVING count(*) > 1"
    ),
}
"""What must find nothing, by what it would have found."""


@pytest.fixture
def house() -> Iterator[House]:
    """A system of its own, for it is not a pleasant neighbour."""
    folder = Path(tempfile.mkdtemp(prefix="candor-kill-", dir="/tmp"))
    folder.chmod(0o711)
    patch = pytest.MonkeyPatch()
    for name in ("DATABASE_URL", "MIGRATION_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"):
        patch.delenv(name, raising=False)
    with serve(folder) as served:
        yield served
    patch.undo()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(house: House) -> Iterator[Engine]:
    compose()
    engine = create_engine(house.known.migration_url, pool_pre_ping=True)
    yield engine
    engine.dispose()


def test_every_process_dies_once(house: House, database: Engine, tmp_path: Path) -> None:
    kill_each(house, database, tmp_path, VICTIMS)


@pytest.mark.soak
def test_every_process_dies_three_times_in_any_order(house: House, database: Engine, tmp_path: Path) -> None:
    kill_each(house, database, tmp_path, (*VICTIMS, *reversed(VICTIMS), *VICTIMS[3:], *VICTIMS[:3]))


def kill_each(house: House, database: Engine, folder: Path, victims: tuple[str, ...]) -> None:
    url = house.known.url
    with Session(database) as session:
        widget = build_organisation(session, {person.login: PASSWORD for person in PEOPLE}).key
        session.commit()
    agents = [Agent(url, f"{login}@harbour.example", PASSWORD) for login in ("amy", "chen")]
    visitors = [Visitor(url, widget) for _ in range(VISITORS_N)]
    post = Post(house, folder)
    for person in (*agents, *visitors):
        person.begin() if isinstance(person, Agent) else person.connect()
    chatter = Chatter(visitors)
    chatter.go_on_until(lambda: chatter.acknowledged_n >= AFTER_EACH_N)
    complain(database)
    post.start()
    for name in victims:
        house.kill(name)
        before = chatter.acknowledged_n
        chatter.go_on_until(lambda before=before: chatter.acknowledged_n >= before + AFTER_EACH_N)
    post.join()
    chatter.go_on_until(lambda: all(visitor.settled for visitor in visitors), silent=True)
    until(lambda: not found(database), "something is left", within_s=GRACE_S)
    compare(database, visitors, agents)
    for person in (*agents, *visitors):
        person.leave()
    assert verdict(house) == "1 complaints, 0 faults"


class Chatter:
    """The visitors in turn, five messages a second."""

    def __init__(self, visitors: list[Visitor]) -> None:
        self._visitors = visitors
        self._said_n = 0

    @property
    def acknowledged_n(self) -> int:
        return sum(len(visitor.bodies) - visitor.waiting_n for visitor in self._visitors)

    def go_on_until(self, enough, *, silent: bool = False) -> None:
        deadline = time.monotonic() + 90
        while not enough():
            assert time.monotonic() < deadline, "the visitors' messages do not get through any more"
            if not silent:
                self._said_n += 1
                visitor = self._visitors[self._said_n % len(self._visitors)]
                visitor.say(f"My bill number {self._said_n} is wrong, and nobody answers!")
            for visitor in self._visitors:
                visitor.send_waiting()
            time.sleep(PACE_S)
