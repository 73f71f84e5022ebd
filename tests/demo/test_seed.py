"""`serve --demo`: a believable organisation, only where nobody is yet."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.sessions import sign_in
from contactcenter.cli.demo import add_tickets, seed_if_empty
from contactcenter.cli.demo_data import STORIES
from contactcenter.cli.demo_organisation import user_called
from contactcenter.complaints.lists import clocks_near
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.record import ABOUT
from contactcenter.complaints.service import act_for_time
from contactcenter.complaints.verify import verify_case
from contactcenter.conversations.models import Author, Conversation, Message, State
from contactcenter.core import clock
from contactcenter.core.config import Settings
from contactcenter.core.db import unit_of_work
from contactcenter.queues.hours import is_open
from contactcenter.queues.models import Queue
from contactcenter.surveys.models import FollowUp
from contactcenter.surveys.service import satisfaction_index
from contactcenter.tickets.models import Status, Ticket, TicketSla
from contactcenter.tickets.sla import FIRST_REPLY
from contactcenter.web.supervisor.routes import NEAR_S
from tests.passwords import quickly_hashed

A_MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def told(session: Session) -> list[tuple[str, str, str]]:
    """What was said on which channel, in order."""
    query = (
        select(Conversation.channel, Message.author, Message.body)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.meta["complaint"].is_(None))
        .order_by(Message.id)
    )
    return [(row.channel, row.author, row.body) for row in session.execute(query)]


def cases(session: Session) -> dict[str, ComplaintCase]:
    return {case.state: case for case in session.scalars(select(ComplaintCase))}


@pytest.mark.usefixtures("world")
def test_where_somebody_is_nothing_is_seeded(settings: Settings) -> None:
    assert seed_if_empty(settings) is False
    assert not (settings.state_dir / "demo.json").exists()


def test_second_start_seeds_nothing_more(demo: Settings) -> None:
    with unit_of_work() as session:
        before = session.scalar(select(func.count()).select_from(Ticket))
    assert seed_if_empty(demo) is False
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == before


def test_sign_ins_are_private_and_work(demo: Settings) -> None:
    path = demo.state_dir / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    given = json.loads(path.read_text())
    assert {one["role"] for one in given["sign_ins"]} == {
        "agent",
        "supervisor",
        "investigator",
        "approver",
        "reviewer",
        "administrator",
    }
    for one in given["sign_ins"]:
        with unit_of_work() as session:
            assert sign_in(session, one["email"], one["password"], "Chromium")


def test_both_languages_are_told_and_somebody_waits(demo: Settings) -> None:
    with unit_of_work() as session:
        languages = set(session.scalars(select(Ticket.language)))
        waiting = session.scalars(select(Conversation).where(Conversation.state == State.WAITING)).all()
        assert languages == {"en", "zh"}
        assert waiting


def test_queues_are_open_at_any_hour(demo: Settings) -> None:
    with unit_of_work() as session:
        at = session.scalars(select(Message.created_at).limit(1)).one()
        assert all(is_open(queue, at) for queue in session.scalars(select(Queue)))


def test_complaints_stand_at_three_steps_with_sound_chains(demo: Settings) -> None:
    with unit_of_work() as session:
        found = cases(session)
        assert set(found) == {"investigating", "follow_up", "closed"}
        assert all(verify_case(session, case) is None for case in found.values())
        closed = select(ComplaintCase.reference).where(ComplaintCase.id == found["closed"].id)
        ever = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        assert satisfaction_index(session, ABOUT, *ever, among=closed).c == 9 / 7
        due = session.scalars(select(FollowUp.subject_id).where(FollowUp.state == "due")).all()
        assert found["follow_up"].reference in due


@pytest.mark.parametrize("days", range(7))
def test_nobody_is_late_on_the_first_screen_whatever_the_weekday(
    settings: Settings, clean_database: Engine, days: int
) -> None:
    with clock.frozen(A_MONDAY + timedelta(days=days)):
        with quickly_hashed():
            assert seed_if_empty(settings)
        with unit_of_work() as session:
            letters_n = session.scalar(select(func.count()).select_from(ComplaintLetter))
            for case in session.scalars(select(ComplaintCase)):
                act_for_time(session, case)
                assert case.breached == []
            assert session.scalar(select(func.count()).select_from(ComplaintLetter)) == letters_n
            assert clocks_near(session, user_called(session, "sam"), before=clock.after(NEAR_S))
            first_replies = select(TicketSla.state).join(
                ComplaintCase, ComplaintCase.ticket_id == TicketSla.ticket_id
            )
            assert set(session.scalars(first_replies.where(TicketSla.name == FIRST_REPLY))) == {"met"}


def test_seeded_tickets_are_the_same_each_time(demo: Settings) -> None:
    with unit_of_work() as session:
        before = len(told(session))
    add_tickets(20)
    with unit_of_work() as session:
        first = told(session)[before:]
    add_tickets(20)
    with unit_of_work() as session:
        assert told(session)[before + len(first) :] == first


def test_many_tickets_are_mostly_settled(demo: Settings) -> None:
    add_tickets(4 * len(STORIES))
    with unit_of_work() as session:
        statuses = session.scalars(select(Ticket.status)).all()
        answered = session.scalar(select(func.count()).where(Message.author == Author.AGENT))
    assert statuses.count(Status.SOLVED.value) > len(statuses) / 2
    assert answered
