"""The one door to a ticket, and to its customer: who may see it."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import CTE, ColumnElement, false, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints, visible_team_ids
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.models import Customer
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.ports import excluded, excluded_people

CASE_ROLES = (Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER)


def access_ticket(session: Session, user: User, ticket_id: int, *, lock: bool = False) -> Ticket:
    """The ticket, if `user` may see it; NotFound otherwise, so that nobody learns which numbers exist.

    With `lock` the row is held until the unit of work ends, so that edits follow one another.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update={"of": Ticket} if lock else None)
    if ticket is None or not may_see(session, user, ticket):
        raise NotFound(_("There is no ticket %(number)s that you may see.", number=ticket_id))
    return ticket


def may_see(session: Session, user: User, ticket: Ticket) -> bool:
    """Own team's queue, own ticket, managed teams, case roles for complaints, all for admins; sales no complaint."""
    if is_kept_from(session, user, ticket):
        return False
    teams = visible_team_ids(session, user)
    if teams is None:
        return True
    if user.active and ticket.owner_id == user.id:
        return True
    if ticket.complaint_ref is not None and user.has(*CASE_ROLES):
        return True
    return ticket.queue.team_id in teams


def is_kept_from(session: Session, user: User, ticket: Ticket) -> bool:
    """Whether the complaint on the ticket hides it from `user`, wherever he works and whoever gives it to him."""
    if ticket.complaint_ref is None:
        return False
    if not may_see_complaints(user):
        return True
    query = select(Ticket.id).where(Ticket.id == ticket.id, excluded(user.actor))
    return session.scalar(query) is not None


def people_kept_from(session: Session, ticket_ids: Collection[int]) -> defaultdict[int, set[int]]:
    """For each of these tickets the people excluded from its complaint by name; who sells is kept from all of them."""
    kept: defaultdict[int, set[int]] = defaultdict(set)
    for ticket_id, actor in excluded_people(session, ticket_ids) if ticket_ids else ():
        kind, _colon, number = actor.partition(":")
        if kind == "user":
            kept[ticket_id].add(int(number))
    return kept


def visible_to(session: Session, user: User) -> ColumnElement[bool]:
    """The same rule as a condition for lists and searches of tickets."""
    harmless = not_(excluded(user.actor)) if may_see_complaints(user) else Ticket.complaint_ref.is_(None)
    teams = visible_team_ids(session, user)
    if teams is None:
        return harmless
    queues = Ticket.queue.has(Queue.team_id.in_(teams)) if teams else false()
    conditions: list[ColumnElement[Any]] = [queues]
    if user.active:
        conditions.append(Ticket.owner_id == user.id)
    if user.has(*CASE_ROLES):
        conditions.append(Ticket.complaint_ref.is_not(None))
    return harmless & or_(*conditions)


def has_visible_ticket(session: Session, user: User) -> ColumnElement[bool]:
    """The condition for customers: `user` may know those with a ticket that he may see, their own or of one joined to them."""
    seen = visible_to(session, user)
    own = select(Ticket.id).where(Ticket.customer_id == Customer.id, seen).correlate(Customer).limit(1)
    people = _joined_to_each()
    theirs = (
        select(Ticket.id).where(Ticket.customer_id == people.c.id, seen).correlate(people).limit(1).lateral()
    )
    of_joined = select(theirs.c.id).select_from(people.join(theirs, true())).limit(1)
    # LIMIT keeps the planner from reading every ticket once, in place of one for each customer of a page.
    return or_(*(one.scalar_subquery().is_not(None) for one in (own, of_joined)))


def _joined_to_each() -> CTE:
    """For each Customer of the statement around it: those joined to him, those joined to them, and so on."""
    joined, further = aliased(Customer), aliased(Customer)
    first = select(joined.id).where(joined.merged_into_id == Customer.id).correlate(Customer)
    people = first.cte("joined_to_each", recursive=True, nesting=True)
    return people.union_all(select(further.id).join(people, further.merged_into_id == people.c.id))
