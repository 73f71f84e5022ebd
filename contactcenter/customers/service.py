"""Recognise, describe and change customers."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import available_timezones

import phonenumbers
from babel.core import get_global
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.core.text import storable
from contactcenter.customers.events import CustomerChanged, CustomerCreated, IdentityAdded
from contactcenter.customers.models import Customer, Identity, Organisation
from contactcenter.customers.persons import survivor_of

IdentityKind = Literal["email", "phone", "visitor"]
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"']{1,255}")
EDITABLE = {"name", "language", "zone", "segment", "vulnerable", "adjustments"}
TEXT_MAX = {"name": 200, "segment": 40}
ADJUSTMENTS = ("no_calls", "large_print", "sign_language", "carer_copy", "quiet_hours")


def identify(
    session: Session,
    kind: IdentityKind,
    value: str,
    *,
    name: str = "",
    language: str = "en",
    region: str = "GB",
) -> Customer:
    """The customer of that address, created if nobody has it; a name is learnt once, never overwritten.

    Two transactions that meet a new address at once end with one customer: the second waits for the first.
    """
    canonical = canonical_address(kind, value, region=region)
    known = find_by_identity(session, kind, canonical)
    if known is None:
        known = _create(session, kind, canonical, language, storable(name).strip()[: TEXT_MAX["name"]])
    if not known.name:
        known.name = storable(name).strip()[:200]
    return known


def find_by_identity(session: Session, kind: IdentityKind, canonical: str) -> Customer | None:
    """The living customer behind an address in canonical form (merged ones lead to their survivor)."""
    query = select(Customer).join(Identity).where(Identity.kind == kind, Identity.value == canonical)
    customer = session.scalar(query)
    return survivor_of(session, customer) if customer else None


def region_of(zone: str) -> str:
    """The country whose telephone numbers are written without a code where that zone's clocks count."""
    return str(get_global("zone_territories").get(zone, "GB"))


def canonical_address(kind: IdentityKind, value: str, *, region: str = "GB", field: str = "") -> str:
    """One spelling per address: mail in lower case, phone as E.164. Raises Invalid at `field` if it is none."""
    text = storable(value).strip()
    if kind == "email":
        if not _EMAIL.fullmatch(text):
            raise Invalid(_("%(value)s is not an e-mail address.", value=text[:80]), field=field or kind)
        return text.lower()
    if kind == "phone":
        return _e164(text, region, field or kind)
    return text


def add_identity(
    session: Session, customer: Customer, kind: IdentityKind, value: str, *, actor: str
) -> Identity:
    """Give a customer one more address. Raises Conflict if it belongs to somebody else."""
    return hold_address(session, customer, kind, canonical_address(kind, value, field="value"), actor=actor)


def hold_address(
    session: Session,
    customer: Customer,
    kind: IdentityKind,
    canonical: str,
    *,
    actor: str,
    verified: bool = False,
) -> Identity:
    """He is known by this address from now on; `verified` if he has shown that it is his. Raises Conflict as above.

    What somebody who was joined to him has is his already.
    """
    known = session.scalar(select(Identity).where(Identity.kind == kind, Identity.value == canonical))
    if known is not None:
        if survivor_of(session, known.customer) is not survivor_of(session, customer):
            raise Conflict(_("This address belongs to another customer."), details=[{"field": "value"}])
        known.verified = known.verified or verified
        return known
    identity = Identity(kind=kind, value=canonical, verified=verified)
    customer.identities.append(identity)
    session.flush()  # the address must be unique now, not at commit
    record(session, IdentityAdded(customer.id, kind), actor=actor, subject=Subject(customer_id=customer.id))
    return identity


def verify_address(session: Session, kind: IdentityKind, canonical: str) -> None:
    """Whoever has this address has shown that it is his; nothing happens if that was known."""
    known = update(Identity).where(Identity.kind == kind, Identity.value == canonical)
    session.execute(known.where(Identity.verified.is_(False)).values(verified=True))


def edit_customer(
    session: Session, customer: Customer, version: int, changes: Mapping[str, Any], *, actor: str
) -> None:  # Any: form values, checked here
    """Change fields of EDITABLE. Raises Conflict if the customer was changed since `version` was shown."""
    if customer.version != version:
        raise Conflict(_("Somebody changed this customer meanwhile. Reload and try again."))
    for name, value in changes.items():
        _check(name, value)
    changed = {name: [getattr(customer, name), value] for name, value in changes.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    for name, (_old, new) in changed.items():
        setattr(customer, name, new)
    if changed:
        customer.version += 1
        subject = Subject(customer_id=customer.id)
        record(session, CustomerChanged(customer.id, changed), actor=actor, subject=subject)


def display_name(customer: Customer) -> str:
    """The name, else an address, else a polite nobody."""
    address = next((one.value for one in customer.identities if one.kind != "visitor"), None)
    return customer.name or address or _("Visitor %(number)s", number=customer.id)


def address_of(customer: Customer, kind: IdentityKind) -> str | None:
    """The first address of that kind."""
    return next((one.value for one in customer.identities if one.kind == kind), None)


def _create(session: Session, kind: IdentityKind, canonical: str, language: str, name: str) -> Customer:
    customer = Customer(name=name, language=language if language in LANGUAGES else "en")
    if kind == "email":
        domain = canonical.rsplit("@", 1)[1]
        customer.organisation = session.scalar(select(Organisation).where(Organisation.domain == domain))
    session.add(customer)
    session.flush()  # its id is needed by the identity
    row = {"customer_id": customer.id, "kind": kind, "value": canonical}
    identity = session.scalar(insert(Identity).values(row).on_conflict_do_nothing().returning(Identity))
    if identity is None:
        session.delete(customer)
        session.flush()  # somebody else created this address while we looked
        return _winner(session, kind, canonical)
    set_committed_value(
        customer, "identities", [identity]
    )  # known without asking: nobody else can have added one
    record(
        session, CustomerCreated(customer.id), actor=customer.actor, subject=Subject(customer_id=customer.id)
    )
    return customer


def _winner(session: Session, kind: IdentityKind, canonical: str) -> Customer:
    known = find_by_identity(session, kind, canonical)
    if known is None:
        raise Conflict(_("This customer was being changed. Try again."))
    return known


def _e164(text: str, region: str, field: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise Invalid(_("%(value)s is not a phone number.", value=text[:40]), field=field) from error
    if not phonenumbers.is_possible_number(number):
        raise Invalid(_("%(value)s is not a phone number.", value=text[:40]), field=field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _check(name: str, value: object) -> None:
    if name not in EDITABLE:
        raise Invalid(_("%(field)s cannot be changed.", field=name), field=name)
    if name in TEXT_MAX and not isinstance(value, str):
        raise Invalid(_("%(field)s cannot be set to that.", field=name), field=name)
    if name in TEXT_MAX and len(str(value)) > TEXT_MAX[name]:
        raise Invalid(_("At most %(n)s characters.", n=TEXT_MAX[name]), field=name)
    if name == "language" and value not in LANGUAGES:
        raise Invalid(_("Choose English or Chinese."), field="language")
    if name == "zone" and value is not None and value not in available_timezones():
        raise Invalid(_("Choose one of the offered values."), field="zone")
    if name == "vulnerable" and not isinstance(value, bool):
        raise Invalid(_("%(field)s cannot be set to that.", field=name), field=name)
    if name == "adjustments" and not (isinstance(value, list) and all(one in ADJUSTMENTS for one in value)):
        raise Invalid(_("Unknown adjustment."), field="adjustments")
