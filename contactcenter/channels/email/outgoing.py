"""Replies on their way out: queued with their Message-ID, sent by the outbox, failures visible and tried again.

The Message-ID is made when the reply is queued. A worker killed between the server's "accepted" and our commit sends
again under the same id, and mail programs show it once.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.channels.email.models import Mail, Mailbox
from contactcenter.channels.email.own import own_addresses
from contactcenter.channels.email.smtp import deliver
from contactcenter.channels.email.write import write_mail
from contactcenter.conversations.models import Author, Conversation, Message
from contactcenter.conversations.personal_link import is_personal
from contactcenter.conversations.service import set_delivery
from contactcenter.core import clock, outbox
from contactcenter.core.errors import DeliveryError
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.customers.claims import email_of, is_refused
from contactcenter.customers.persons import addresses_of

SEND = "email.send"
QUEUE = "email.queue"
UNDO_S = 5
TRY_AGAIN_S = (30, 120, 600, 1800, 3600, 7200, 14400, 28800)
_REFERENCES_MAX = 20


def queue_mail(session: Session, conversation: Conversation, message: Message) -> None:
    """Let a stored reply leave after the seconds in which it can be taken back; sent again, it leaves at once."""
    mail = _outgoing(session, message) or _new_outgoing(session, conversation, message)
    mail.sendings += 1
    session.flush()  # the job's key counts the sendings
    _enqueue(session, mail, attempt=0, after_s=UNDO_S if mail.sendings == 1 else 0)


def queue_asked(session: Session, args: dict[str, Any]) -> None:  # Any: JSON
    """Outbox handler: a reply of a channel that answers by mail; a channel cannot call another one."""
    message = session.get_one(Message, args["message_id"], with_for_update={"of": Message})
    if message.delivery == "queued":
        queue_mail(session, session.get_one(Conversation, message.conversation_id), message)


def send_queued(session: Session, args: dict[str, Any]) -> None:  # Any: JSON
    """Outbox handler: send a reply unless it was sent, taken back or has failed for good meanwhile."""
    message = session.get_one(Message, args["message_id"], with_for_update={"of": Message})
    mail = _outgoing(session, message)
    if mail is None or message.delivery != "queued":
        return
    try:
        _send(session, message, mail)
    except DeliveryError as error:
        _note_failure(session, message, mail, error, attempt=args["attempt"])
    else:
        set_delivery(session, message.id, "sent")


def recipients_of(session: Session, conversation: Conversation) -> list[str]:
    """Where an answer goes: Reply-To of the last mail, else its sender, else the conversation's or customer's address."""
    last = _last_received(session, conversation.id)
    meta = last.meta if last else {}
    replies = [one.get("address") for one in meta.get("reply_to", [])]
    given = conversation.address
    typed = [] if is_refused(session, conversation.customer, given) else [given]
    wishes = [replies, [meta.get("from", {}).get("address")], typed]
    ours = own_addresses(session)
    for wish in [*wishes, [email_of(session, conversation.customer)]]:
        usable = [one for one in wish if one and "@" in one and one not in ours]
        if usable:
            return usable
    return []


def _outgoing(session: Session, message: Message) -> Mail | None:
    return session.scalar(select(Mail).where(Mail.message_id == message.id, Mail.outgoing))


def _new_outgoing(session: Session, conversation: Conversation, message: Message) -> Mail:
    mailbox = _mailbox_of(session, conversation)
    domain = mailbox.address.rpartition("@")[2] if mailbox else "mail.invalid"
    answered = _answered(session, conversation.ticket_id)
    ancestors = [answered.header_id, *answered.ancestors] if answered and answered.header_id else []
    mail = Mail(
        ticket_id=conversation.ticket_id,
        message_id=message.id,
        mailbox_id=mailbox.id if mailbox else None,
        outgoing=True,
        header_id=f"{new_token(12)}.{message.id}@{domain}",
        ancestors=ancestors[:_REFERENCES_MAX],
        sender=mailbox.address if mailbox else "",
        people=[one.lower() for one in recipients_of(session, conversation)],
        sendings=0,
    )
    session.add(mail)
    return mail


def _mailbox_of(session: Session, conversation: Conversation) -> Mailbox | None:
    """The mailbox the customer wrote to, else one of the brand's; only those that can send."""
    can_send = select(Mailbox).where(Mailbox.active, Mailbox.smtp_host != "")
    written_to = can_send.join(Mail, Mail.mailbox_id == Mailbox.id).where(
        Mail.ticket_id == conversation.ticket_id
    )
    of_brand = can_send.where(Mailbox.brand_id == conversation.ticket.brand_id)
    own_queue_first = of_brand.order_by(Mailbox.queue_id != conversation.queue_id, Mailbox.id)
    found = session.scalar(written_to.order_by(Mail.id.desc()).limit(1))
    return found or session.scalar(own_queue_first.limit(1))


