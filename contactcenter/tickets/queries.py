"""Read tickets: lists by keyset, counts that equal them, search."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from contactcenter.accounts.models import User
from contactcenter.core.paging import Page, fetch_page
from contactcenter.core.search import query_text
from contactcenter.customers.models import Customer
from contactcenter.customers.persons import same_person
from contactcenter.tickets.access import visible_to
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.states import LIVE

COUNT_CAP = 1000

_SHOWN_ALONE = (
    joinedload(Ticket.customer).joinedload(Customer.identities),
    joinedload(Ticket.owner),
    joinedload(Ticket.queue),
    joinedload(Ticket.slas),
)

_SHOWN_IN_LISTS = (
    joinedload(Ticket.customer).selectinload(Customer.identities),
    joinedload(Ticket.owner),
    joinedload(Ticket.queue),
    joinedload(Ticket.brand),
    selectinload(Ticket.slas),
)


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Narrowing of a list; None or empty narrows nothing. `live_only` leaves out solved and closed."""

    queue_id: int | None = None
    owner_id: int | None = None
    unowned: bool = False
    status: str | None = None
    kind: str | None = None
    complaints: bool = False
    customer_id: int | None = None
    words: str = ""
    live_only: bool = False


def list_tickets(
    session: Session, user: User, wanted: TicketFilter, *, after: str | None = None, limit: int | None = None
) -> Page[Ticket]:
    """One page of what `user` may see, latest change first, ready to show (no query per row)."""
    return fetch_page(
        session,
        _filtered(session, user, wanted),
        keys=(Ticket.updated_at, Ticket.id),
        after=after,
        limit=limit,
        shown=_SHOWN_IN_LISTS,
    )


def get_ticket(session: Session, ticket_id: int) -> Ticket | None:
    """One ticket ready to show, in one statement: it is pushed with every change."""
    return session.get(Ticket, ticket_id, options=_SHOWN_ALONE)


def count_tickets(session: Session, user: User, wanted: TicketFilter) -> int:
    """How many rows the same list has, counted up to COUNT_CAP (shown as "1000+")."""
    capped = _filtered(session, user, wanted).with_only_columns(Ticket.id).limit(COUNT_CAP).subquery()
    return session.scalar(select(func.count()).select_from(capped)) or 0


def tickets_of_customer(
    session: Session, user: User, customer_id: int, *, limit: int = 20
) -> Sequence[Ticket]:
    """The customer's latest tickets that `user` may see."""
    query = _filtered(session, user, TicketFilter(customer_id=customer_id)).options(joinedload(Ticket.queue))
    return session.scalars(query.order_by(Ticket.id.desc()).limit(limit)).all()


def has_tickets(session: Session, customer_id: int) -> bool:
    """Whether this person ever had a ticket, whoever may see it."""
    theirs = select(Ticket.id).where(Ticket.customer_id.in_(same_person(session, customer_id)))
    return session.scalar(theirs.limit(1)) is not None


def _filtered(session: Session, user: User, wanted: TicketFilter) -> Select[Ticket]:
    query = select(Ticket).where(visible_to(session, user))
    same = {
        Ticket.queue_id: wanted.queue_id,
        Ticket.owner_id: wanted.owner_id,
        Ticket.status: wanted.status,
        Ticket.kind: wanted.kind,
    }
    query = query.where(*(column == value for column, value in same.items() if value is not None))
    if wanted.customer_id is not None:
        query = query.where(Ticket.customer_id.in_(same_person(session, wanted.customer_id)))
    if wanted.unowned:
        query = query.where(Ticket.owner_id.is_(None))
    if wanted.complaints:
        query = query.where(Ticket.complaint_ref.is_not(None))
    if wanted.live_only:
        query = query.where(Ticket.status.in_(LIVE))
    return _searched(query, wanted.words)


def _searched(query: Select[Ticket], words: str) -> Select[Ticket]:
    number = words.strip().lstrip("#")
    if number.isdecimal() and len(number) <= 15:
        return query.where(Ticket.id == int(number))
    terms = query_text(words)
    if terms:
        return query.where(Ticket.search.op("@@")(func.to_tsquery(text("'simple'"), terms)))
    return query
