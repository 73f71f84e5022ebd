"""Promises: kept, broken and owed again; a snooze ends in time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.core.clock import frozen
from contactcenter.core.errors import Invalid
from contactcenter.core.events import EventRow
from contactcenter.queues.models import BusinessHours
from contactcenter.tickets import service, sla
from contactcenter.tickets.models import Ticket, TicketSla
from tests.due import fire_next
from tests.world import World

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
REPLY_S, RESOLVE_S = 3600, 7200


@pytest.fixture
def ticket(db_session: Session, world: World) -> Ticket:
    """Received MONDAY; a reply is owed within an hour, the rest within two."""
    world.support.first_reply_s, world.support.resolve_s = REPLY_S, RESOLVE_S
    with frozen(MONDAY):
        return service.open_ticket(
            db_session, world.wang_li, world.support, "Where?", actor=world.wang_li.actor
        )


def after(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


def pass_to(session: Session, seconds: float) -> None:
    """Let time pass: what falls due, happens."""
    with frozen(after(seconds)):
        while fire_next(session):
            pass


def promise(session: Session, ticket: Ticket, name: str) -> TicketSla:
    return session.get_one(TicketSla, (ticket.id, name), populate_existing=True)


def states(session: Session, ticket: Ticket) -> tuple[str, str]:
    return promise(session, ticket, "first_reply").state, promise(session, ticket, "resolve").state


def breaches(session: Session) -> int:
    return session.scalar(select(func.count()).where(EventRow.name == "ticket.sla_breached")) or 0


def test_promises_in_time_are_met(db_session: Session, world: World, ticket: Ticket) -> None:
    service.note_first_reply(db_session, ticket, after(100))
    service.note_first_reply(db_session, ticket, after(200))
    with frozen(after(300)):
        service.set_status(db_session, ticket, "solved", actor=world.alice.actor)
    pass_to(db_session, 99_999)
    assert states(db_session, ticket) == ("met", "met")
    assert promise(db_session, ticket, "first_reply").stopped_at == ticket.first_reply_at == after(100)
    assert breaches(db_session) == 0


def test_promise_breaks_at_its_instant_and_once(db_session: Session, world: World, ticket: Ticket) -> None:
    pass_to(db_session, REPLY_S - 1)
    assert states(db_session, ticket) == ("running", "running")
    pass_to(db_session, REPLY_S)
    assert states(db_session, ticket) == ("breached", "running")
    pass_to(db_session, RESOLVE_S)
    pass_to(db_session, 99_999)
    assert states(db_session, ticket) == ("breached", "breached")
    assert breaches(db_session) == 2


def test_timer_that_rings_too_early_breaks_nothing(db_session: Session, ticket: Ticket) -> None:
    with frozen(after(REPLY_S - 1)):
        sla.on_due(db_session, {"ticket_id": ticket.id, "name": "first_reply"})
    assert states(db_session, ticket) == ("running", "running")


def test_broken_promise_stays_broken_and_tells_when_it_ended(
    db_session: Session, world: World, ticket: Ticket
) -> None:
    pass_to(db_session, REPLY_S)
    service.note_first_reply(db_session, ticket, after(5000))
    late = promise(db_session, ticket, "first_reply")
    assert (late.state, late.stopped_at) == ("breached", after(5000))


def test_ticket_solved_without_words_owes_no_reply(db_session: Session, world: World, ticket: Ticket) -> None:
    with frozen(after(60)):
        service.set_status(db_session, ticket, "solved", actor=world.alice.actor)
    pass_to(db_session, 99_999)
    assert states(db_session, ticket) == ("met", "met")
    assert ticket.first_reply_at is None
    assert breaches(db_session) == 0


def test_reopened_ticket_owes_its_resolution_again(db_session: Session, world: World, ticket: Ticket) -> None:
    pass_to(db_session, RESOLVE_S)
    with frozen(after(8000)):
        service.set_status(db_session, ticket, "solved", actor=world.alice.actor)
    with frozen(after(9000)):
        service.wake_for_message(db_session, ticket, actor=world.wang_li.actor)
    again = promise(db_session, ticket, "resolve")
    assert (again.state, again.due_at, again.stopped_at) == ("running", after(9000 + RESOLVE_S), None)
    pass_to(db_session, 9000 + RESOLVE_S)
    assert states(db_session, ticket) == ("breached", "breached")


def test_promise_counts_opening_hours_from_the_receipt(db_session: Session, world: World) -> None:
    world.support.hours = BusinessHours(name="Office", zone="UTC", week=[[["09:00", "17:00"]]] * 7)
    world.support.first_reply_s = 2 * 3600
    with frozen(after(20_000)):
        letter = service.open_ticket(
            db_session, world.wang_li, world.support, "Letter", actor="system", received_at=MONDAY
        )
    assert promise(db_session, letter, "first_reply").due_at == MONDAY + timedelta(hours=18)
    assert letter.created_at == MONDAY


def test_snoozed_ticket_wakes_in_time_and_is_open(db_session: Session, world: World, ticket: Ticket) -> None:
    with frozen(MONDAY):
        service.set_status(db_session, ticket, "pending", actor=world.alice.actor)
        service.snooze_ticket(db_session, ticket, after(600), actor=world.alice.actor)
        service.snooze_ticket(db_session, ticket, after(900), actor=world.alice.actor)
    pass_to(db_session, 899)
    assert (ticket.status, ticket.snoozed_until) == ("pending", after(900))
    pass_to(db_session, 900)
    assert (ticket.status, ticket.snoozed_until) == ("open", None)


def test_message_ends_a_snooze(db_session: Session, world: World, ticket: Ticket) -> None:
    with frozen(MONDAY):
        service.set_status(db_session, ticket, "on_hold", actor=world.alice.actor)
        service.snooze_ticket(db_session, ticket, after(600), actor=world.alice.actor)
        service.wake_for_message(db_session, ticket, actor=world.wang_li.actor)
        service.set_status(db_session, ticket, "pending", actor=world.alice.actor)
    pass_to(db_session, 1000)
    assert (ticket.status, ticket.snoozed_until) == ("pending", None)


@pytest.mark.parametrize("seconds", [0, -1])
def test_snooze_needs_a_time_to_come(db_session: Session, world: World, ticket: Ticket, seconds: int) -> None:
    with frozen(MONDAY), pytest.raises(Invalid, match="still to come"):
        service.snooze_ticket(db_session, ticket, after(seconds), actor=world.alice.actor)
    assert ticket.snoozed_until is None
