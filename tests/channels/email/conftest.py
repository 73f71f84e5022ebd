"""A mailbox of the brand, mails taken in, and real servers: IMAP and an SMTP sink."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.orm import Session as Database

from contactcenter.channels.email import intake
from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.mailboxes import create_mailbox
from contactcenter.channels.email.models import Mailbox
from tests.channels.email import imap_servers
from tests.channels.email.imap_servers import ImapServer, free_port
from tests.world import World


def make_mailbox(session: Database, world: World) -> Mailbox:
    """help@harbour.example, for Alice's queue; no servers yet."""
    created = create_mailbox(session, world.support, actor="system", address="help@harbour.example")
    session.commit()
    return created


@pytest.fixture
def mailbox(db_session: Database, world: World) -> Mailbox:
    """The brand's mailbox, gone again after the test."""
    return make_mailbox(db_session, world)


@pytest.fixture
def take_in(mailbox: Mailbox) -> Callable[[bytes], Outcome]:
    """Store and process one mail as if it was fetched from the mailbox."""

    def take(raw: bytes) -> Outcome:
        raw_id = intake.store(raw, mailbox_id=mailbox.id)
        assert raw_id is not None
        return intake.work_on(raw_id)

    return take


@dataclass
class Sink:
    """What an SMTP server got; `answers` are refusals it gives first, one per mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = BytesParser(policy=default).parsebytes(content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[Sink]:
    """A real SMTP server on a free port of 127.0.0.1."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    sink.port = controller.port
    yield sink
    controller.stop()


@pytest.fixture
def sink(smtp_server: Sink) -> Sink:
    """The SMTP server, empty and willing."""
    for kept in (smtp_server.mails, smtp_server.recipients, smtp_server.answers):
        kept.clear()
    return smtp_server


@pytest.fixture
def sending(db_session: Database, mailbox: Mailbox, sink: Sink) -> Mailbox:
    """The mailbox, able to send through the sink."""
    mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security = "127.0.0.1", sink.port, "plain"
    db_session.commit()
    return mailbox


@pytest.fixture(scope="session", params=sorted(imap_servers.installed()))
def imap_server(request: pytest.FixtureRequest) -> Iterator[ImapServer]:
    """Every IMAP server that this machine has, one after the other."""
    with imap_servers.installed()[request.param]() as server:
        yield server
