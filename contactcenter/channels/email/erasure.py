"""What the e-mail channel does when a customer is erased: no raw mail, nobody's address.

The number and the digest of a raw mail stay, by which the same mail is not taken in again from the server.
"""

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session

from contactcenter.channels.email.models import Mail, RawMessage
from contactcenter.conversations.erasure import messages_of
from contactcenter.core.events import Recorded
from contactcenter.customers.erasure import CustomerErased, addresses_known
from contactcenter.tickets.models import Ticket


def forget(session: Session, recorded: Recorded[CustomerErased]) -> None:
    """Part of the erasure's transaction."""
    ids = recorded.event.customer_ids
    tickets = select(Ticket.id).where(Ticket.customer_id.in_(ids))
    his: ColumnElement[bool] = or_(Mail.ticket_id.in_(tickets), Mail.message_id.in_(messages_of(ids)))
    raw = select(Mail.raw_id).where(his, Mail.raw_id.is_not(None))
    emptied = {"content": b"", "size": 0, "error": None}
    of_him = or_(
        RawMessage.id.in_(raw), RawMessage.ticket_id.in_(tickets), _names(addresses_known(session, ids))
    )
    session.execute(update(RawMessage).where(of_him).values(emptied))
    gone: dict[str, object] = {"header_id": None, "ancestors": [], "sender": "", "people": []}
    session.execute(update(Mail).where(his).values(gone))


def _names(addresses: list[str]) -> ColumnElement[bool]:
    """A robot's mail about him (it could not be delivered, say) belongs to no ticket: it is known by his address."""
    known = [
        func.position(literal(one.encode()).op("IN")(RawMessage.content)) > 0
        for one in addresses
        if "@" in one
    ]
    return RawMessage.ticket_id.is_(None) & or_(False, *known)
