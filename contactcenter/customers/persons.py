"""Customers who turn out to be one person: joined they share one history, and may be separated again.

No row is moved: what each of them wrote stays his, and reading goes over all of them. So separating undoes joining
exactly, but for what came in meanwhile, which stays with the survivor.
"""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Select, select
from sqlalchemy.orm import Session

from contactcenter.core.errors import Conflict
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.events import CustomerJoined, CustomerSeparated
from contactcenter.customers.models import Customer, Identity


def survivor_of(session: Session, customer: Customer) -> Customer:
    """Who a joined customer is now known as; himself if he was not joined."""
    while customer.merged_into_id is not None:
        customer = session.get_one(Customer, customer.merged_into_id)
    return customer


def same_person(session: Session, customer_id: int) -> Select[tuple[int]]:
    """The ids of all customers who are this person, for `IN`."""
    survivor = survivor_of(session, session.get_one(Customer, customer_id))
    people = select(Customer.id).where(Customer.id == survivor.id).cte("same_person", recursive=True)
    joined = select(Customer.id).join(people, Customer.merged_into_id == people.c.id)
    return select(people.union_all(joined).c.id)


def person_at(kind: str, value: str | BindParameter[str]) -> Select[tuple[int]]:
    """The ids of all customers who are the person with that address, for `IN`; without asking anybody before."""
    owners = select(Customer.id, Customer.merged_into_id).join(Identity)
    people = known_as(owners.where(Identity.kind == kind, Identity.value == value)).cte(
        "people", recursive=True
    )
    joined = select(Customer.id).join(people, Customer.merged_into_id == people.c.id)
    return select(people.union_all(joined).c.id)


def known_as(customers: Select[int, int | None]) -> Select[tuple[int]]:
    """The ids of who these customers, as (id, merged_into_id), are now known as, for `IN`."""
    found = customers.cte(recursive=True)
    into = select(Customer.id, Customer.merged_into_id).join(found, Customer.id == found.c.merged_into_id)
    found = found.union_all(into)
    return select(found.c.id).where(found.c.merged_into_id.is_(None))


def addresses_of(session: Session, customer: Customer, kind: str) -> Sequence[str]:
    """All addresses of this person, those of `customer` himself first."""
    theirs = select(Identity.value).where(
        Identity.kind == kind, Identity.customer_id.in_(same_person(session, customer.id))
    )
    return session.scalars(theirs.order_by(Identity.customer_id != customer.id, Identity.id)).all()


def join_customers(session: Session, customer: Customer, into: Customer, *, actor: str) -> None:
    """From now on `customer` is known as `into`. Raises Conflict if they are one person already."""
    _lock(session, customer, into)
    if survivor_of(session, customer) is survivor_of(session, into):
        raise Conflict(_("These two are one person already."))
    if customer.merged_into_id is not None or into.merged_into_id is not None:
        raise Conflict(_("This customer was being changed. Try again."))
    customer.merged_into_id = into.id
    event = CustomerJoined(into.id, customer.id)
    record(session, event, actor=actor, subject=Subject(customer_id=into.id))


def separate_customer(session: Session, customer: Customer, *, actor: str) -> None:
    """They were two people after all. Raises Conflict if he is not joined to anybody."""
    _lock(session, customer)
    if customer.merged_into_id is None:
        raise Conflict(_("This customer is not joined to another one."))
    event = CustomerSeparated(customer.merged_into_id, customer.id)
    record(session, event, actor=actor, subject=Subject(customer_id=customer.merged_into_id))
    customer.merged_into_id = None


def joined_to(session: Session, customer: Customer) -> list[Customer]:
    """Those who were joined to him, themselves."""
    joined = select(Customer).where(Customer.merged_into_id == customer.id)
    return list(session.scalars(joined.order_by(Customer.id)))


def _lock(session: Session, *customers: Customer) -> None:
    """In the order of their ids, so that two who join the same pair crosswise do not wait in a circle."""
    for customer in sorted(customers, key=lambda one: one.id):
        session.refresh(customer, with_for_update={"of": Customer})
