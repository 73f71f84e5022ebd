"""A complaint by the public form: what happened, and one way to answer or none (C-02). Nobody needs an account."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.packs import load_packs
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.errors import Conflict
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import new_token
from contactcenter.customers.claims import claim_email
from contactcenter.customers.service import canonical_address, region_of
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket

BY_MAIL, BY_PHONE, HERE = "email", "phone", "page"
WAYS = (BY_MAIL, BY_PHONE, HERE)
"""How we may answer: by mail, by telephone, or on the status page alone, to somebody whose name we do not know."""

CHANNEL = "form"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told: `contact` is where `way` leads (empty for HERE), `language` the one of the page."""

    text: str
    way: str
    contact: str
    name: str
    language: str


def may_be_anonymous(brand: Brand) -> bool:
    """Whether the brand's rules take a complaint from somebody who does not say who he is."""
    return not load_packs()[brand.complaint_pack].identity_required


def complain(session: Session, brand: Brand, told: Told) -> ComplaintCase:
    """Open the complaint of somebody who only says who he is: it is his own, whoever else has that address.

    Raises Invalid (field "contact") for an address that is none, Conflict for a brand that nobody answers for.
    """
    queue = session.scalar(select(Queue).where(Queue.brand_id == brand.id).order_by(Queue.id).limit(1))
    if queue is None:
        raise Conflict(_("Nobody takes complaints for %(brand)s here yet.", brand=brand.name))
    contact = _canonical(brand, told)
    sender = Sender("visitor", f"form-{new_token(12)}", "" if told.way == HERE else told.name)
    inbound = Inbound(
        CHANNEL, queue.id, sender, told.text, subject=told.text[:80], language=told.language, kind="complaint"
    )
    received = receive(session, inbound)
    conversation = session.get_one(Conversation, received.conversation_id)
    conversation.address = contact
    if told.way == BY_MAIL:
        claim_email(session, conversation.customer, contact)
    ticket = session.get_one(Ticket, received.ticket_id)
    return open_case(
        session,
        ticket,
        actor=ticket.customer.actor,
        text=told.text,
        channel=CHANNEL,
        contact=contact,
        anonymous=told.way == HERE,
    )


def _canonical(brand: Brand, told: Told) -> str:
    if told.way == BY_MAIL:
        return canonical_address("email", told.contact, field="contact")
    region = region_of(brand.zone)
    return (
        canonical_address("phone", told.contact, region=region, field="contact")
        if told.way == BY_PHONE
        else ""
    )
