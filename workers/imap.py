"""Mailboxes read by the clock process: one thread each, IDLE where the server offers it, else a look every minute.

A mail is stored and committed first, then marked seen on the server, then processed. A thread that fails waits longer
and longer and begins again; the failure shows as the mailbox's health with its reason and since when.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from contactcenter.channels.email import imap, intake
from contactcenter.channels.email.mailboxes import part_of
from contactcenter.channels.email.models import Mailbox
from contactcenter.core import health
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.lines import connect_apart
from contactcenter.core.logs import get_logger

log = get_logger(__name__)
LOOK_EVERY_S = 60
IDLE_ROUND_S = 2
RENEW_IDLE_S = 540  # servers hang up after half an hour of silence, some routers after ten minutes
NEW_MAILBOXES_S = 10
BACK_OFF_S = (5, 15, 60, 120, 300)
_LOCK = 7_315_005


def run_mailboxes(stop: threading.Event) -> None:
    """Read every active mailbox until `stop`; mailboxes set up, changed or switched off meanwhile are noticed."""
    threads: dict[int, threading.Thread] = {}
    while not stop.is_set():
        intake.work_on_waiting()
        for mailbox_id in active_mailboxes():
            if mailbox_id not in threads or not threads[mailbox_id].is_alive():
                threads[mailbox_id] = threading.Thread(target=watch_mailbox, args=(mailbox_id, stop))
                threads[mailbox_id].start()
        stop.wait(NEW_MAILBOXES_S)
    for thread in threads.values():
        thread.join(timeout=IDLE_ROUND_S + 5)


def active_mailboxes() -> list[int]:
    with unit_of_work() as session:
        wanted = select(Mailbox.id).where(Mailbox.active, Mailbox.imap_host != "")
        return list(session.scalars(wanted.order_by(Mailbox.id)))


def watch_mailbox(mailbox_id: int, stop: threading.Event) -> None:
    """Stay with one mailbox until `stop`, its removal, or until another clock process is found reading it."""
    failures = 0
    with only_reader(mailbox_id) as is_mine:
        while is_mine() and not stop.is_set():
            mailbox = load(mailbox_id)
            if mailbox is None:
                return
            try:
                stay_connected(mailbox, stop, is_mine)
                failures = 0
            except (IMAPClientError, OSError, OperationalError) as error:
                report(mailbox, error)
                stop.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
                failures += 1
            except Exception as error:  # a mailbox outlives every fault of one turn
                log.exception("mailbox_failed", mailbox_id=mailbox_id)
                report(mailbox, error)
                stop.wait(BACK_OFF_S[-1])


@contextmanager
def only_reader(mailbox_id: int) -> Iterator[Callable[[], bool]]:
    """Whether this process may (still) read the mailbox: one of two clocks does, by a lock that dies with its connection."""
    with connect_apart(get_settings().database_url) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCK, mailbox_id)).fetchone()
        has_lock = row is not None and bool(row[0])

        def is_mine() -> bool:
            try:
                return has_lock and connection.execute("SELECT 1") is not None
            except psycopg.OperationalError:
                return False

        yield is_mine


def load(mailbox_id: int) -> Mailbox | None:
    """Its settings as they are now; None once it is switched off."""
    with unit_of_work() as session:
        mailbox = session.get(Mailbox, mailbox_id)
        return mailbox if mailbox and mailbox.active and mailbox.imap_host else None


def stay_connected(mailbox: Mailbox, stop: threading.Event, is_mine: Callable[[], bool]) -> None:
    """Fetch what is new, wait for more, again and again, until `stop`, a change of the settings, or another reader's turn."""
    with imap.connected(mailbox) as client:
        imap.log_in(client, mailbox)
        can_idle = client.has_capability("IDLE")
        current: Mailbox | None = mailbox
        while current is not None and current.version == mailbox.version and is_mine() and not stop.is_set():
            fetch_new(client, current)
            report(current, None)
            wait_for_mail(client, stop, can_idle=can_idle)
            current = load(mailbox.id)


def fetch_new(client: IMAPClient, mailbox: Mailbox) -> int:
    """Store, mark seen, process: each mail by itself, so that a fault in one leaves the others alone."""
    uidvalidity = imap.select_folder(client, mailbox)
    uids = imap.new_uids(client, mailbox, uidvalidity)
    for uid in uids:
        found = imap.fetch(client, uid)
        raw_id = keep(mailbox, uidvalidity, found) if found else None
        imap.mark_seen(client, uid)
        remember(mailbox.id, uidvalidity, uid)
        if raw_id is not None:
            intake.work_on(raw_id)
    if not uids:
        remember(mailbox.id, uidvalidity, mailbox.last_uid if mailbox.uidvalidity == uidvalidity else 0)
    return len(uids)


def keep(mailbox: Mailbox, uidvalidity: int, found: imap.Fetched) -> int | None:
    return intake.store(
        found.content,
        mailbox_id=mailbox.id,
        uidvalidity=uidvalidity,
        uid=found.uid,
        received_at=found.received_at,
    )


def remember(mailbox_id: int, uidvalidity: int, uid: int) -> None:
    """Everything up to `uid` is stored: the next look begins after it."""
    with unit_of_work() as session:
        mailbox = session.get_one(Mailbox, mailbox_id)
        mailbox.uidvalidity, mailbox.last_uid = uidvalidity, uid


def wait_for_mail(client: IMAPClient, stop: threading.Event, *, can_idle: bool) -> None:
    """Until the server says that something changed, or it is time to look anyway."""
    if not can_idle:
        stop.wait(LOOK_EVERY_S)
        return
    client.idle()
    try:
        for _round in range(RENEW_IDLE_S // IDLE_ROUND_S):
            if stop.is_set() or client.idle_check(timeout=IDLE_ROUND_S):
                return
    finally:
        client.idle_done()


def report(mailbox: Mailbox, error: Exception | None) -> None:
    """Let supervisors see how the mailbox is; while the database is away there is nobody to tell."""
    if error is not None:
        log.warning("mailbox_away", mailbox_id=mailbox.id, reason=type(error).__name__)
    if isinstance(error, OperationalError):
        return
    with unit_of_work() as session:
        current = session.get(Mailbox, mailbox.id)
        if current is None or not current.active or current.version != mailbox.version:
            return  # it was read with settings that are no more
        health.report(session, part_of(current), ok=error is None, reason=reason_of(error))


def reason_of(error: Exception | None) -> str:
    """One sentence for people who set up mailboxes."""
    if error is None:
        return ""
    if isinstance(error, LoginError):
        return "The server refused the user name or the password."
    if isinstance(error, OSError):
        return f"The server cannot be reached ({error.strerror or type(error).__name__})."
    return f"The server broke off ({type(error).__name__})."
