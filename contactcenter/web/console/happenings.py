"""What happened between messages, each as an icon and one sentence in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.core.events import EventRow
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.models import Queue
from contactcenter.tickets.history import history_of
from contactcenter.tickets.models import Ticket

Data = Mapping[str, Any]  # Any: an event's JSON


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the timeline that nobody wrote."""

    icon: str
    text: str
    at: datetime
    type: Literal["event"] = "event"


@dataclass(frozen=True, slots=True)
class _Names:
    """Looks up who and what the events name; each once per session."""

    session: Session

    def actor(self, actor: str) -> str:
        kind, _colon, number = actor.partition(":")
        if kind == "customer":
            return _("The customer")
        return self.person(int(number)) if kind == "user" and number.isdecimal() else _("Candor")

    def person(self, user_id: int | None) -> str:
        found = self.session.get(User, user_id) if user_id is not None else None
        return found.name if found else _("nobody")

    def queue(self, queue_id: int) -> str:
        found = self.session.get(Queue, queue_id)
        return found.name if found else "?"


Teller = Callable[[_Names, EventRow], tuple[str, str] | None]  # icon and sentence; None: not worth a line


def happenings(session: Session, ticket: Ticket, *, since: datetime | None) -> list[Happening]:
    """The ticket's happenings at or after `since` (None: all), oldest first."""
    names = _Names(session)
    rows: Sequence[EventRow] = history_of(session, ticket.id, list(TELLERS), since=since)
    told = [(row, TELLERS[row.name](names, row)) for row in rows]
    return [Happening(line[0], line[1], row.at) for row, line in told if line is not None]


def _opened(names: _Names, row: EventRow) -> tuple[str, str] | None:
    if row.actor.startswith("customer:"):
        return None  # the first message says it
    return "ticket", _("%(who)s opened this ticket", who=names.actor(row.actor))


def _status(names: _Names, row: EventRow) -> tuple[str, str] | None:
    old, new, who = row.data["old"], row.data["new"], names.actor(row.actor)
    if new == "open":
        # From `new`: somebody took it, which is a line of its own.
        return None if old == "new" else ("rotate-ccw", _("%(who)s opened it again", who=who))
    sentences = {
        "pending": ("clock", _("%(who)s waits for the customer", who=who)),
        "on_hold": ("pause", _("%(who)s put it on hold", who=who)),
        "solved": ("check", _("%(who)s solved it", who=who)),
        "closed": ("archive", _("%(who)s closed it", who=who)),
    }
    return sentences.get(new)


def _owner(names: _Names, row: EventRow) -> tuple[str, str]:
    who, new = names.actor(row.actor), row.data["new"]
    if new is None:
        return "user-plus", _("%(who)s gave it back to the queue", who=who)
    if row.actor == f"user:{new}":
        return "hand", _("%(who)s took it", who=who)
    return "user-check", _("%(who)s gave it to %(to)s", who=who, to=names.person(new))


def _queue(names: _Names, row: EventRow) -> tuple[str, str]:
    return "layers", _(
        "%(who)s moved it to %(queue)s", who=names.actor(row.actor), queue=names.queue(row.data["new"])
    )


def _changed(names: _Names, row: EventRow) -> tuple[str, str]:
    return "pencil", _("%(who)s edited the ticket", who=names.actor(row.actor))


def _snoozed(names: _Names, row: EventRow) -> tuple[str, str]:
    who = names.actor(row.actor)
    return "alarm-clock", _("%(who)s woke it", who=who) if row.data["until"] is None else _(
        "%(who)s snoozed it", who=who
    )


def _breached(_names: _Names, row: EventRow) -> tuple[str, str]:
    late = {"first_reply": _("The first reply is late"), "resolve": _("The solution is late")}
    return "triangle-alert", late.get(row.data["sla"], _("A promise is late"))


def _answered(names: _Names, row: EventRow) -> tuple[str, str]:
    who, why = names.actor(row.actor), row.data["why"]
    if row.data["yes"]:
        return "scale", _("%(who)s: it is a complaint (%(why)s)", who=who, why=why)
    return "scale", _("%(who)s: it is no complaint (%(why)s)", who=who, why=why)


def _rated(_names: _Names, row: EventRow) -> tuple[str, str]:
    return "star", _("The customer gave %(stars)s of 5", stars=row.data["rating"])


def _ended(names: _Names, row: EventRow) -> tuple[str, str]:
    return "log-out", _("%(who)s ended the conversation", who=names.actor(row.actor))


def _code_chosen(names: _Names, row: EventRow) -> tuple[str, str]:
    who, code = names.actor(row.actor), row.data["code"]
    return "clipboard-list", _("%(who)s noted what it was about: %(code)s", who=who, code=code)


def _silent(_names: _Names, _row: EventRow) -> tuple[str, str]:
    return "moon", _("The customer is silent: the chat takes no place until he writes")


TELLERS: dict[str, Teller] = {
    "ticket.opened": _opened,
    "ticket.status_changed": _status,
    "ticket.owner_changed": _owner,
    "ticket.queue_changed": _queue,
    "ticket.changed": _changed,
    "ticket.snoozed": _snoozed,
    "ticket.sla_breached": _breached,
    "ticket.complaint_answered": _answered,
    "conversation.rated": _rated,
    "conversation.ended": _ended,
    "conversation.silent": _silent,
    "wrap_up.code_chosen": _code_chosen,
}
