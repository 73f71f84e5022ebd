"""The mailbox reader against real IMAP servers."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from imapclient import SEEN
from imapclient.exceptions import LoginError
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from contactcenter.channels.email import imap
from contactcenter.channels.email.check import check_mailbox
from contactcenter.channels.email.mailboxes import edit_mailbox
from contactcenter.channels.email.models import Mailbox, RawMessage
from contactcenter.conversations.models import Message
from contactcenter.core.health import health_of
from tests.channels.email import mails
from tests.channels.email.conftest import Sink, make_mailbox
from tests.channels.email.imap_servers import PASSWORD, USER, ImapServer
from tests.world import build_world
from workers import imap as imap_worker
from workers.imap import fetch_new, load, run_mailboxes


@pytest.fixture
def reading(clean_database: Engine, imap_server: ImapServer) -> Iterator[Mailbox]:
    """A really committed mailbox (its reader has connections of its own), and an empty INBOX."""
    with Session(clean_database, expire_on_commit=False) as session:
        mailbox = make_mailbox(session, build_world(session))
        values = {"imap_host": "127.0.0.1", "imap_port": imap_server.port, "imap_security": "plain"}
        edit_mailbox(
            session, mailbox, 1, {**values, "imap_user": USER, "imap_secret": PASSWORD}, actor="system"
        )
        session.commit()
    yield mailbox
    with imap_server.client() as client:
        client.delete_messages(client.search())
        client.expunge()


def _bodies(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(Message.body).order_by(Message.id)))


def look_once(mailbox_id: int) -> int:
    """Connect as the reader does, fetch what is new and go; how many mails came."""
    mailbox = load(mailbox_id)
    assert mailbox is not None
    with imap.connected(mailbox) as client:
        imap.log_in(client, mailbox)
        return fetch_new(client, mailbox)


def test_mail_read_elsewhere_arrives_too_and_is_marked_seen(
    reading: Mailbox, imap_server: ImapServer, clean_database: Engine
) -> None:
    imap_server.deliver(mails.plain("unread", message_id="<u@x>"))
    imap_server.deliver(mails.plain("read on the phone", message_id="<r@x>"), seen=True)
    assert look_once(reading.id) == 2
    assert sorted(_bodies(clean_database)) == ["read on the phone", "unread"]
    with imap_server.client() as client:
        assert all(SEEN in flags for flags in client.get_flags(client.search()).values())


def test_the_next_look_fetches_only_what_is_new(
    reading: Mailbox, imap_server: ImapServer, clean_database: Engine
) -> None:
    imap_server.deliver(mails.plain("one", message_id=None))
    assert look_once(reading.id) == 1
    assert look_once(reading.id) == 0
    imap_server.deliver(mails.plain("one", message_id=None))
    assert look_once(reading.id) == 1
    assert _bodies(clean_database) == ["one", "one"]


def test_a_renumbered_folder_brings_nothing_twice(
    reading: Mailbox, imap_server: ImapServer, clean_database: Engine
) -> None:
    imap_server.deliver(mails.plain("one", message_id=None))
    look_once(reading.id)
    with Session(clean_database) as session:
        session.get_one(Mailbox, reading.id).uidvalidity = 1
        session.scalars(select(RawMessage)).one().uidvalidity = 1
        session.commit()
    imap_server.deliver(mails.plain("two", message_id=None))
    assert look_once(reading.id) == 2
    assert _bodies(clean_database) == ["one", "two"]


def test_the_reader_hears_of_mail_at_once_and_stops_when_asked(
    reading: Mailbox, imap_server: ImapServer, clean_database: Engine
) -> None:
    stop = threading.Event()
    reader = threading.Thread(target=run_mailboxes, args=(stop,))
    reader.start()
    try:
        _wait_until(lambda: _is_well(clean_database, reading))
        imap_server.deliver(mails.plain("ring ring", message_id="<i@x>"))
        _wait_until(lambda: _bodies(clean_database) == ["ring ring"])
    finally:
        stop.set()
        reader.join(20)
    assert not reader.is_alive()


def test_who_lost_the_right_to_read_takes_it_again_before_he_reads_on(
    reading: Mailbox, imap_server: ImapServer, clean_database: Engine, owner: Engine
) -> None:
    stop = threading.Event()
    reader = threading.Thread(target=run_mailboxes, args=(stop,))
    reader.start()
    _wait_until(lambda: len(_lock_holders(owner)) == 1)
    _wait_until(lambda: _is_well(clean_database, reading))
    with owner.begin() as connection:  # as when its line breaks, or PostgreSQL starts again
        connection.execute(select(func.pg_terminate_backend(*_lock_holders(owner))))
    _wait_until(lambda: not _lock_holders(owner))
    imap_server.deliver(mails.plain("one", message_id="<one@x>"))
    _wait_until(lambda: _bodies(clean_database) == ["one"])
    _wait_until(lambda: len(_lock_holders(owner)) == 1, within_s=30)
    stop.set()
    reader.join(timeout=30)


def _lock_holders(owner: Engine) -> list[int]:
    """The database's processes that hold a mailbox."""
    with owner.connect() as connection:
        query = text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind")
        return list(connection.scalars(query, {"kind": imap_worker._LOCK}))


def test_a_failing_mailbox_says_why(reading: Mailbox, clean_database: Engine) -> None:
    with Session(clean_database) as session:
        mailbox = session.get_one(Mailbox, reading.id)
        edit_mailbox(session, mailbox, mailbox.version, {"imap_secret": "wrong"}, actor="system")
        session.commit()
    with pytest.raises(LoginError):
        look_once(reading.id)
    stop = threading.Event()
    reader = threading.Thread(target=run_mailboxes, args=(stop,))
    reader.start()
    try:
        _wait_until(
            lambda: _reason(clean_database, reading) == "The server refused the user name or the password."
        )
    finally:
        stop.set()
        reader.join(20)


def test_the_connection_test_names_the_first_thing_that_fails(
    reading: Mailbox, imap_server: ImapServer, sink: Sink
) -> None:
    def findings(**values: object) -> list[tuple[str, bool, str]]:
        for name, value in values.items():
            setattr(reading, name, value)
        return [(one.side, one.ok, one.message) for one in check_mailbox(reading)]

    assert findings() == [("imap", True, "Mail can be fetched.")]
    assert findings(smtp_host="127.0.0.1", smtp_port=sink.port, smtp_security="plain")[1:] == [
        ("smtp", True, "Mail can be sent.")
    ]
    assert "certificate" in findings(imap_security="tls")[0][2] or "TLS" in findings()[0][2]
    assert (
        findings(imap_security="plain", imap_folder="Nowhere")[0][2] == "There is no folder called Nowhere."
    )
    assert findings(imap_port=1)[0][2] == "Nothing answers at 127.0.0.1 on port 1."
    assert (
        findings(imap_host="no-such-host.invalid")[0][2] == "There is no server called no-such-host.invalid."
    )


def _is_well(engine: Engine, mailbox: Mailbox) -> bool:
    with Session(engine) as session:
        health = health_of(session, f"mailbox {mailbox.address}")
        return health is not None and health.ok


def _reason(engine: Engine, mailbox: Mailbox) -> str:
    with Session(engine) as session:
        health = health_of(session, f"mailbox {mailbox.address}")
        return health.reason if health else ""


def _wait_until(met: Callable[[], bool], within_s: float = 15) -> None:
    deadline = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
