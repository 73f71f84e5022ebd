"""Erase a customer: what he said and is goes, what happened stays, told of a number without a name.

Announced as an event: each floor does its part in the same transaction, or refuses it by raising Conflict. It changes
the event log, which the application's own role may not: the caller works as the owner of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contactcenter.core import clock
from contactcenter.core.errors import Conflict
from contactcenter.core.events import Event, EventRow, Subject, blank_words, record
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.models import AddressClaim, Customer, Identity
from contactcenter.customers.persons import same_person, survivor_of

NOTHING: dict[str, Any] = {
    "name": "",
    "organisation_id": None,
    "language": "en",
    "zone": None,
    "segment": "",
    "vulnerable": False,
    "adjustments": [],
}  # Any: each column's own type


@dataclass(frozen=True, slots=True)
class CustomerErased(Event):
    """All that were joined to one person; `before_its_time` also what is to be kept by the rules of complaints."""

    name: ClassVar[str] = "customer.erased"
    customer_id: int
    customer_ids: list[int]
    before_its_time: bool = False


def erase_customer(
    session: Session, customer: Customer, *, actor: str, before_its_time: bool = False
) -> list[Customer]:
    """Erase the person behind `customer`; returns all who he was. Raises Conflict if something still needs him."""
    survivor = survivor_of(session, customer)
    them = list(session.scalars(select(Customer).where(Customer.id.in_(same_person(session, survivor.id)))))
    if all(one.erased_at is not None for one in them):
        raise Conflict(_("This customer has been erased already."))
    ids = sorted(one.id for one in them)
    event = CustomerErased(survivor.id, ids, before_its_time)
    record(session, event, actor=actor, subject=Subject(customer_id=survivor.id))
    _forget(session, ids)
    blank_words(session, EventRow.customer_id.in_(ids))
    return them


def addresses_known(session: Session, ids: Sequence[int]) -> list[str]:
    """His, for finding what names him elsewhere: those who do their part are asked before the addresses go."""
    held = session.scalars(select(Identity.value).where(Identity.customer_id.in_(ids)))
    claimed = session.scalars(select(AddressClaim.value).where(AddressClaim.customer_id.in_(ids)))
    return sorted({*held, *claimed})


def _forget(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(Identity).where(Identity.customer_id.in_(ids)))
    session.execute(delete(AddressClaim).where(AddressClaim.customer_id.in_(ids)))
    gone = {**NOTHING, "erased_at": clock.now(), "version": Customer.version + 1}
    session.execute(update(Customer).where(Customer.id.in_(ids)).values(gone))
