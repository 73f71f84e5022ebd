"""From stored bytes to a message on a ticket: recognise repeats and robots, find the thread, hand over to conversations."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from contactcenter.channels.email.addresses import Address
from contactcenter.channels.email.attachments import Attachment
from contactcenter.channels.email.mailboxes import default_queue_id, mailbox_for
from contactcenter.channels.email.models import Mail, Mailbox, RawMessage, RawState
from contactcenter.channels.email.own import OwnAddresses, own_addresses
from contactcenter.channels.email.parse import ParsedMail, parse
from contactcenter.channels.email.threads import Place, answers_us, find_concerned, find_place
from contactcenter.conversations.append import BODY_MAX
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive, set_delivery
from contactcenter.core import clock
from contactcenter.core.db import rows_changed
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.claims import open_claims, prove_claim
from contactcenter.customers.service import canonical_address, verify_address
from contactcenter.tickets.models import Ticket
from nlp.language import detect

CHANNEL = "email"
_ONE_AT_A_TIME = 7_315_004  # a parent and its reply that arrive together must not open a ticket each


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mail says and what became of it."""

    mail: ParsedMail
    ticket_id: int | None = None
    created: bool = False
    duplicate: bool = False


def store_raw(
    session: Session,
    content: bytes,
    *,
    mailbox_id: int | None = None,
    uidvalidity: int | None = None,
    uid: int | None = None,
    received_at: datetime | None = None,
) -> int | None:
    """Keep the bytes before anything looks at them; None if this mail of the mailbox is kept already."""
    sha256 = hashlib.sha256(content).hexdigest()
    if uid is not None and _renumber(session, sha256, mailbox_id, uidvalidity, uid):
        return None
    row = {
        "mailbox_id": mailbox_id,
        "uidvalidity": uidvalidity,
        "uid": uid,
        "sha256": sha256,
        "size": len(content),
        "content": content,
        "received_at": received_at or clock.now(),
    }
    claim = insert(RawMessage).values(row).on_conflict_do_nothing().returning(RawMessage.id)
    return session.scalar(claim)


def _renumber(
    session: Session, sha256: str, mailbox_id: int | None, uidvalidity: int | None, uid: int
) -> bool:
    """After the server renumbered its folder: a mail kept under an old number gets its new one. One row each."""
    kept = select(RawMessage.id).where(
        RawMessage.mailbox_id == mailbox_id,
        RawMessage.sha256 == sha256,
        RawMessage.uidvalidity != uidvalidity,
    )
    first = kept.order_by(RawMessage.id).limit(1).scalar_subquery()
    renumbered = update(RawMessage).where(RawMessage.id == first).values(uidvalidity=uidvalidity, uid=uid)
    return bool(rows_changed(session, renumbered))


def process(session: Session, raw_id: int) -> Outcome:
    """Do what a stored mail asks for, once; asked again it only tells what was done."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    raw = _locked(session, raw_id)
    mail = parse(raw.content)
    if raw.state != RawState.STORED:
        return Outcome(mail, raw.ticket_id, created=raw.created, duplicate=raw.state == RawState.DUPLICATE)
    if mail.error is not None:
        return give_up(session, raw_id, mail.error)
    ours = own_addresses(session)
    earlier = _repeated(session, raw, mail)
    if earlier is not None:
        return _finish(raw, mail, RawState.DUPLICATE, ticket_id=earlier.ticket_id)
    if mail.is_robot or _is_our_own(session, mail, ours):
        return _hear_robot(session, raw, mail)
    return _join(session, raw, mail, ours)


def give_up(session: Session, raw_id: int, reason: str) -> Outcome:
    """Make a mail that cannot be processed a ticket that people see, with the mail as a file."""
    raw = _locked(session, raw_id)
    mail = parse(raw.content)
    sender = mail.sender.address or mail.sender.name or _("an unknown sender")
    subject = _("Unreadable message from %(sender)s", sender=sender)
    whole = File(f"message-{raw.id}.eml", raw.content)
    mailbox = mailbox_for(session, raw.mailbox_id, mail)
    inbound = Inbound(
        CHANNEL,
        mailbox.queue_id if mailbox else default_queue_id(session),
        _sender(mail, raw.id),
        f"{subject}. {reason}",
        subject=subject,
        client_id=f"raw:{raw.id}",
        received_at=raw.received_at,
        files=(whole,),
        meta={"subject": subject, "error": reason},
    )
    received = receive(session, inbound)
    raw.error = reason
    return _finish(raw, replace(mail, error=reason), RawState.UNREADABLE, received.ticket_id, created=True)


def _locked(session: Session, raw_id: int) -> RawMessage:
    query = select(RawMessage).where(RawMessage.id == raw_id).options(undefer(RawMessage.content))
    return session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).one()


def _repeated(session: Session, raw: RawMessage, mail: ParsedMail) -> RawMessage | None:
    """The same bytes from the same mailbox, if they name themselves; without a Message-ID two equal mails are two."""
    if mail.message_id is None:
        return None
    same = select(RawMessage).where(
        RawMessage.sha256 == raw.sha256,
        RawMessage.mailbox_id.is_not_distinct_from(raw.mailbox_id),
        RawMessage.id != raw.id,
        RawMessage.state != RawState.STORED,
    )
    return session.scalar(same.order_by(RawMessage.id).limit(1))


def _is_our_own(session: Session, mail: ParsedMail, ours: OwnAddresses) -> bool:
    """A mail that we sent and that came back to one of our mailboxes."""
    if mail.message_id is None or mail.sender.address is None or mail.sender.address not in ours:
        return False
    sent = select(Mail.id).where(Mail.header_id == mail.message_id, Mail.outgoing)
    return session.scalar(sent.limit(1)) is not None


def _hear_robot(session: Session, raw: RawMessage, mail: ParsedMail) -> Outcome:
    """No ticket and no answer; a final bounce marks the message it belongs to."""
    if mail.bounce is not None and mail.bounce.permanent:
        _mark_bounced(session, mail)
    told = mail if mail.is_robot else replace(mail, auto="our own mail")
    return _finish(raw, told, RawState.ROBOT, ticket_id=find_concerned(session, mail))


def _mark_bounced(session: Session, mail: ParsedMail) -> None:
    bounce = mail.bounce
    if bounce is None or bounce.message_id is None:
        return
    sent = select(Mail.message_id).where(Mail.header_id == bounce.message_id, Mail.outgoing)
    message_id = session.scalar(sent.limit(1))
    if message_id is not None:
        who, why = ", ".join(bounce.recipients), bounce.reason or bounce.status
        set_delivery(session, message_id, "failed", f"{who}: {why}".strip(": "))


def _join(session: Session, raw: RawMessage, mail: ParsedMail, ours: OwnAddresses) -> Outcome:
    mailbox = mailbox_for(session, raw.mailbox_id, mail)
    judged = _judged(mailbox, mail)
    forged = judged == "fail"
    place = find_place(session, mail, ours, trusted=not forged)
    queue_id = mailbox.queue_id if mailbox else default_queue_id(session)
    inbound = _inbound(raw, mail, queue_id, place)
    if forged:
        inbound = replace(inbound, sender=_nobody(mail, raw.id))
    elif place.ticket_id is not None:
        _believe(session, mail, place.ticket_id)
    received = receive(session, inbound)
    if judged == "pass" and inbound.sender.kind == "email":
        verify_address(session, "email", inbound.sender.value)
    people = ours.others((mail.sender, *mail.reply_to, *mail.to, *mail.cc))
    session.add(
        Mail(
            ticket_id=received.ticket_id,
            message_id=received.message_id,
            mailbox_id=mailbox.id if mailbox else None,
            raw_id=raw.id,
            header_id=mail.message_id,
            ancestors=list(mail.ancestors),
            sender=(mail.sender.address or "").lower(),
            people=people,
        )
    )
    return _finish(raw, mail, RawState.RECEIVED, received.ticket_id, created=received.created)


def _believe(session: Session, mail: ParsedMail, ticket_id: int) -> None:
    """Tell staff that our mail to the address which the ticket's customer typed was answered; that joins him to nobody."""
    customer = session.get_one(Ticket, ticket_id).customer
    if mail.sender.address and open_claims(session, customer) and answers_us(session, mail, ticket_id):
        prove_claim(session, customer, mail.sender.address.lower(), actor=customer.actor)


