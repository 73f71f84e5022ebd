"""Statuses: every step that is allowed, every one that is not, and what a step brings with it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.service import deactivate_user
from contactcenter.core.clock import frozen
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict
from contactcenter.core.events import EventRow
from contactcenter.tickets import ports, service
from contactcenter.tickets.models import Status, Ticket
from contactcenter.tickets.ports import Objection
from contactcenter.tickets.states import DONE, LIVE
from tests.rivals import until_somebody_waits
from tests.world import World, build_world

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ALLOWED = {
    "new": "open pending on_hold solved",
    "open": "pending on_hold solved",
    "pending": "open on_hold solved",
    "on_hold": "open pending solved",
    "solved": "open closed",
    "closed": "open",
}
PAIRS = [(old, new) for old in ALLOWED for new in ALLOWED if old != new]


def opened(session: Session, world: World, status: str = "new") -> Ticket:
    ticket = service.open_ticket(
        session, world.wang_li, world.support, "Where is it?", actor=world.wang_li.actor
    )
    ticket.status = status
    if status == "closed":
        ticket.closed_at = datetime.now(UTC)
    session.flush()
    return ticket


def steps(session: Session, ticket: Ticket) -> list[tuple[str, str]]:
    """What the log says of its statuses."""
    rows = session.scalars(
        select(EventRow).where(EventRow.ticket_id == ticket.id, EventRow.name == "ticket.status_changed")
    )
    return [(row.data["old"], row.data["new"]) for row in rows]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_every_step_is_allowed_or_refused_by_the_table(
    db_session: Session, world: World, old: str, new: str
) -> None:
    ticket = opened(db_session, world, old)
    before = ticket.version
    if new in ALLOWED[old].split():
        service.set_status(db_session, ticket, new, actor=world.alice.actor)
        assert (ticket.status, ticket.version) == (new, before + 1)
        assert steps(db_session, ticket) == [(old, new)]
    else:
        with pytest.raises(Conflict, match=f"that is {old} cannot become {new}"):
            service.set_status(db_session, ticket, new, actor=world.alice.actor)
        assert (ticket.status, ticket.version, steps(db_session, ticket)) == (old, before, [])


def test_every_status_is_live_or_done() -> None:
    assert set(Status) == LIVE | DONE
    assert not LIVE & DONE


@pytest.mark.parametrize("status", ["", "merged", "OPEN"])
def test_unknown_status_is_refused(db_session: Session, world: World, status: str) -> None:
    with pytest.raises(Conflict):
        service.set_status(db_session, opened(db_session, world), status, actor=world.alice.actor)


def test_same_status_again_changes_nothing(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world, "open")
    service.set_status(db_session, ticket, "open", actor=world.alice.actor)
    assert (ticket.version, steps(db_session, ticket)) == (1, [])


def test_solving_is_refused_with_every_objection(
    db_session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ports,
        "_close_checks",
        [
            lambda _session, _ticket: Objection("A-01", "First things first.", "Do them."),
            lambda _session, _ticket: None,
            lambda _session, _ticket: Objection("A-02", "Ask her.", "Call."),
        ],
    )
    ticket = opened(db_session, world, "open")
    with pytest.raises(Conflict, match=r"First things first\. Ask her\.") as refused:
        service.set_status(db_session, ticket, "solved", actor=world.alice.actor)
    assert [one["rule"] for one in refused.value.details] == ["A-01", "A-02"]
    assert ticket.status == "open"


@pytest.mark.parametrize("status", ["pending", "on_hold", "solved", "closed"])
def test_message_opens_what_rested(db_session: Session, world: World, status: str) -> None:
    ticket = opened(db_session, world, status)
    service.wake_for_message(db_session, ticket, actor=world.wang_li.actor)
    assert ticket.status == "open"
    assert (ticket.solved_at, ticket.closed_at) == (None, None)


@pytest.mark.parametrize("status", ["new", "open"])
def test_message_leaves_what_is_awake(db_session: Session, world: World, status: str) -> None:
    ticket = opened(db_session, world, status)
    service.wake_for_message(db_session, ticket, actor=world.wang_li.actor)
    assert (ticket.status, steps(db_session, ticket)) == (status, [])


def test_ticket_closed_long_ago_is_not_opened_by_hand(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world, "solved")
    with frozen(NOON):
        service.set_status(db_session, ticket, "closed", actor=world.alice.actor)
    with frozen(NOON + timedelta(days=30, seconds=1)):
        assert service.is_closed_for_good(ticket)
        with pytest.raises(Conflict, match="closed more than 30 days ago"):
            service.set_status(db_session, ticket, "open", actor=world.alice.actor)
        assert ticket.status == "closed"
    with frozen(NOON + timedelta(days=30)):
        service.set_status(db_session, ticket, "open", actor=world.alice.actor)
    assert ticket.status == "open"


def test_customer_is_heard_however_long_ago_it_closed(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world, "solved")
    with frozen(NOON):
        service.set_status(db_session, ticket, "closed", actor=world.alice.actor)
    with frozen(NOON + timedelta(days=400)):
        service.wake_for_message(db_session, ticket, actor=world.wang_li.actor)
    assert ticket.status == "open"


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_settled_ticket_keeps_the_name_of_who_left_until_it_is_opened_again(
    db_session: Session, world: World, status: str
) -> None:
    by_hand, by_message, colleague_s = (opened(db_session, world, status) for _ in range(3))
    by_hand.owner = by_message.owner = world.alice
    colleague_s.owner = world.carol
    deactivate_user(db_session, world.alice, actor="system")
    assert (by_hand.owner_id, by_message.owner_id) == (world.alice.id, world.alice.id)
    service.set_status(db_session, by_hand, "open", actor=world.bob.actor)
    for ticket in (by_message, colleague_s):
        service.wake_for_message(db_session, ticket, actor=world.wang_li.actor)
    assert (by_hand.owner_id, by_message.owner_id, colleague_s.owner_id) == (None, None, world.carol.id)
    changed = select(EventRow.data).where(EventRow.name == "ticket.owner_changed")
    assert [one["new"] for one in db_session.scalars(changed)] == [None, None]


def test_ticket_opened_again_while_its_owner_is_being_locked_out_is_nobody_s(clean_database: Engine) -> None:
    with unit_of_work() as session:
        world = build_world(session)
        ticket = opened(session, world, "solved")
        ticket.owner = world.alice

    def reopen() -> None:
        with unit_of_work() as session:
            same = session.get_one(Ticket, ticket.id)
            service.set_status(session, same, "open", actor=world.bob.actor)

    rival = threading.Thread(target=reopen)
    with Session(clean_database) as leaving, leaving.begin():
        deactivate_user(leaving, leaving.get_one(User, world.alice.id), actor="system")
        leaving.flush()
        rival.start()
        until_somebody_waits(clean_database)
    rival.join()
    with unit_of_work() as session:
        assert session.get_one(Ticket, ticket.id).owner_id is None


def test_owner_makes_a_new_ticket_open_and_leaves_others(db_session: Session, world: World) -> None:
    new, pending = opened(db_session, world), opened(db_session, world, "pending")
    for ticket in (new, pending):
        service.assign_owner(db_session, ticket, world.alice, actor=world.bob.actor)
        service.assign_owner(db_session, ticket, world.alice, actor=world.bob.actor)
    assert [new.status, pending.status] == ["open", "pending"]
    changes = db_session.scalars(select(EventRow).where(EventRow.name == "ticket.owner_changed")).all()
    assert len(changes) == 2
    service.assign_owner(db_session, new, None, actor=world.bob.actor)
    assert (new.owner_id, new.status) == (None, "open")
