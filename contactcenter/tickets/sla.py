"""Promises of a ticket: due instants in business time, kept as rows and due-at timers."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contactcenter.core import clock
from contactcenter.core.events import Subject, record
from contactcenter.core.timers import cancel_timer, set_timer
from contactcenter.queues.hours import add_business_time
from contactcenter.queues.models import Queue
from contactcenter.tickets.events import SlaBreached
from contactcenter.tickets.models import Ticket, TicketSla

TIMER = "ticket.sla"
FIRST_REPLY = "first_reply"
RESOLVE = "resolve"


def promises(queue: Queue, since: datetime) -> list[TicketSla]:
    """Both promises of a new ticket in `queue`, from `since` (its receipt) by the queue's targets and hours."""
    targets = ((FIRST_REPLY, queue.first_reply_s), (RESOLVE, queue.resolve_s))
    return [
        TicketSla(name=name, due_at=add_business_time(queue.hours, since, seconds), state="running")
        for name, seconds in targets
    ]


def watch_promises(session: Session, ticket: Ticket) -> None:
    """Let every promise of a new ticket fall due at its instant."""
    for sla in ticket.slas:
        _watch(session, sla)


def stop_promise(session: Session, ticket_id: int, name: str, at: datetime) -> None:
    """The promise was kept (or kept late: a breach stays a breach, with the instant it ended)."""
    running = update(TicketSla).where(TicketSla.ticket_id == ticket_id, TicketSla.name == name)
    session.execute(running.where(TicketSla.state == "running").values(state="met", stopped_at=at))
    late = running.where(TicketSla.state == "breached", TicketSla.stopped_at.is_(None))
    session.execute(late.values(stopped_at=at))
    cancel_timer(session, TIMER, f"{ticket_id}:{name}")


def give_way(session: Session, ticket: Ticket) -> None:
    """The ticket became a complaint: its own clocks say when it must be solved. A promise broken before stays broken."""
    mine = (TicketSla.ticket_id == ticket.id, TicketSla.name == RESOLVE, TicketSla.state == "running")
    session.execute(delete(TicketSla).where(*mine))
    session.expire(ticket, ["slas"])
    cancel_timer(session, TIMER, f"{ticket.id}:{RESOLVE}")


def restart_promise(session: Session, ticket: Ticket, name: str, since: datetime) -> None:
    """A re-opened ticket owes its resolution again."""
    sla = session.get(TicketSla, (ticket.id, name))
    if sla is None:
        return
    sla.due_at = add_business_time(ticket.queue.hours, since, ticket.queue.resolve_s)
    sla.state, sla.stopped_at = "running", None
    _watch(session, sla)


def _watch(session: Session, sla: TicketSla) -> None:
    args = {"ticket_id": sla.ticket_id, "name": sla.name}
    set_timer(session, TIMER, f"{sla.ticket_id}:{sla.name}", sla.due_at, args)


def on_due(session: Session, args: dict[str, Any]) -> None:
    """Timer: a promise that still runs at its due instant is breached, visibly."""
    query = select(TicketSla).where(TicketSla.ticket_id == args["ticket_id"], TicketSla.name == args["name"])
    sla = session.scalar(query.with_for_update())
    if sla is None or sla.state != "running" or sla.due_at > clock.now():
        return
    sla.state = "breached"
    event = SlaBreached(sla.ticket_id, sla.name, sla.due_at.isoformat())
    record(session, event, actor="system", subject=Subject(ticket_id=sla.ticket_id))