def _judged(mailbox: Mailbox | None, mail: ParsedMail) -> str:
    """What the server we trust says of the sender (DMARC's word: pass, fail …); "" without one, which is no offence."""
    server = mailbox.trusted_server.lower() if mailbox else ""
    checks = (one for one in mail.authentication if server and one.server == server)
    return next((one.result for one in checks if one.method == "dmarc"), "")


def _inbound(raw: RawMessage, mail: ParsedMail, queue_id: int, place: Place) -> Inbound:
    whole = mail.text or mail.subject or _("(no text)")
    body = (mail.reply_text or whole)[:BODY_MAX]
    too_long = (File("message.txt", mail.text.encode()),) if len(mail.text) > BODY_MAX else ()
    return Inbound(
        CHANNEL,
        queue_id,
        _sender(mail, raw.id),
        body,
        subject=mail.subject,
        html=mail.html,
        quoted=whole[:BODY_MAX] if whole.strip() != body.strip() else None,
        language=detect(body),
        client_id=f"raw:{raw.id}",
        ticket_id=place.ticket_id,
        related_id=place.related_id,
        received_at=raw.received_at,
        files=(*map(_file, mail.attachments), *too_long),
        meta=_meta(mail),
    )


def _sender(mail: ParsedMail, raw_id: int) -> Sender:
    """The sender's address, or a nameless visitor of this one mail: no mail is lost for want of an address."""
    try:
        known = canonical_address("email", mail.sender.address or "")
        return Sender("email", known, mail.sender.name)
    except Invalid:
        return _nobody(mail, raw_id)


def _nobody(mail: ParsedMail, raw_id: int) -> Sender:
    """Somebody without an address, or with one that is not his, named by what he says."""
    name = mail.sender.name or _("Unknown sender")
    return Sender("visitor", f"mail:{raw_id}", f"{name} {mail.sender.address or ''}".strip()[:200])


def _file(one: Attachment) -> File:
    return File(one.filename, one.content, inline=one.inline, content_id=one.content_id or None)


def _meta(mail: ParsedMail) -> dict[str, Any]:  # Any: JSON
    """What the console shows beside the text, and what an answer needs."""
    return {
        "subject": mail.subject,
        "from": _plain(mail.sender),
        "to": [_plain(one) for one in mail.to],
        "cc": [_plain(one) for one in mail.cc],
        "reply_to": [_plain(one) for one in mail.reply_to],
        "list": mail.mailing_list,
        "protection": mail.protection,
        "checks": [[one.server, one.method, one.result] for one in mail.authentication],
    }


def _plain(one: Address) -> dict[str, str | None]:
    return {"address": one.address, "name": one.name}


def _finish(
    raw: RawMessage, mail: ParsedMail, state: RawState, ticket_id: int | None, *, created: bool = False
) -> Outcome:
    raw.state, raw.ticket_id, raw.created, raw.processed_at = state.value, ticket_id, created, clock.now()
    return Outcome(mail, ticket_id, created=created, duplicate=state is RawState.DUPLICATE)
