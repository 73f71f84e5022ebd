"""Open and change tickets. Every change writes its event; edits by people carry the version they saw."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.core import clock
from contactcenter.core.db import lock_row
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _
from contactcenter.core.search import index_text
from contactcenter.core.timers import cancel_timer, set_timer
from contactcenter.customers.models import Customer
from contactcenter.queues.models import Queue
from contactcenter.tickets import sla
from contactcenter.tickets.access import is_kept_from
from contactcenter.tickets.events import (
    ComplaintAnswered,
    TicketChanged,
    TicketOpened,
    TicketOwnerChanged,
    TicketQueueChanged,
    TicketSnoozed,
    TicketStatusChanged,
)
from contactcenter.tickets.models import Kind, Status, Ticket
from contactcenter.tickets.ports import objections_to_closing
from contactcenter.tickets.states import DONE, REOPEN_DAYS, WAKES_ON_MESSAGE, may_follow

SNOOZE_TIMER = "ticket.snooze"
SUBJECT_MAX = 200


def open_ticket(
    session: Session,
    customer: Customer,
    queue: Queue,
    subject: str,
    *,
    actor: str,
    kind: str = Kind.QUESTION,
    priority: int = 0,
    language: str = "",
    received_at: datetime | None = None,
    related_id: int | None = None,
) -> Ticket:
    """A new ticket in `queue`; its promises run from `received_at` (UTC, now by default)."""
    since = received_at or clock.now()
    ticket = Ticket(
        subject=_subject(subject),
        kind=_kind(kind),
        status=Status.NEW.value,
        priority=priority,
        language=language or customer.language,
        brand_id=queue.brand_id,
        queue=queue,
        customer=customer,
        related_id=related_id,
        created_at=since,
        updated_at=clock.now(),
        slas=sla.promises(queue, since),
        search=func.to_tsvector(text("'simple'"), index_text(f"{subject} {customer.name}")),
    )
    session.add(ticket)
    session.flush()  # timers and the event need the number
    sla.watch_promises(session, ticket)
    event = TicketOpened(ticket.id, ticket.kind, queue.id, queue.brand_id)
    record(session, event, actor=actor, subject=_about(ticket))
    return ticket


def set_status(session: Session, ticket: Ticket, status: str, *, actor: str) -> None:
    """Move a ticket along the table of states.

    Raises Conflict with every objection to closing it, and for one that is closed for good.
    """
    if status == ticket.status:
        return
    if status not in set(Status) or not may_follow(ticket.status, status):
        raise Conflict(_("A ticket that is %(old)s cannot become %(new)s.", old=ticket.status, new=status))
    if is_closed_for_good(ticket):
        raise Conflict(_("This ticket closed more than %(days)s days ago. Open a new one.", days=REOPEN_DAYS))
    if status in DONE:
        _refuse_unfinished(session, ticket)
    _move(session, ticket, Status(status), actor)


def is_closed_for_good(ticket: Ticket) -> bool:
    """Closed more than REOPEN_DAYS ago: what comes now is a new matter, linked to it."""
    since = ticket.closed_at if ticket.status == Status.CLOSED else None
    return since is not None and clock.now() - since > timedelta(days=REOPEN_DAYS)


def wake_for_message(session: Session, ticket: Ticket, *, actor: str) -> None:
    """A customer wrote: what rested is open again, however long it was closed, and a snooze ends."""
    if ticket.status in WAKES_ON_MESSAGE:
        _move(session, ticket, Status.OPEN, actor)
    if ticket.snoozed_until is not None:
        snooze_ticket(session, ticket, None, actor=actor)


def note_first_reply(session: Session, ticket: Ticket, at: datetime) -> None:
    """The first answer of a person stops the first-reply promise."""
    if ticket.first_reply_at is None:
        ticket.first_reply_at = at
        sla.stop_promise(session, ticket.id, sla.FIRST_REPLY, at)


def assign_owner(session: Session, ticket: Ticket, owner: User | None, *, actor: str) -> None:
    """Make `owner` answer for the ticket (None: nobody). A new ticket becomes open. Invalid if he may not see it."""
    old, new = ticket.owner_id, owner.id if owner else None
    if old == new:
        return
    if owner is not None and is_kept_from(session, owner, ticket):
        raise Invalid(
            _("%(name)s may not see this complaint. Choose somebody else.", name=owner.name), field="owner"
        )
    ticket.owner = owner
    _touch(ticket)
    record(session, TicketOwnerChanged(ticket.id, old, new), actor=actor, subject=_about(ticket))
    if owner is not None and ticket.status == Status.NEW:
        set_status(session, ticket, Status.OPEN, actor=actor)


def move_to_queue(session: Session, ticket: Ticket, queue: Queue, *, actor: str) -> None:
    """Hand the matter to another queue; its age and promises stay."""
    if ticket.queue_id == queue.id:
        return
    old, ticket.queue = ticket.queue_id, queue
    _touch(ticket)
    record(session, TicketQueueChanged(ticket.id, old, queue.id), actor=actor, subject=_about(ticket))


def edit_ticket(
    session: Session, ticket: Ticket, version: int, changes: Mapping[str, Any], *, actor: str
) -> None:
    """Change subject, kind or priority. Raises Conflict if the ticket was edited since `version` was shown."""
    check_version(ticket, version)
    wanted = {name: _checked(name, value) for name, value in changes.items()}
    changed = {name: [getattr(ticket, name), value] for name, value in wanted.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    for name, (_old, new) in changed.items():
        setattr(ticket, name, new)
    if changed:
        _touch(ticket)
        record(session, TicketChanged(ticket.id, changed), actor=actor, subject=_about(ticket))


def check_version(ticket: Ticket, version: int) -> None:
    """Raises Conflict if the ticket was edited since `version` was shown."""
    if ticket.version != version:
        raise Conflict(_("Somebody changed this ticket meanwhile. Look at the new version and try again."))


def snooze_ticket(session: Session, ticket: Ticket, until: datetime | None, *, actor: str) -> None:
    """Let the ticket rest until an instant to come (None wakes it now)."""
    if until is not None and until <= clock.now():
        raise Invalid(_("Choose a time that is still to come."), field="until")
    ticket.snoozed_until = until
    _touch(ticket)
    if until is None:
        cancel_timer(session, SNOOZE_TIMER, str(ticket.id))
    else:
        set_timer(session, SNOOZE_TIMER, str(ticket.id), until, {"ticket_id": ticket.id})
    event = TicketSnoozed(ticket.id, until.isoformat() if until else None)
    record(session, event, actor=actor, subject=_about(ticket))


def on_snooze_due(session: Session, args: dict[str, Any]) -> None:
    """Timer: the ticket wakes and is open again."""
    ticket = session.get(Ticket, args["ticket_id"], with_for_update={"of": Ticket})
    if ticket is None or ticket.snoozed_until is None:
        return
    snooze_ticket(session, ticket, None, actor="system")
    if ticket.status in {Status.PENDING, Status.ON_HOLD}:
        set_status(session, ticket, Status.OPEN, actor="system")


def answer_complaint(session: Session, ticket: Ticket, user: User, *, yes: bool, why: str) -> None:
    """A person's answer to "is this a complaint?" (rule C-01). Raises Invalid without a reason."""
    if not why.strip():
        raise Invalid(_("Say in a few words why."), field="why")
    ticket.complaint_answer = {
        "yes": yes,
        "why": why.strip()[:500],
        "by": user.id,
        "at": clock.now().isoformat(),
    }
    if yes:
        ticket.kind = Kind.COMPLAINT.value
    _touch(ticket)
    event = ComplaintAnswered(ticket.id, yes, why.strip()[:500])
    record(session, event, actor=user.actor, subject=_about(ticket))


