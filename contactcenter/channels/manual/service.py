"""Record what came on paper, by phone or in person, with the date it really came."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.ports import File, Inbound, Received, Sender
from contactcenter.conversations.receipt import refuse_absurd_receipt
from contactcenter.conversations.service import receive
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as marked
from contactcenter.core.ids import new_token
from contactcenter.queues.models import Queue

FORMS = {
    "phone_note": marked("Phone note"),
    "letter": marked("Letter"),
    "fax": marked("Fax"),
    "visit": marked("Visit"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """What was received: `form` of FORMS, when (UTC; the stamp on paper), from whom, what it said."""

    form: str
    received_at: datetime
    queue: Queue
    subject: str
    body: str
    name: str
    email: str = ""
    phone: str = ""
    postal_address: str = ""
    language: str = "en"
    files: tuple[File, ...] = ()


def record_contact(session: Session, user: User, record: Record) -> Received:
    """A ticket from it, as old as the letter is. Raises Invalid for an unknown form or a date to come."""
    if record.form not in FORMS:
        raise Invalid(_("Choose phone note, letter, fax or visit."), field="form")
    refuse_absurd_receipt(record.received_at)
    sender = _sender(record)
    inbound = Inbound(
        channel="manual",
        queue_id=record.queue.id,
        sender=sender,
        body=record.body,
        subject=record.subject,
        language=record.language,
        received_at=record.received_at,
        files=record.files,
        meta={"form": record.form, "typed_by": user.id, "postal_address": record.postal_address[:500]},
    )
    return receive(session, inbound)


def postal_address_of(session: Session, conversation: Conversation) -> str:
    """Where a printed answer goes, as it was typed in."""
    query = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.rev).limit(1)
    first = session.scalar(query)
    return str(first.meta.get("postal_address", "")) if first else ""


def _sender(record: Record) -> Sender:
    """By the best address given; a person known by name alone gets one that only we know."""
    if record.email.strip():
        return Sender("email", record.email, record.name)
    if record.phone.strip():
        return Sender("phone", record.phone, record.name)
    if not record.name.strip():
        raise Invalid(_("Give a name, a phone number or an e-mail address."), field="name")
    return Sender("visitor", f"manual-{new_token(12)}", record.name)
