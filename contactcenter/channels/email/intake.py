"""The door for mail, used by the mailbox reader and the command: stored first, in a transaction of its own.

An edge, so it opens the units of work. Whatever happens after the storing, the mail becomes visible: what cannot be
processed becomes a ticket with the mail as a file.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from contactcenter.channels.email import ingest
from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.models import RawMessage, RawState
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger

log = get_logger(__name__)


def store(
    content: bytes,
    *,
    mailbox_id: int | None = None,
    uidvalidity: int | None = None,
    uid: int | None = None,
    received_at: datetime | None = None,
) -> int | None:
    """Keep the bytes durably; returns their number, or None if this UID of the mailbox is kept already."""
    with unit_of_work() as session:
        return ingest.store_raw(
            session, content, mailbox_id=mailbox_id, uidvalidity=uidvalidity, uid=uid, received_at=received_at
        )


def work_on(raw_id: int) -> Outcome:
    """Process what is stored. Raises OperationalError while the database is away; the mail then waits as it is."""
    try:
        with unit_of_work() as session:
            return ingest.process(session, raw_id)
    except OperationalError:
        raise
    except (
        Exception
    ) as error:  # the outermost loop of the channel: a fault of ours must not hide a customer's mail
        log.exception("mail_failed", raw_id=raw_id)
        with unit_of_work() as session:
            return ingest.give_up(session, raw_id, f"It could not be processed ({type(error).__name__}).")


def work_on_waiting(limit: int = 100) -> int:
    """Process what a killed process had stored and not finished; returns how many."""
    with unit_of_work() as session:
        waiting = select(RawMessage.id).where(RawMessage.state == RawState.STORED)
        ids = session.scalars(waiting.order_by(RawMessage.id).limit(limit)).all()
    for raw_id in ids:
        work_on(raw_id)
    return len(ids)