def _refuse_unfinished(session: Session, ticket: Ticket) -> None:
    objections = objections_to_closing(session, ticket)
    if objections:
        details = [
            {"rule": one.rule, "message": one.message, "how_to_fix": one.how_to_fix} for one in objections
        ]
        raise Conflict(" ".join(one.message for one in objections), details=details)


def _move(session: Session, ticket: Ticket, status: Status, actor: str) -> None:
    old, ticket.status = ticket.status, status.value
    _stamp(session, ticket, old)
    event = TicketStatusChanged(ticket.id, old, status.value)
    record(session, event, actor=actor, subject=_about(ticket))


def _stamp(session: Session, ticket: Ticket, old: str) -> None:
    now = clock.now()
    _touch(ticket)
    if ticket.status == Status.SOLVED:
        ticket.solved_at = now
        for name in (sla.FIRST_REPLY, sla.RESOLVE):  # a settled matter owes no reply either
            sla.stop_promise(session, ticket.id, name, now)
    if ticket.status == Status.CLOSED:
        ticket.closed_at = now
    if ticket.status == Status.OPEN and old in DONE:
        ticket.solved_at = ticket.closed_at = None
        sla.restart_promise(session, ticket, sla.RESOLVE, now)
        _release_from_who_left(session, ticket)


def _release_from_who_left(session: Session, ticket: Ticket) -> None:
    """What is settled keeps the name of who settled it; what is open again needs somebody who is still here."""
    owner = (
        lock_row(session, User, ticket.owner_id) if ticket.owner_id else None
    )  # he may be leaving just now
    if owner is not None and not owner.active:
        assign_owner(session, ticket, None, actor="system")


def _touch(ticket: Ticket) -> None:
    ticket.version += 1
    ticket.updated_at = clock.now()


def _about(ticket: Ticket) -> Subject:
    return Subject(ticket_id=ticket.id, customer_id=ticket.customer_id)


def _subject(subject: str) -> str:
    one_line = " ".join(subject.replace("\0", "").split())
    return one_line[:SUBJECT_MAX] or _("(no subject)")


def _kind(kind: str) -> str:
    if kind not in set(Kind):
        raise Invalid(_("%(kind)s is not a kind of ticket.", kind=kind), field="kind")
    return str(kind)


def _checked(name: str, value: Any) -> Any:  # Any: a JSON value on its way to being typed
    if name == "subject" and isinstance(value, str):
        return _subject(value)
    if name == "kind" and isinstance(value, str):
        return _kind(value)
    if name == "priority" and type(value) is int and -10 <= value <= 10:  # True is no priority
        return value
    raise Invalid(_("%(field)s cannot be set to that.", field=name), field=name)