def _answered(session: Session, ticket_id: int) -> Mail | None:
    """The customer's last mail on the ticket, else our own last one that was not taken back."""
    query = select(Mail).join(Message, Message.id == Mail.message_id, isouter=True)
    query = query.where(
        Mail.ticket_id == ticket_id,
        Mail.header_id.is_not(None),
        Message.delivery.is_distinct_from("taken_back"),
    )
    return session.scalar(query.order_by(Mail.outgoing, Mail.id.desc()).limit(1))


def _last_received(session: Session, conversation_id: int) -> Message | None:
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.author == Author.CUSTOMER
    )
    return session.scalar(query.order_by(Message.rev.desc()).limit(1))


def _enqueue(session: Session, mail: Mail, *, attempt: int, after_s: int) -> None:
    outbox.enqueue(
        session,
        SEND,
        {"message_id": mail.message_id, "attempt": attempt},
        key=f"{SEND}:{mail.message_id}:{mail.sendings}:{attempt}",
        not_before=clock.after(after_s),
    )


def _send(session: Session, message: Message, mail: Mail) -> None:
    conversation = session.get_one(Conversation, message.conversation_id)
    mailbox = session.get(Mailbox, mail.mailbox_id) if mail.mailbox_id else _mailbox_of(session, conversation)
    if mailbox is None or not mailbox.smtp_host:
        raise DeliveryError(
            _("No mailbox of this brand can send mail. Set one up and send again."), permanent=True
        )
    recipients = recipients_of(session, conversation)
    if is_personal(message):
        recipients = _own_addresses_of(session, conversation, recipients)
    if not recipients:
        raise DeliveryError(_("The customer has no e-mail address."), permanent=True)
    quoted = _last_received(session, conversation.id)
    deliver(mailbox, write_mail(conversation, message, mail, mailbox, recipients, quoted), recipients)


def _own_addresses_of(session: Session, conversation: Conversation, recipients: list[str]) -> list[str]:
    """Of those, the customer's; who else writes on the thread is not told a link that opens the customer's page."""
    known = {one.casefold() for one in addresses_of(session, conversation.customer, "email")}
    own = [one for one in recipients if one.casefold() in known]
    first = email_of(session, conversation.customer)
    return own or ([first] if first else [])


def _note_failure(
    session: Session, message: Message, mail: Mail, error: DeliveryError, *, attempt: int
) -> None:
    """A passing failure is tried again, visibly; a lasting one, or too many, is the end until a person retries."""
    if error.permanent or attempt >= len(TRY_AGAIN_S):
        set_delivery(session, message.id, "failed", str(error))
        return
    minutes = max(1, TRY_AGAIN_S[attempt] // 60)
    reason = _("%(reason)s Next try in %(n)s min.", reason=str(error), n=minutes)
    set_delivery(session, message.id, "queued", reason)
    _enqueue(session, mail, attempt=attempt + 1, after_s=TRY_AGAIN_S[attempt])
