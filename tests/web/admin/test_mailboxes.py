"""Administrators set up a mailbox and are told what does not work."""

import socket
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.channels.email.models import Mailbox
from contactcenter.core.events import EventRow
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]

MAILBOX = {
    "address": "Help@Harbour.example",
    "from_name": "Harbour Electric",
    "active": "1",
    "auth": "password",
    "imap_host": "127.0.0.1",
    "imap_port": "993",
    "imap_security": "tls",
    "imap_user": "help",
    "imap_secret": "open sesame",
    "imap_folder": "INBOX",
    "smtp_host": "",
    "smtp_port": "587",
    "smtp_security": "starttls",
    "version": "0",
}


@pytest.fixture
def mailbox(browse: Browse, world: World, db_session: Session) -> Mailbox:
    answer = browse(world.admin).post("/admin/mailboxes/", {**MAILBOX, "queue_id": world.support.id})
    assert answer.status_code == 303
    return db_session.scalars(select(Mailbox)).one()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine at which nothing answers, held so that nobody else takes it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_a_mailbox_is_kept_with_its_password_sealed(
    browse: Browse, world: World, db_session: Session, mailbox: Mailbox
) -> None:
    assert (mailbox.address, mailbox.brand_id) == ("help@harbour.example", world.brand.id)
    assert "open sesame" not in mailbox.imap_secret
    assert "open sesame" not in browse(world.admin).get(f"/admin/mailboxes/{mailbox.id}").text
    rows = db_session.scalars(select(EventRow).where(EventRow.name.like("mailbox.%"))).all()
    assert rows
    assert "open sesame" not in str([row.data for row in rows])


def test_an_empty_password_keeps_the_old_one(
    browse: Browse, world: World, db_session: Session, mailbox: Mailbox
) -> None:
    before = mailbox.imap_secret
    changed = {**MAILBOX, "queue_id": world.support.id, "imap_secret": "", "version": mailbox.version}
    browser = browse(world.admin)
    assert browser.post(f"/admin/mailboxes/{mailbox.id}", {**changed, "from_name": "HE"}).status_code == 303
    db_session.expire_all()
    assert (mailbox.imap_secret, mailbox.from_name) == (before, "HE")
    assert browser.post(f"/admin/mailboxes/{mailbox.id}", changed).status_code == 409


def test_the_test_says_what_fails(
    browse: Browse, world: World, db_session: Session, mailbox: Mailbox, closed_port: int
) -> None:
    mailbox.imap_port = closed_port
    db_session.commit()
    page = browse(world.admin).post(f"/admin/mailboxes/{mailbox.id}/test").text
    assert f"Nothing answers at 127.0.0.1 on port {closed_port}." in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "nobody"),
        ("address", ""),
        ("imap_port", "70000"),
        ("imap_port", "x"),
        ("imap_security", "rot13"),
        ("auth", "none"),
        ("imap_secret", "x" * 4001),
        ("queue_id", ""),
    ],
)
def test_a_wrong_mailbox_is_refused_without_echoing_its_password(
    browse: Browse, world: World, field: str, value: str
) -> None:
    data = {**MAILBOX, "queue_id": world.support.id, field: value}
    answer = browse(world.admin).post("/admin/mailboxes/", data)
    assert answer.status_code == 422
    assert "form__summary" in answer.text
    assert "open sesame" not in answer.text
