"""Routers come and go: leases, fences, and a successor that goes on as if nothing had happened."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contactcenter.assignment.lease import LeaseLostError, leave_lease, take_lease
from contactcenter.assignment.models import Offer, QueueLoad, RouterInbox
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.service import (
    accept_offer,
    complete_conversation,
    decline_offer,
)
from contactcenter.conversations.models import OVER, Conversation
from contactcenter.conversations.service import end_conversation
from contactcenter.core import clock
from contactcenter.queues.models import BusinessHours
from contactcenter.queues.service import edit_queue, require_skills, save_hours, set_agent_skills
from tests.assignment.shift import Shift, at


def test_only_one_leads_until_the_lease_runs_out(db_session: Session) -> None:
    with at(0):
        first = take_lease(db_session, 0, "one")
        assert first is not None
        assert take_lease(db_session, 0, "two") is None
    with at(4.9):
        assert take_lease(db_session, 0, "two") is None
    with at(5.1):
        second = take_lease(db_session, 0, "two")
    assert second is not None
    assert second.fence == first.fence + 1


def test_leader_who_leaves_is_followed_at_once(db_session: Session) -> None:
    with at(0):
        first = take_lease(db_session, 0, "one")
        assert first is not None
        leave_lease(db_session, first)
    with at(0.001):
        assert take_lease(db_session, 0, "two") is not None


def test_stale_router_cannot_write(shift: Shift) -> None:
    stale = shift.router
    shift.ready(shift.world.alice)
    waiting = shift.arrives()
    shift.session.commit()
    shift.new_router()
    with pytest.raises(LeaseLostError):
        stale.turn()
    assert shift.offer(waiting) is None
    with at(6):
        shift.turn()
    assert shift.offered_to(waiting) == shift.world.alice


def test_database_refuses_a_second_owner_whatever_the_router_believes(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    offer = shift.offer(chat)
    assert offer is not None
    double = Offer(
        conversation_id=chat.id, user_id=shift.world.carol.id, state="accepted", offered_at=offer.offered_at
    )
    shift.session.add(double)
    with pytest.raises(IntegrityError, match="uq_offer_live"):
        shift.session.flush()
    shift.session.rollback()


def test_offer_made_by_the_dead_router_is_missed_on_time(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    chat = shift.arrives()
    shift.turn()
    with at(12):
        shift.new_router()
    with at(19):
        shift.turn()
        assert shift.offered_to(chat) == shift.world.alice
    with at(20.1):
        shift.turn()
    assert chat.state == "waiting"
    assert shift.presence(shift.world.alice).reason == "Missed an offer"


def test_successor_decides_like_the_router_that_died(shift: Shift) -> None:
    """The same minutes twice: once with one router, once with a new one for every single change.

    Nor does it matter in which order the database finds the rows: offers are written as they were decided.
    """
    with at(1000):
        alone = _minutes(shift, new_router=False)
        _go_home(shift)
    shift.session.execute(text("SET LOCAL enable_nestloop = off"))
    with at(5000):
        relieved = _minutes(shift, new_router=True)
    assert alone == relieved
    assert len(alone) > 12
    assert len({name for _, name in alone}) == 3


def _minutes(shift: Shift, *, new_router: bool) -> list[tuple[int, str]]:
    """Arrivals, declines, wrap-up, somebody who joins late; returns (n-th conversation, agent) in order of offers."""
    start = clock.now()
    last = shift.session.scalar(select(func.max(Offer.id))) or 0
    numbers: dict[int, int] = {}
    for second in range(0, 140, 7):
        with clock.frozen(start + timedelta(seconds=second)):
            for _ in _changes(shift, second, numbers):
                if new_router:
                    shift.new_router()
                shift.turn()
    offers = shift.session.scalars(select(Offer).where(Offer.id > last).order_by(Offer.id)).all()
    return [(numbers[offer.conversation_id], offer.user.name) for offer in offers]


def _changes(shift: Shift, second: int, numbers: dict[int, int]) -> Iterator[None]:
    """One arrives; everybody accepts, but Alice declines every other time; what was accepted 15 s ago is done."""
    if second in {0, 28}:
        shift.ready(*([shift.world.carol, shift.world.alice] if second == 0 else [shift.world.bob]))
        yield
    numbers[shift.arrives("voice" if second % 3 == 0 else "chat").id] = len(numbers)
    yield
    live = select(Offer).where(Offer.state.in_(["offered", "accepted"])).order_by(Offer.id)
    for offer in shift.session.scalars(live).all():
        if offer.accepted_at is not None and offer.accepted_at <= clock.now() - timedelta(seconds=15):
            complete_conversation(shift.session, offer.user, offer.conversation_id)
        elif offer.state == "offered" and second % 4 == 3 and offer.user == shift.world.alice:
            decline_offer(shift.session, offer.user, offer.id)
        elif offer.state == "offered":
            accept_offer(shift.session, offer.user, offer.id)
        yield


def _go_home(shift: Shift) -> None:
    for conversation_id in shift.session.scalars(
        select(Conversation.id).where(Conversation.state.not_in(OVER))
    ).all():
        end_conversation(shift.session, conversation_id, by="system", reason="closed", actor="system")
    for user in (shift.world.alice, shift.world.bob, shift.world.carol):
        set_presence(shift.session, user, "away", "End of shift", by=user.actor)
    shift.turn()


def test_figures_equal_the_database(shift: Shift) -> None:
    shift.ready(shift.world.alice)
    calls = [shift.arrives("voice") for _ in range(3)]
    letter = shift.arrives("email", queue=shift.world.other_queue)
    shift.turn()
    with at(2):
        shift.turn()
    loads = {load.queue_id: load for load in shift.session.scalars(select(QueueLoad))}
    support, fleet = loads[shift.world.support.id], loads[shift.world.other_queue.id]
    assert (support.waiting, support.offered, support.oldest_at) == (2, 1, calls[1].enqueued_at)
    assert (fleet.waiting, fleet.offered, fleet.oldest_at) == (1, 0, letter.enqueued_at)
    with at(4):
        shift.leaves(letter)
        shift.turn()
    assert (fleet.waiting, fleet.oldest_at) == (0, None)


def test_commands_are_done_once_and_forgotten_later(shift: Shift) -> None:
    shift.arrives()
    shift.turn()
    assert shift.session.scalars(select(RouterInbox.id).where(RouterInbox.done_at.is_(None))).all() == []
    with at(3 * 3600):
        shift.new_router()
        shift.turn()
    with at(3 * 3600 + 700):
        shift.turn()
    assert shift.session.scalar(select(func.count()).select_from(RouterInbox)) == 0


def test_changed_definitions_take_effect_without_a_restart(shift: Shift) -> None:
    session, world = shift.session, shift.world
    require_skills(session, world.support, {"billing": 3}, actor=world.admin.actor)
    shift.ready(world.alice)
    waiting = shift.arrives()
    shift.turn()
    assert shift.offered_to(waiting) is None
    set_agent_skills(session, world.alice.id, {"billing": 4}, actor=world.admin.actor)
    shift.turn()
    assert shift.offered_to(waiting) == world.alice


def test_steps_of_the_queue_relax_what_is_needed(shift: Shift) -> None:
    require_skills(shift.session, shift.world.support, {"billing": 3}, actor="system")
    shift.world.support.steps = [[10, [["billing>=1"]]], [20, [[]]]]
    set_agent_skills(shift.session, shift.world.carol.id, {"billing": 1}, actor="system")
    shift.ready(shift.world.alice, shift.world.carol, shift.world.mallory)
    call, second_call = shift.arrives("voice"), shift.arrives("voice")
    shift.turn()
    assert shift.offered_to(call) is None
    with at(10):
        shift.turn()
    assert shift.offered_to(call) == shift.world.carol
    with at(20):
        shift.turn()
    assert shift.offered_to(second_call) == shift.world.alice, (
        "a step without a team stays inside the queue's"
    )


def test_senseless_steps_are_passed_over(shift: Shift) -> None:
    shift.world.support.steps = [["soon", 7], None]
    edit_queue(shift.session, shift.world.support, 1, {"ring_s": 30}, actor="system")
    shift.ready(shift.world.alice)
    waiting = shift.arrives()
    shift.turn()
    assert shift.offered_to(waiting) == shift.world.alice


def test_queue_that_is_switched_off_offers_nothing_until_it_is_on(shift: Shift) -> None:
    support = shift.world.support
    edit_queue(shift.session, support, support.version, {"open": False}, actor=shift.world.admin.actor)
    shift.ready(shift.world.alice)
    waiting = shift.arrives("email")
    shift.turn()
    assert shift.offered_to(waiting) is None
    edit_queue(shift.session, support, support.version, {"open": True}, actor=shift.world.admin.actor)
    shift.turn()
    assert shift.offered_to(waiting) == shift.world.alice


def test_work_that_comes_out_of_hours_waits_for_the_opening(shift: Shift) -> None:
    hours = BusinessHours(name="Afternoons", zone="UTC")
    save_hours(shift.session, hours, [[["13:00", "17:00"]]] * 7, {}, actor="system")
    shift.world.support.hours = hours
    edit_queue(shift.session, shift.world.support, 1, {"priority": 1}, actor="system")
    shift.ready(shift.world.alice)
    waiting = shift.arrives()
    shift.turn()
    assert shift.offered_to(waiting) is None
    with at(4 * 3600):
        shift.turn()
    assert shift.offered_to(waiting) == shift.world.alice
