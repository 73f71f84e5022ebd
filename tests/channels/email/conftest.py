"""A mailbox of the brand, mails taken in, and real servers: Dovecot and an SMTP sink."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.orm import Session as Database

from contactcenter.channels.email import intake
from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.mailboxes import create_mailbox
from contactcenter.channels.email.models import Mailbox
from tests.world import World

PASSWORD = "kettle-secret"


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
    controller = Controller(sink, hostname="127.0.0.1", port=_free_port())
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


@dataclass(frozen=True)
class Dovecot:
    """A running IMAP server with one user; `maildir` is his INBOX."""

    port: int
    user: str
    maildir: Path

    def deliver(self, raw: bytes, *, seen: bool = False) -> None:
        """Put a mail into the INBOX as a delivery agent does: written aside, then renamed."""
        name = f"{time.time_ns()}.test"
        (self.maildir / "tmp" / name).write_bytes(raw)
        target = self.maildir / "cur" / f"{name}:2,S" if seen else self.maildir / "new" / name
        (self.maildir / "tmp" / name).rename(target)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Dovecot without privileges, with a configuration of its own, on a free port of 127.0.0.1."""
    program = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        pytest.fail("These tests need Dovecot: apt-get install dovecot-imapd")
    with tempfile.TemporaryDirectory(prefix="dc-", dir="/tmp") as folder:
        home, port = Path(folder), _free_port()
        account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        command = [program, "-F", "-c", str(_configure(home, port, account))]
        server = subprocess.Popen(command, user=account.pw_uid, group=account.pw_gid, extra_groups=[])
        try:
            _wait_for_port(port)
            yield Dovecot(port, "help", home / "mail")
        finally:
            server.terminate()
            server.wait(10)


def _configure(home: Path, port: int, account: pwd.struct_passwd) -> Path:
    """Everything below `home`, everything as `account`: no root, no chroot, no system configuration."""
    group = grp.getgrgid(account.pw_gid).gr_name
    file = home / "dovecot.conf"
    file.write_text(f"""
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {account.pw_name}
default_internal_group = {group}
default_login_user = {account.pw_name}
mail_location = maildir:{home}/mail
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={account.pw_gid} home={home}
}}
""")
    for folder in (home / "mail", home / "mail/cur", home / "mail/new", home / "mail/tmp"):
        folder.mkdir()
    for path in (home, *home.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid)
    return file


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int) -> None:
    for _attempt in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("Dovecot did not start")
