"""While people write, everything is backed up; restored elsewhere it is whole, and work can begin."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.config import get_settings
from contactcenter.queues.models import Queue
from tests.e2e.conftest import PASSWORD
from tests.e2e.faults import ROOT, Agent, House, Visitor, serve, until
from tests.fire import senders
from tests.fire.house import Home, a_home, move_in
from tests.fire.judge import ONCE, found, lost_or_doubled
from tests.fire.ledger import Ledger

STRUCTURE = {
    what: query for what, query in ONCE.items() if "twice" in what or "gap" in what or "counter" in what
}
"""What is never half: numbers without gaps, a message with its event. Effects may be under way, and are resumed."""

WITHOUT_ITS_EVENT = {
    "a message without its event": (
        "SELECT m.id FROM message m WHERE NOT EXISTS (SELECT FROM event e"
        " WHERE e.name = 'message.added' AND (e.data->>'message_id')::bigint = m.id)"
    ),
    "a case without its chain": (
        "SELECT c.reference FROM complaint_case c WHERE c.events_n <>"
        " (SELECT count(*) FROM complaint_event e WHERE e.case_id = c.id)"
    ),
}
KINDS = ("chat", "ticket", "complaint", "file")


class Uploaders(senders.Sender):
    """Letters with a file each, as a form with a file comes in; in this process, on the system's database and disk."""

    def __init__(self, ledger: Ledger, database: Engine, pace_s: float) -> None:
        super().__init__(pace_s)
        self._ledger, self._database = ledger, database
        with Session(database) as session:
            self._queue_id = session.scalars(select(Queue.id)).first() or 0

    def _send(self, number: int) -> None:
        said_at, content = time.monotonic(), f"page {number} ".encode() * 2000
        sender = Sender("email", f"scan{number}@example.com")
        with Session(self._database) as session, session.begin():
            receive(
                session,
                Inbound("form", self._queue_id, sender, f"Page {number}", files=(File("a.txt", content),)),
            )
        self._ledger.write("file", hashlib.sha256(content).hexdigest(), "", "", said_at)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="candor-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def test_what_was_accepted_before_a_backup_is_in_it_whole(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, ledger = elsewhere / "candor.tar.gz", Ledger(elsewhere / "ledger")
    with a_home() as home:
        monkeypatch.setenv("STATE_DIR", str(home.house.state_dir))
        get_settings.cache_clear()
        people = writers(home, ledger)
        for one in people:
            one.begin()
        until(
            lambda: all(len(ledger.of(kind)) >= 8 for kind in KINDS),
            lambda: f"few were heard: {faults(people)}",
        )
        begun, before = time.monotonic(), {kind: len(ledger.of(kind)) for kind in KINDS}
        home.house.command("backup", str(archive))
        assert all(len(ledger.of(kind)) > before[kind] for kind in KINDS), "nobody wrote meanwhile"
        for one in people:
            one.stop()
        assert all(one.wait(60) for one in people), faults(people)
        assert faults(people) == []
    assert run(elsewhere / "new", "restore", str(archive)) == ""
    with serve(elsewhere / "new") as house:
        compare(house, ledger, begun)
        Agent(house.known.url, "amy@demo.example", PASSWORD)
        until(lambda: effects_are_done(house), "what was under way is not resumed")
    ledger.close()


def writers(home: Home, ledger: Ledger) -> list[senders.Sender]:
    widget, token = move_in(home.database)
    url = home.house.known.url
    visitors = [Visitor(url, widget) for _ in range(3)]
    for visitor in visitors:
        visitor.begin()
    return [
        senders.Chatters(ledger, visitors, 0.1),
        senders.TicketWriters(ledger, lambda: url, token, 0.2),
        senders.Complainers(ledger, lambda: url, token, 0.4),
        Uploaders(ledger, home.database, 0.1),
    ]


def faults(people: list[senders.Sender]) -> list[str]:
    return [one.fault for one in people if one.fault]


def compare(house: House, ledger: Ledger, begun: float) -> None:
    """Nothing accepted before `begun` is missing, nothing that is there is half, and every file that a row names is there."""
    database = create_engine(house.known.migration_url)
    assert list(lost_or_doubled(database, Before(ledger, begun))) == []
    assert found(database, {**STRUCTURE, **WITHOUT_ITS_EVENT}) == {}
    with database.connect() as connection:
        named = set(connection.scalars(text("SELECT sha256 FROM attachment")))
    database.dispose()
    files = {path.name: path for path in (house.state_dir / "files").rglob("*") if path.is_file()}
    assert named <= set(files)
    assert {one.key for one in ledger.of("file") if one.accepted_at <= begun} <= named
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == name for name, path in files.items())
    assert "0 faults" in house.command("complaints", "verify")


class Before(Ledger):
    """Of a ledger what was accepted by then; files are looked at by their own row."""

    def __init__(self, whole: Ledger, until_then: float) -> None:
        self._whole, self._then = whole, until_then

    def of(self, kind: str) -> list[object]:  # type: ignore[override]  # the same entries
        return [one for one in self._whole.of(kind) if one.accepted_at <= self._then]

    def kinds(self) -> Iterator[tuple[str, int]]:
        return ((kind, n) for kind, n in self._whole.kinds() if kind != "file")


def effects_are_done(house: House) -> bool:
    database = create_engine(house.known.migration_url)
    with database.connect() as connection:
        left = connection.scalar(text("SELECT count(*) FROM outbox WHERE done_at IS NULL AND error IS NULL"))
    database.dispose()
    return not left


def run(state_dir: Path, *words: str) -> str:
    """What a command complains of."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *words],
        cwd=ROOT,
        env={**os.environ, "STATE_DIR": str(state_dir), "SECRET_KEY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr
