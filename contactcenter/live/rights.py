"""Whose rights changed: told to every web process as soon as it is committed, before anything is pushed about it.

A change is written as the log writes it, so that a guard finds in the log what a broken line did not bring.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.events import SessionRevoked, TeamChanged, UserChanged, UserDeactivated
from contactcenter.accounts.models import Role
from contactcenter.complaints.events import ComplaintOpened
from contactcenter.core import push
from contactcenter.core.db import after_commit
from contactcenter.core.events import Event, EventRow, Recorded, subscribe
from contactcenter.queues.events import QueueChanged
from contactcenter.tickets.events import TicketOwnerChanged, TicketQueueChanged

CHANGED = "rights_changed"
KINDS: tuple[type[Event], ...] = (
    ComplaintOpened,
    QueueChanged,
    SessionRevoked,
    TeamChanged,
    TicketOwnerChanged,
    TicketQueueChanged,
    UserChanged,
    UserDeactivated,
)
OF_A_USER = {"roles", "team_id", "active", "language"}  # fields that decide which rooms are his


@dataclass(frozen=True, slots=True)
class Change:
    """What happened: an event's name and data. `at` and the subjects tell it from any other of its kind."""

    name: str
    at: str
    user_id: int | None
    data: dict[str, Any]  # Any: JSON

    @property
    def key(self) -> str:
        """The same for the change that was told and for its row in the log."""
        return json.dumps([self.at, self.name, self.user_id, self.data], sort_keys=True)


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who must be asked again: everybody in the rooms of `subjects`, or in all of theirs `users` (None: everybody).

    `sessions` have ended: who came with one must be asked in all of his rooms, too.
    """

    subjects: frozenset[str] = frozenset()
    users: frozenset[int] | None = frozenset()
    sessions: frozenset[int] = frozenset()
    off_the_phone: frozenset[int] = frozenset()


NOBODY = Concerned()


def register() -> None:
    """Hear of whatever may take a right away; called by compose."""
    for kind in KINDS:
        subscribe(kind, tell_processes)


def tell_processes(session: Session, recorded: Recorded[Event]) -> None:
    """Let every web process ask again, before it hears what else this transaction made to be pushed."""
    at, user_id = recorded.at.isoformat(), recorded.subject.user_id
    change = Change(recorded.event.name, at, user_id, asdict(recorded.event))
    if concerned(change) != NOBODY:
        after_commit(session, lambda: push.tell_processes(CHANGED, asdict(change)), first=True)


def concerned(change: Change) -> Concerned:
    """Whose rooms the change may close."""
    data = change.data
    match change.name:
        case TicketQueueChanged.name | ComplaintOpened.name:
            return _ticket(data["ticket_id"])
        case TicketOwnerChanged.name if data["old"] is not None:
            return _ticket(data["ticket_id"])
        case QueueChanged.name if "team_id" in data["changes"]:
            return Concerned(users=None)
        case TeamChanged.name if "manager_id" in data["changes"]:
            return Concerned(users=frozenset(data["changes"]["manager_id"]) - {None})
        case UserChanged.name if OF_A_USER & set(data["fields"]):
            return _user(change.user_id, phones=Role.AGENT in data["roles"])
        case UserDeactivated.name:
            return _user(change.user_id, phones=False)
        case SessionRevoked.name:
            return Concerned(sessions=frozenset({data["session_id"]}))
    return NOBODY


def _ticket(ticket_id: int) -> Concerned:
    return Concerned(subjects=frozenset({f"ticket:{ticket_id}"}))


def _user(user_id: int | None, *, phones: bool) -> Concerned:
    users = frozenset() if user_id is None else frozenset({user_id})
    return Concerned(users=users, off_the_phone=frozenset() if phones else users)


def changes_since(session: Session, since: datetime) -> Sequence[Change]:
    """What the log knows of and concerns anybody, oldest first."""
    query = select(EventRow).where(EventRow.name.in_([kind.name for kind in KINDS]), EventRow.at >= since)
    rows = session.scalars(query.order_by(EventRow.at, EventRow.id))
    changes = [Change(row.name, row.at.isoformat(), row.user_id, row.data) for row in rows]
    return [change for change in changes if concerned(change) != NOBODY]
