"""Read customers."""

from contextlib import suppress

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from contactcenter.core.errors import Invalid
from contactcenter.core.paging import Page, fetch_page
from contactcenter.customers.models import Customer, Identity
from contactcenter.customers.service import canonical_address


def search_customers(
    session: Session,
    words: str,
    *,
    seen: ColumnElement[bool],
    after: str | None = None,
    limit: int | None = None,
) -> Page[Customer]:
    """Customers whose name contains `words` or who have that address, newest first; `seen` is the caller's right."""
    query = (
        select(Customer)
        .where(seen, Customer.merged_into_id.is_(None))
        .options(selectinload(Customer.identities), selectinload(Customer.organisation))
    )
    if words.strip():
        query = query.where(_matches(words.strip()))
    return fetch_page(session, query, keys=(Customer.id,), after=after, limit=limit)


def _matches(words: str) -> ColumnElement[bool]:
    addresses = {words.lower()}
    with suppress(Invalid):  # it is a name or a mail address, then
        addresses.add(canonical_address("phone", words))
    owners = select(Identity.customer_id).where(Identity.value.in_(addresses), Identity.kind != "visitor")
    return or_(Customer.name.icontains(words, autoescape=True), Customer.id.in_(owners))
