"""Read customers."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import ColumnElement, Function, Select, Text, func, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from contactcenter.core.errors import Invalid
from contactcenter.core.paging import Page, fetch_page
from contactcenter.customers.models import Customer, Identity
from contactcenter.customers.service import canonical_address

REACHED_AT = ("email", "phone")
THREE = 3
"""Characters that a word needs to have a trigram."""


def search_customers(
    session: Session,
    words: str,
    *,
    seen: ColumnElement[bool],
    after: str | None = None,
    limit: int | None = None,
) -> Page[Customer]:
    """Customers whose name contains `words` or who have that address, newest first; `seen` is the caller's right."""
    return fetch_page(
        session,
        select(Customer).where(seen, Customer.merged_into_id.is_(None)),
        keys=(Customer.id,),
        after=after,
        limit=limit,
        ways=ways_to(words.strip()),
        shown=(selectinload(Customer.identities), selectinload(Customer.organisation)),
    )


def ways_to(words: str) -> Sequence[ColumnElement[bool]]:
    """How a Customer may be the one who is looked for, each way with an index of its own; none without words."""
    return (_is_called(words), Customer.id.in_(_owners(words))) if words else ()


def _is_called(words: str) -> ColumnElement[bool]:
    if len(words) >= THREE:
        return Customer.name.icontains(words, autoescape=True)
    # A Chinese name has two or three characters, too few for trigrams: it is found by those it is made of.
    in_a_row = (
        func.strpos(func.lower(Customer.name), func.lower(words)) > 0
    )  # LIKE would have all trigrams read
    return _letters(Customer.name).contains(_letters(words)) & in_a_row


def _letters(text: InstrumentedAttribute[str] | str) -> Function[list[str]]:
    return func.string_to_array(func.lower(text), null(), type_=ARRAY(Text))


def _owners(words: str) -> Select[int]:
    addresses = {words.lower()}
    with suppress(Invalid):  # it is a name or a mail address, then
        addresses.add(canonical_address("phone", words))
    return select(Identity.customer_id).where(Identity.kind.in_(REACHED_AT), Identity.value.in_(addresses))
