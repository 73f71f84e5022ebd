"""The one door to a complaint: who may open it, who may see where it stands, and who gets nothing (F-17)."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, String, false, func, or_, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_handle_complaints, may_see_complaints, visible_team_ids
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.references import read_reference
from contactcenter.complaints.service import find_case
from contactcenter.core.errors import NotAllowed, NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.models import Queue
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.ports import Actor


class View(StrEnum):
    """How much of a case somebody sees: everything, or only where it stands."""

    FULL = "full"
    STATUS = "status"


def access_case(session: Session, user: User, reference: str) -> tuple[ComplaintCase, View]:
    """The case and how much of it `user` sees. NotFound for everybody else, so that nobody learns what exists."""
    written = read_reference(reference)
    case = find_case(session, written) if written else None
    view = view_of(session, user, case) if case else None
    if case is None or view is None:
        raise NotFound(_("There is no complaint %(reference)s that you may see.", reference=reference[:40]))
    return case, view


def view_of(session: Session, user: User, case: ComplaintCase) -> View | None:
    """Complaint roles and administrators see all; the ticket's owner and team the status; a subject and sales nothing."""
    if not may_see_complaints(user):
        return None
    if user.actor in case.subjects:
        return None
    if may_handle_complaints(user) or user.has(Role.ADMINISTRATOR):
        return View.FULL
    teams = visible_team_ids(session, user)
    if case.ticket.owner_id == user.id or user.actor in case.handlers.values():
        return View.STATUS
    if teams is None or case.ticket.queue.team_id in teams:
        return View.STATUS
    return None


def cases_visible_to(session: Session, user: User) -> ColumnElement[bool]:
    """The same rule as a condition for lists; join ComplaintCase."""
    if not may_see_complaints(user):
        return false()
    not_about_me = ~ComplaintCase.subjects.contains([user.actor])
    teams = visible_team_ids(session, user)
    if may_handle_complaints(user) or user.has(Role.ADMINISTRATOR) or teams is None:
        return not_about_me
    mine = ComplaintCase.ticket.has(Ticket.owner_id == user.id)
    team = ComplaintCase.ticket.has(Ticket.queue.has(Queue.team_id.in_(teams))) if teams else false()
    return not_about_me & or_(mine, team)


FRONT_STEPS = frozenset(
    {"admit", "forward", "recipient_confirmed", "resolve_now", "contact_attempt", "comment", "deliver"}
)
"""What the ticket's own team does on a case: it knows the customer, but neither judges nor sees the evidence."""


def refuse_step(view: View, event: str) -> None:
    """Raises NotAllowed for a step that somebody with this view may not even try; the case's rules come after."""
    if view is not View.FULL and event not in FRONT_STEPS:
        raise NotAllowed(_("Only those who handle complaints may do that."))


def complaints_about(ticket_ids: Collection[int]) -> Select[int, str]:
    """Of these tickets, each with everybody whom its complaint is about."""
    about = func.jsonb_array_elements_text(ComplaintCase.subjects, type_=String)
    return select(ComplaintCase.ticket_id, about).where(ComplaintCase.ticket_id.in_(ticket_ids))


def complained_about(actor: Actor) -> ColumnElement[bool]:
    """Tickets whose complaint is about `actor`: its letters and the customer's words on it are not for him (F-01)."""
    about_me = select(ComplaintCase.id).where(
        ComplaintCase.ticket_id == Ticket.id,
        ComplaintCase.subjects.contains(func.jsonb_build_array(actor)),
    )
    return about_me.exists()
