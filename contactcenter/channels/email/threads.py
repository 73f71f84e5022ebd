"""Which ticket a mail belongs to: joins what belongs together and never mixes strangers.

1. Our signed plus-address, or the mails it answers, nearest first: joins if the sender takes part in that ticket.
2. Mails that came before what they answer: it is joined by the one they answer, and by others that answer the same
   unseen mail, if they have the same sender or one addresses the other.
3. The ticket number in the subject, if the sender takes part.
4. A stranger gets a ticket of his own, linked to what he answers; so does whoever answers one that closed long ago.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.channels.email.models import Mail
from contactcenter.channels.email.own import OwnAddresses, ticket_of_token
from contactcenter.channels.email.parse import ParsedMail
from contactcenter.conversations.models import Message
from contactcenter.customers.models import Identity
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import is_closed_for_good

_NUMBER = re.compile(r"\[#(\d{1,15})\]")


@dataclass(frozen=True, slots=True)
class Place:
    """The ticket a mail joins, or (with `ticket_id` None) the one that its new ticket is linked to, if any."""

    ticket_id: int | None = None
    related_id: int | None = None


def subject_mark(ticket_id: int) -> str:
    """How our subjects carry the number."""
    return f"[#{ticket_id}]"


def find_place(session: Session, mail: ParsedMail, ours: OwnAddresses, *, trusted: bool = True) -> Place:
    """Where the mail goes. `trusted` is False for a sender whom our own server found to be forged."""
    sender = (mail.sender.address or "").lower() if trusted else ""
    known = list(dict.fromkeys(_known(session, mail)))
    for ticket_id in known:
        if takes_part(session, ticket_id, sender):
            return _reopen_or_link(session, ticket_id)
    kin = _kin(session, mail, sender, ours, parent_is_known=bool(known)) if sender else None
    if kin is not None:
        return _reopen_or_link(session, kin)
    for ticket_id in _numbers(mail.subject):
        if takes_part(session, ticket_id, sender):
            return _reopen_or_link(session, ticket_id)
    return Place(related_id=known[0] if known else None)


def find_concerned(session: Session, mail: ParsedMail) -> int | None:
    """The ticket a robot's mail speaks of; nothing is joined, so nobody is checked."""
    if mail.bounce and mail.bounce.message_id:
        known = session.scalar(
            select(Mail.ticket_id).where(Mail.header_id == mail.bounce.message_id).limit(1)
        )
        if known is not None:
            return known
    return next(_known(session, mail), None)


def takes_part(session: Session, ticket_id: int, sender: str) -> bool:
    """Whether `sender` (lower case) is in the headers of one of its mails, is its customer's address, or is staff."""
    if not sender:
        return False
    written = exists().where(Mail.ticket_id == ticket_id, Mail.people.has_key(sender))
    customers = select(Ticket.customer_id).where(Ticket.id == ticket_id)
    writers = select(Message.customer_id).where(Message.ticket_id == ticket_id)
    known = exists().where(
        Identity.kind == "email",
        Identity.value == sender,
        or_(Identity.customer_id.in_(customers), Identity.customer_id.in_(writers)),
    )
    staff = exists().where(User.email == sender, User.active)
    return bool(session.scalar(select(or_(written, known, staff))))


def answers_us(session: Session, mail: ParsedMail, ticket_id: int) -> bool:
    """Whether the sender has read a mail of this ticket that we sent to him: so the address is his.

    The number in the subject proves nothing, for it can be guessed; ids and tokens of our mails cannot.
    """
    sender = (mail.sender.address or "").lower()
    ours = exists().where(Mail.ticket_id == ticket_id, Mail.outgoing, Mail.people.has_key(sender))
    if ticket_of_token(mail) != ticket_id:
        ours = ours.where(Mail.header_id.in_(mail.ancestors))
    return bool(session.scalar(select(ours)))


def _known(session: Session, mail: ParsedMail) -> Iterator[int]:
    """Tickets the mail points to: by our token, then by the ids it answers."""
    token = ticket_of_token(mail)
    if token is not None and session.get(Ticket, token) is not None:
        yield token
    yield from _answered(session, mail.ancestors)


def _answered(session: Session, ancestors: tuple[str, ...]) -> list[int]:
    """Tickets of known mails among the ancestors, in the ancestors' order."""
    if not ancestors:
        return []
    query = (
        select(Mail.header_id, Mail.ticket_id).where(Mail.header_id.in_(ancestors)).order_by(Mail.id.desc())
    )
    rank = {header_id: place for place, header_id in enumerate(ancestors)}
    found = [(rank[header_id], ticket_id) for header_id, ticket_id in session.execute(query) if header_id]
    return [ticket_id for _, ticket_id in sorted(found)]


def _kin(
    session: Session, mail: ParsedMail, sender: str, ours: OwnAddresses, *, parent_is_known: bool
) -> int | None:
    """The ticket of an earlier mail that answers this one, or the same unseen mail as this one."""
    shared = [] if parent_is_known else list(mail.ancestors)
    wanted = [*([mail.message_id] if mail.message_id else []), *shared]
    if not wanted:
        return None
    addressed = ours.others((*mail.to, *mail.cc))
    related = or_(Mail.sender == sender, Mail.people.has_key(sender), Mail.sender.in_(addressed))
    query = select(Mail.ticket_id).where(Mail.ancestors.has_any(array(wanted)), related)
    return session.scalar(query.order_by(Mail.id).limit(1))


def _numbers(subject: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(subject)[:3]]


def _reopen_or_link(session: Session, ticket_id: int) -> Place:
    """Join it, unless it closed too long ago."""
    if is_closed_for_good(session.get_one(Ticket, ticket_id)):
        return Place(related_id=ticket_id)
    return Place(ticket_id=ticket_id)
