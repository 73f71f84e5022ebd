"""`python -m tests.fire [--minutes 30] [--seed N]`: people write while everything breaks; nothing may be lost or happen twice.

The whole system as `app.py serve` runs it, with real mail servers; visitors, mails, programs and complaints at a given pace; a
ledger outside. Processes are killed and frozen, lines cut, the disk is full for a while. Prints a table; exits 1 on a loss.
"""

import argparse
import contextlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.tokens import create_token_for
from contactcenter.assignment.models import AgentCapacity
from contactcenter.channels.email.mailboxes import edit_mailbox
from contactcenter.channels.email.models import Mailbox
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.compose import compose
from contactcenter.core.config import get_settings
from tests.channels.email import imap_servers
from tests.channels.email.conftest import Sink
from tests.channels.email.imap_servers import ImapServer
from tests.e2e.conftest import OURS, PASSWORD
from tests.e2e.faults import Agent, Cable, Visitor, free_port, serve
from tests.fire.fire import Fire, Scene
from tests.fire.harm import Harm, small_disk
from tests.fire.judge import Watch
from tests.fire.ledger import Ledger
from tests.fire.senders import Chatters, Complainers, Mailers, TicketWriters

VISITORS_N = 4  # as many as two agents take at once
DISK_MB = 1500


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fire", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--disk-s", type=float, default=60, help="how long the disk is full")
    parser.add_argument("--pace", type=float, default=1.0, help="2: twice as many inputs")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}, {options.minutes:g} minutes", flush=True)
    with a_scene(options.pace, random.Random(options.seed)) as scene:
        return Fire(scene, options.minutes * 60, options.disk_s).burn()


@contextlib.contextmanager
def a_scene(pace: float, dice: random.Random) -> Iterator[Scene]:
    """Everything that takes part, begun; stopped and taken away at the end."""
    for name in OURS:
        os.environ.pop(name, None)
    with contextlib.ExitStack() as stack:
        outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ledger-", dir="/tmp")))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="candor-fire-", dir="/tmp")))
        folder.chmod(0o711)
        disk = stack.enter_context(small_disk(folder, DISK_MB))
        house = stack.enter_context(serve(folder))
        os.environ["SECRET_KEY"] = (folder / "secret_key").read_text()
        get_settings.cache_clear()
        compose()
        sink, server = stack.enter_context(_sink()), stack.enter_context(_imap())
        database = create_engine(house.known.migration_url, pool_pre_ping=True)
        stack.callback(database.dispose)
        widget, token = _move_in(database, sink, server)
        there = urlsplit(house.known.url)
        assert there.hostname
        assert there.port
        cable = stack.enter_context(contextlib.closing(Cable(there.hostname, there.port)))
        ledger = stack.enter_context(contextlib.closing(Ledger(outside / "ledger.jsonl")))
        visitors = [Visitor(cable.url, widget) for _ in range(VISITORS_N)]
        agents = [Agent(cable.url, f"{login}@harbour.example", PASSWORD) for login in ("amy", "chen")]
        people: list[Agent | Visitor] = [*agents, *visitors]
        for person in people:
            stack.callback(person.leave)
            person.begin()
        watch = Watch(database)
        watch.begin()
        stack.callback(watch.stop)
        senders = (
            Chatters(ledger, visitors, 0.5 / pace),
            Mailers(ledger, server, 6 / pace),
            TicketWriters(ledger, lambda: house.known.url, token, 3 / pace),
            Complainers(ledger, lambda: house.known.url, token, 20 / pace),
        )
        harm = Harm(house, cable, disk, dice)
        yield Scene(house, database, ledger, senders, agents, sink, watch, harm, dice)


@contextlib.contextmanager
def _sink() -> Iterator[Sink]:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    sink.port = controller.port
    yield sink
    controller.stop()


def _imap() -> contextlib.AbstractContextManager[ImapServer]:
    servers = imap_servers.installed()
    return servers.get("dovecot", servers["pymap"])()


def _move_in(database: Engine, sink: Sink, server: ImapServer) -> tuple[str, str]:
    """People, queues, a mailbox on real servers, a widget and a program; the widget's key and the program's token."""
    with Session(database) as session:
        widget = build_organisation(session, {person.login: PASSWORD for person in PEOPLE})
        mailbox = session.scalars(select(Mailbox)).one()
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_security": "plain"}
        imap = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_security": "plain"}
        account = {"imap_user": imap_servers.USER, "imap_secret": imap_servers.PASSWORD}
        edit_mailbox(session, mailbox, mailbox.version, {**smtp, **imap, **account}, actor="system")
        people = session.scalars(select(User)).all()
        for one in people:
            session.merge(AgentCapacity(user_id=one.id, channel="email", cap=10_000))
        amy = next(one for one in people if one.email.startswith("amy@"))
        token = create_token_for(session, amy, name="fire", actor="system")
        session.commit()
        return widget.key, token


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
