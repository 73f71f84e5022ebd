"""What a customer says about his address, as staff are shown it: on his page and beside his tickets."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.customers.claims import open_claims
from contactcenter.customers.models import AddressClaim, Customer
from contactcenter.customers.persons import joined_to
from contactcenter.customers.service import find_by_identity
from contactcenter.tickets.queries import has_tickets, tickets_of_customer

EDITORS = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Claimed:
    """`holder` has that address already, if the reader may know him; `acceptable`: he may say that it is the customer's."""

    claim: AddressClaim
    holder: Customer | None
    acceptable: bool


@dataclass(frozen=True, slots=True)
class ClaimsView:
    """What he claims, who was joined to him, and whether the reader may settle it; `ticket_id` leads back there."""

    customer: Customer
    claims: Sequence[Claimed]
    joined: Sequence[Customer]
    may_settle: bool
    ticket_id: int | None = None


def claims_view(
    session: Session, user: User, customer: Customer, *, ticket_id: int | None = None
) -> ClaimsView:
    """For one reader, who may see the customer."""
    claims = [_claimed(session, user, claim) for claim in open_claims(session, customer)]
    return ClaimsView(customer, claims, joined_to(session, customer), user.has(*EDITORS), ticket_id)


def _claimed(session: Session, user: User, claim: AddressClaim) -> Claimed:
    holder = find_by_identity(session, "email", claim.value)
    known = holder is not None and bool(tickets_of_customer(session, user, holder.id, limit=1))
    acceptable = known or holder is None or is_known_by_answer(session, claim, holder)
    return Claimed(claim, holder if known else None, acceptable)


def is_known_by_answer(session: Session, claim: AddressClaim, holder: Customer) -> bool:
    """Whether all there is of `holder` is his answer to our mail, which who sees the claimant's ticket reads there."""
    return claim.is_proved and not has_tickets(session, holder.id)
