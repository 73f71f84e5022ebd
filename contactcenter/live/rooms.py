"""Rooms of the console: who may listen to what. A client names a subject, never a room.

`ticket:42` what happens on one ticket · `queue:7` rows of a queue's list · `wall` the supervisor's board ·
`agent:5` what concerns one person, for himself alone. Each exists once per language.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints, visible_team_ids
from contactcenter.complaints.models import ComplaintCase
from contactcenter.core.errors import DomainError
from contactcenter.core.i18n import LANGUAGES
from contactcenter.queues.models import Queue
from contactcenter.tickets.access import access_ticket
from contactcenter.tickets.models import Ticket

NAMESPACE = "/console"


@dataclass(frozen=True, slots=True)
class Who:
    """Behind a console's socket: the session it was opened with, and its user."""

    token: str
    session_id: int
    user_id: int
    name: str


def room_for(session: Session, user: User, subject: str) -> str | None:
    """The room of `subject` in the user's language, or None if he may not listen to it."""
    kind, _, number = subject.partition(":")
    if kind == "wall" and user.has(Role.SUPERVISOR, Role.ADMINISTRATOR):
        return in_language("wall", user.language)
    if not number.isdecimal() or len(number) > 18:  # longer ones are no bigint
        return None
    if kind == "agent" and int(number) == user.id:
        return in_language(subject, user.language)
    if kind == "ticket" and _may_read_ticket(session, user, int(number)):
        return in_language(subject, user.language)
    if kind == "queue" and _may_read_queue(session, user, int(number)):
        return in_language(subject, user.language)
    return None


def hidden_from_some(session: Session, ticket: Ticket) -> bool:
    """Whether somebody who hears the ticket's queue may not see the ticket: he is who its complaint is about."""
    about_somebody = ComplaintCase.subjects != []
    query = select(ComplaintCase.id).where(ComplaintCase.ticket_id == ticket.id, about_somebody)
    return ticket.complaint_ref is not None and session.scalar(query) is not None


def in_language(subject: str, language: str) -> str:
    """The room's name on the wire."""
    return f"{subject}:{language if language in LANGUAGES else 'en'}"


def subject_of(room: str) -> str:
    """What a room of any language is about."""
    return room.rpartition(":")[0]


def _may_read_ticket(session: Session, user: User, ticket_id: int) -> bool:
    try:
        access_ticket(session, user, ticket_id)
    except DomainError:
        return False
    return True


def _may_read_queue(session: Session, user: User, queue_id: int) -> bool:
    """Rows of complaints come here, too, so that it is closed to those who sell; their list stays as it was opened."""
    if not may_see_complaints(user):
        return False
    queue = session.get(Queue, queue_id)
    teams = visible_team_ids(session, user)
    return queue is not None and (teams is None or queue.team_id in teams)
