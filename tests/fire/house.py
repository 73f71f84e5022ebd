"""A whole system of one's own, and the people who move in: what every program here begins with."""

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.service import create_user
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
from tests.e2e.faults import House, free_port, serve
from tests.fire.clock import Clock, movable_clock
from tests.fire.disk import small_disk

MANY = 10_000
TELEPHONIST = "tess@harbour.example"


@dataclass(frozen=True, slots=True)
class Home:
    """A running system, its database as its owner sees it, the disk it lies on (None: the machine's own), its clock."""

    house: House
    database: Engine
    disk: Path | None
    clock: Clock | None


@contextmanager
def a_home(disk_mb: int = 0, *, movable: bool = False) -> Iterator[Home]:
    """Everything as `app.py serve` runs it, nothing in it.

    On a small disk of its own if `disk_mb` and it may be mounted; `movable`: with a clock that can be set wrong.
    """
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in OURS:
            patch.delenv(name, raising=False)
        stack.callback(get_settings.cache_clear)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="candor-fire-", dir="/tmp")))
        folder.chmod(0o711)
        disk = stack.enter_context(small_disk(folder, disk_mb)) if disk_mb else None
        clock = _clock(stack) if movable else None
        house = stack.enter_context(serve(folder, **(clock.environment if clock else {})))
        patch.setenv("SECRET_KEY", (folder / "secret_key").read_text())
        get_settings.cache_clear()
        compose()
        database = create_engine(house.known.migration_url, pool_pre_ping=True)
        stack.callback(database.dispose)
        yield Home(house, database, disk, clock)


def _clock(stack: contextlib.ExitStack) -> Clock | None:
    """Beside the disk: what we hold open of it could not be taken away."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="candor-clock-", dir="/tmp")))
    folder.chmod(0o711)
    return movable_clock(folder)


def move_in(database: Engine, *, chats: int = 0) -> tuple[str, str]:
    """People, queues, a mailbox, a widget and a program; the widget's key and the program's token.

    `chats`: how many each agent takes at once (0: as many as in the demo).
    """
    with Session(database) as session:
        widget = build_organisation(session, {person.login: PASSWORD for person in PEOPLE})
        amy = session.scalars(select(User).where(User.email.startswith("amy@"))).one()
        people = session.scalars(select(User)).all()
        for one in people:
            session.merge(AgentCapacity(user_id=one.id, channel="email", cap=MANY))
            if chats:
                session.merge(AgentCapacity(user_id=one.id, channel="chat", cap=chats))
        _hire_telephonist(session, amy)
        token = create_token_for(session, amy, name="fire", actor="system")
        session.commit()
        return widget.key, token


def _hire_telephonist(session: Session, amy: User) -> None:
    """The others always have a chat, and nobody with a chat is rung up."""
    tess = create_user(
        session,
        email=TELEPHONIST,
        name="Tess Abara",
        password=PASSWORD,
        roles=["agent"],
        team_id=amy.team_id,
        language="en",
        actor="system",
    )
    for channel, cap in (("voice", 1), ("chat", 0), ("email", 0)):
        session.add(AgentCapacity(user_id=tess.id, channel=channel, cap=cap))


def connect_mailbox(database: Engine, sink: Sink, server: ImapServer) -> None:
    """The brand's mailbox is read from `server` and sends through `sink`, both on one host."""
    with Session(database) as session:
        mailbox = session.scalars(select(Mailbox)).one()
        smtp = {"smtp_host": server.host, "smtp_port": sink.port, "smtp_security": "plain"}
        imap = {"imap_host": server.host, "imap_port": server.port, "imap_security": "plain"}
        account = {"imap_user": imap_servers.USER, "imap_secret": imap_servers.PASSWORD}
        edit_mailbox(session, mailbox, mailbox.version, {**smtp, **imap, **account}, actor="system")
        session.commit()


@contextmanager
def a_sink(host: str = "127.0.0.1") -> Iterator[Sink]:
    """An SMTP server that keeps what it gets."""
    sink = Sink()
    controller = Controller(sink, hostname=host, port=free_port())
    controller.start()
    sink.port = controller.port
    yield sink
    controller.stop()


def an_imap_server(host: str = "127.0.0.1") -> contextlib.AbstractContextManager[ImapServer]:
    """Dovecot where it is installed, else the one from PyPI."""
    servers = imap_servers.installed()
    return servers.get("dovecot", servers["pymap"])(host)
