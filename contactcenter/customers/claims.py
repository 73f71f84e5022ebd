"""Addresses that people type for themselves: a claim is shown as one and leads nobody to anybody until it is proved.

An answer to a mail that we sent to that address shows that somebody reads it. It belongs to who answers, and only
staff, who read the answer, join him to the claimant: he may well say that it was somebody else who wrote.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.core import clock
from contactcenter.core.errors import NotFound
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.events import AddressClaimed, AddressProved, ClaimRefused
from contactcenter.customers.models import AddressClaim, Customer, Outcome
from contactcenter.customers.persons import addresses_of, join_customers, survivor_of
from contactcenter.customers.service import canonical_address, find_by_identity, hold_address


def claim_email(session: Session, customer: Customer, typed: str) -> str:
    """Note that `customer` says this address is his; the address in its canonical form. Raises Invalid if it is none.

    An address that he is known by already needs no claim; the same claim twice is one.
    """
    value = canonical_address("email", typed)
    holder = find_by_identity(session, "email", value)
    if holder is not None and holder.id == customer.id:
        return value
    row = {"customer_id": customer.id, "kind": "email", "value": value, "created_at": clock.now()}
    noted = insert(AddressClaim).values(row).on_conflict_do_nothing().returning(AddressClaim.id)
    if session.execute(noted).first() is not None:
        event = AddressClaimed(customer.id, "email")
        record(session, event, actor=customer.actor, subject=Subject(customer_id=customer.id))
    return value


def open_claims(session: Session, customer: Customer) -> Sequence[AddressClaim]:
    """What he claims and nobody has settled, the newest first."""
    claims = select(AddressClaim).where(
        AddressClaim.customer_id == customer.id,
        or_(AddressClaim.outcome.is_(None), AddressClaim.outcome == Outcome.PROVED),
    )
    return session.scalars(claims.order_by(AddressClaim.id.desc())).all()


def is_refused(session: Session, customer: Customer, address: str) -> bool:
    """Whether staff said that this address, which he typed, is not his."""
    refused = select(AddressClaim.id).where(
        AddressClaim.customer_id == customer.id,
        AddressClaim.value == address,
        AddressClaim.outcome == Outcome.REFUSED,
    )
    return session.scalar(refused) is not None


def email_of(session: Session, customer: Customer) -> str | None:
    """Where to write to him: an address he is known by, be it as whom he was joined to, else the one he typed last."""
    known = addresses_of(session, customer, "email")
    return known[0] if known else next((claim.value for claim in open_claims(session, customer)), None)


def prove_claim(session: Session, customer: Customer, value: str, *, actor: str) -> None:
    """A mail to this address was answered: if he claims it, staff decide now, unless it turns out to be his already."""
    claim = next((one for one in open_claims(session, customer) if one.value == value), None)
    if claim is None or claim.is_proved:
        return
    if find_by_identity(session, "email", value) is survivor_of(session, customer):
        accept_claim(session, claim, actor=actor)
    else:
        claim.outcome = Outcome.PROVED
        _record_proof(session, claim, actor)


def accept_claim(session: Session, claim: AddressClaim, *, actor: str) -> Customer:
    """Let the address be his; whoever had it is the same person. Returns who he is now known as."""
    if not claim.is_proved:
        _record_proof(session, claim, actor)
    claim.outcome, claim.settled_at = Outcome.ACCEPTED, clock.now()
    person = survivor_of(session, session.get_one(Customer, claim.customer_id))
    holder = find_by_identity(session, "email", claim.value) or person
    if holder is person:
        hold_address(session, person, "email", claim.value, verified=True, actor=actor)
    else:
        join_customers(session, person, holder, actor=actor)
    return holder


def _record_proof(session: Session, claim: AddressClaim, actor: str) -> None:
    event = AddressProved(claim.customer_id, claim.kind)
    record(session, event, actor=actor, subject=Subject(customer_id=claim.customer_id))


def refuse_claim(session: Session, claim: AddressClaim, *, actor: str) -> None:
    """Staff know better: the address is not his, and nobody is asked again."""
    claim.outcome, claim.settled_at = Outcome.REFUSED, clock.now()
    event = ClaimRefused(claim.customer_id, claim.kind)
    record(session, event, actor=actor, subject=Subject(customer_id=claim.customer_id))


def access_claim(session: Session, customer: Customer, claim_id: int) -> AddressClaim:
    """An open claim of this very customer, locked. Raises NotFound for any other."""
    claim = session.get(AddressClaim, claim_id, with_for_update=True)
    if claim is None or claim.customer_id != customer.id or claim.settled_at is not None:
        raise NotFound(_("This question is settled already."))
    return claim
