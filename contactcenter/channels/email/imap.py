"""Fetch from the mailbox's IMAP server: by UID from where we stopped, whoever has read it elsewhere."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from imapclient import SEEN, IMAPClient

from contactcenter.channels.email.mailboxes import secret_of
from contactcenter.channels.email.models import Mailbox

TIMEOUT_S = 30
_FIRST_LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail on the server, unmarked."""

    uid: int
    content: bytes
    received_at: datetime


@contextmanager
def connected(mailbox: Mailbox) -> Iterator[IMAPClient]:
    """A connection, encrypted as the mailbox says, not yet signed in."""
    context = ssl.create_default_context()
    implicit = mailbox.imap_security == "tls"
    options = {"ssl": implicit, "ssl_context": context if implicit else None, "timeout": TIMEOUT_S}
    with IMAPClient(mailbox.imap_host, mailbox.imap_port, use_uid=True, **options) as client:
        if mailbox.imap_security == "starttls":
            client.starttls(context)
        yield client


def log_in(client: IMAPClient, mailbox: Mailbox) -> None:
    """Sign in by password or access token."""
    secret = secret_of(mailbox.imap_secret)
    if mailbox.auth == "xoauth2":
        client.oauth2_login(mailbox.imap_user, secret)
    else:
        client.login(mailbox.imap_user, secret)


def select_folder(client: IMAPClient, mailbox: Mailbox) -> int:
    """Open the folder; returns its UIDVALIDITY."""
    return int(client.select_folder(mailbox.imap_folder or "INBOX")[b"UIDVALIDITY"])


def new_uids(client: IMAPClient, mailbox: Mailbox, uidvalidity: int) -> list[int]:
    """UIDs not fetched yet, in order. A mailbox never read before starts a day before it was set up, not at its birth."""
    if mailbox.uidvalidity is None:
        since = (mailbox.created_at - _FIRST_LOOK_BACK).date()
        return sorted(client.search(["SINCE", since]))
    after = mailbox.last_uid if mailbox.uidvalidity == uidvalidity else 0
    found = client.search(["UID", f"{after + 1}:*"])
    return sorted(uid for uid in found if uid > after)  # `n:*` names the last mail even if it is older


def fetch(client: IMAPClient, uid: int) -> Fetched | None:
    """The mail, left unread on the server; None if it is gone."""
    answer = client.fetch([uid], ["BODY.PEEK[]", "INTERNALDATE"]).get(uid)
    if answer is None:
        return None
    at = answer[b"INTERNALDATE"]
    return Fetched(
        uid, answer[b"BODY[]"], at.astimezone(UTC) if at.tzinfo else at.astimezone().astimezone(UTC)
    )


def mark_seen(client: IMAPClient, uid: int) -> None:
    """Say that it is in our hands; only after it is stored."""
    client.add_flags([uid], [SEEN], silent=True)
