"""The figures of the board, computed by hand on a small world: each formula, each edge of a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contactcenter.assignment.models import Offer, QueueLoad
from contactcenter.conversations.models import Conversation, State
from contactcenter.core.clock import frozen
from contactcenter.queues.models import Queue
from contactcenter.queues.service import edit_queue
from contactcenter.reporting.wallboard import QueueFigures, queue_figures, read_board
from contactcenter.surveys.service import About, answer, satisfaction_index
from contactcenter.tickets.service import open_ticket
from tests.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who came `came` and was answered after `waited_s` (None: not); `left`: he is gone."""

    came: datetime
    waited_s: float | None = None
    left: bool = False
    channel: str = "chat"


def happen(session: Session, world: World, queue: Queue, *contacts: Contact) -> None:
    for contact in contacts:
        with frozen(contact.came):
            ticket = open_ticket(session, world.wang_li, queue, "Where?", actor="system")
            conversation = Conversation(
                ticket=ticket,
                channel=contact.channel,
                queue_id=queue.id,
                customer_id=world.wang_li.id,
                enqueued_at=contact.came,
                state=State.ENDED if contact.left else State.WAITING,
            )
            session.add(conversation)
            session.flush()
        if contact.waited_s is not None:
            accepted_at = contact.came + timedelta(seconds=contact.waited_s)
            offer = {"offered_at": contact.came, "accepted_at": accepted_at, "state": "accepted"}
            session.add(Offer(conversation_id=conversation.id, user_id=world.alice.id, **offer))
    session.flush()


def figures(session: Session, queue: Queue, at: datetime = NOON) -> QueueFigures:
    with frozen(at):
        return next(one for one in queue_figures(session, None) if one.queue.id == queue.id)


def test_service_level_is_in_time_over_answered_and_abandoned(db_session: Session, world: World) -> None:
    """Five answered, three of them within 60 s; two left; one still waits: 3 / (5 + 2)."""
    came = NOON - timedelta(hours=1)
    happen(
        db_session,
        world,
        world.support,
        Contact(came, 0),
        Contact(came, 59.9),
        Contact(came, 60),
        Contact(came, 60.5),
        Contact(came, 600, left=True),
        Contact(came, left=True),
        Contact(came, left=True),
        Contact(came),
    )
    found = figures(db_session, world.support)
    assert (found.answered, found.in_time, found.abandoned) == (5, 3, 2)
    assert found.service_level_pct == pytest.approx(100 * 3 / 7)
    assert not found.on_target


def test_only_live_contacts_count_and_voice_is_one(db_session: Session, world: World) -> None:
    came = NOON - timedelta(hours=1)
    mail, call = Contact(came, 10, channel="email"), Contact(came, 10, channel="voice")
    happen(db_session, world, world.support, mail, call)
    assert figures(db_session, world.support).answered == 1


def test_a_contact_handed_on_is_answered_once_by_its_first_answer(db_session: Session, world: World) -> None:
    came = NOON - timedelta(hours=1)
    happen(db_session, world, world.support, Contact(came, 30))
    conversation = db_session.query(Conversation).one()
    later = came + timedelta(minutes=20)
    first = db_session.query(Offer).one()
    first.state, first.ended_at = "ended", later
    again = Offer(conversation_id=conversation.id, user_id=world.bob.id, state="accepted", offered_at=later)
    again.accepted_at = later
    db_session.add(again)
    db_session.flush()
    found = figures(db_session, world.support)
    assert (found.answered, found.in_time) == (1, 1)


def test_an_empty_day_has_no_level_and_breaks_no_promise(db_session: Session, world: World) -> None:
    found = figures(db_session, world.support)
    assert (found.service_level_pct, found.on_target) == (None, True)


def test_a_level_equal_to_its_promise_keeps_it(db_session: Session, world: World) -> None:
    edit_queue(db_session, world.support, world.support.version, {"service_level_pct": 50}, actor="system")
    came = NOON - timedelta(hours=1)
    happen(db_session, world, world.support, Contact(came, 5), Contact(came, left=True))
    assert figures(db_session, world.support).on_target


@pytest.mark.parametrize(
    ("zone", "at", "midnight"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 23, 4, tzinfo=UTC), datetime(2026, 11, 22, 5, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 29, 0, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 12, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)),
    ],
    ids=["ahead of UTC", "behind UTC, the day before", "far ahead", "spring forward", "fall back"],
)
def test_today_begins_at_midnight_where_the_brand_is(
    db_session: Session, world: World, zone: str, at: datetime, midnight: datetime
) -> None:
    world.brand.zone = zone
    second = timedelta(seconds=1)
    happen(db_session, world, world.support, Contact(midnight - second, 5), Contact(midnight, 5))
    assert figures(db_session, world.support, at).answered == 1
    assert figures(db_session, world.support, midnight - second).answered >= 1


def test_waiting_and_the_longest_wait_are_the_routers(db_session: Session, world: World) -> None:
    """Two queues: the board has the sum of those who wait and the earliest of their instants."""
    early, late = NOON - timedelta(minutes=9), NOON - timedelta(minutes=2)
    for queue, waiting, oldest in ((world.support, 3, late), (world.other_queue, 2, early)):
        load = QueueLoad(queue_id=queue.id, waiting=waiting, offered=1, oldest_at=oldest, updated_at=NOON)
        db_session.merge(load)
    db_session.flush()
    with frozen(NOON):
        whole = read_board(db_session, world.admin)
        bobs = read_board(db_session, world.bob)
    assert (whole.waiting, whole.oldest_at, whole.at) == (5, early, NOON)
    assert (bobs.waiting, bobs.oldest_at) == (3, late)


def test_whole_board_is_a_ratio_of_sums_not_a_mean_of_ratios(db_session: Session, world: World) -> None:
    """1 of 1 and 1 of 3: two of four are 50 %, where the mean of 100 % and 33 % would be 67 %."""
    came = NOON - timedelta(hours=1)
    happen(db_session, world, world.support, Contact(came, 5))
    gone = Contact(came, left=True)
    happen(db_session, world, world.other_queue, Contact(came, 5), gone, gone)
    with frozen(NOON):
        board = read_board(db_session, world.admin)
    assert (board.answered, board.abandoned) == (2, 2)
    assert board.service_level_pct == pytest.approx(50)


def test_satisfaction_is_b_over_a_and_of_a_period_the_ratio_of_sums(
    db_session: Session, world: World
) -> None:
    """c: 9/6 = 1.5 and 2/10 = 0.2; of the period 11/16, not their mean 0.85. One asked only before counts nowhere."""
    asked = {"CASE-1": (6, 9), "CASE-2": (10, 2), "CASE-3": (5, None)}
    with frozen(NOON):
        for reference, (expected, perceived) in asked.items():
            about = About("complaint", reference)
            answer(db_session, about, "expectation", expected, customer_id=world.wang_li.id)
            if perceived is not None:
                answer(db_session, about, "perception", perceived, customer_id=world.wang_li.id)
    day = (NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    index = satisfaction_index(db_session, "complaint", *day)
    assert index.answered_n == 2
    assert index.c == pytest.approx(11 / 16)
    assert (
        satisfaction_index(db_session, "complaint", NOON + timedelta(hours=1), NOON + timedelta(hours=2)).c
        is None
    )
