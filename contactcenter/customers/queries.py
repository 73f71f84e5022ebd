"""Read customers."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import ColumnElement, Function, Select, Text, func, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, selectinload

from contactcenter.core.errors import Invalid
from contactcenter.core.paging import Page, fetch_page
from contactcenter.customers.models import Customer, Identity
from contactcenter.customers.persons import known_as
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
    """How a Customer may be the one who is looked for, each way with an index of its own; none without words.

    By his name, by an address, and by the name of somebody who turned out to be him.
    """
    if not words:
        return ()
    joined = aliased(Customer)
    others = select(joined.id, joined.merged_into_id).where(joined.merged_into_id.is_not(None))
    by_another = known_as(others.where(_is_called(joined.name, words)))
    return (
        _is_called(Customer.name, words),
        Customer.id.in_(known_as(_owners(words))),
        Customer.id.in_(by_another),
    )


def _is_called(name: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    if len(words) >= THREE:
        return name.icontains(words, autoescape=True)
    # A Chinese name has two or three characters, too few for trigrams: it is found by those it is made of. LIKE would
    # have all trigrams read.
    in_a_row = func.strpos(func.lower(name), func.lower(words)) > 0
    return _letters(name).contains(_letters(words)) & in_a_row


def _letters(text: InstrumentedAttribute[str] | str) -> Function[list[str]]:
    return func.string_to_array(func.lower(text), null(), type_=ARRAY(Text))


def _owners(words: str) -> Select[int, int | None]:
    addresses = {words.lower()}
    with suppress(Invalid):  # it is a name or a mail address, then
        addresses.add(canonical_address("phone", words))
    owners = select(Customer.id, Customer.merged_into_id).join(Identity)
    return owners.where(Identity.kind.in_(REACHED_AT), Identity.value.in_(addresses))
