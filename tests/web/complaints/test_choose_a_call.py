"""A customer chooses on his page when he is called about how it went: a wall time of his that exists once (C-08)."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.answers import answer_survey
from contactcenter.complaints.links import issue_link
from contactcenter.core import clock
from contactcenter.core.events import EventRow
from contactcenter.surveys.models import FollowUp
from tests.browser import Browser
from tests.complaints.staff import MONDAY, Desk, in_follow_up
from tests.world import World

Browse = Callable[[User | None], Browser]
ASKED = MONDAY.replace(day=10)  # a Tuesday, 10:15 in London, 18:15 in Shanghai
NUMBER = "+86 138 0013 8000"
SHANGHAI = {"zone": "Asia/Shanghai", "slot": "2026-11-11T14:00"}


def unhappy(session: Session, world: World, contact: str, *, anonymous: bool = False) -> Desk:
    """Settled, and its customer is unhappy: he is to be called by the end of Monday the 16th."""
    desk = in_follow_up(session, world, contact=contact, anonymous=anonymous)
    desk.case.customer.zone, desk.case.language = "Asia/Shanghai", "en"
    with clock.frozen(ASKED):
        answer_survey(session, desk.case, {"perception": 2, "resolved": 0})
    session.commit()
    return desk


@pytest.fixture
def desk(db_session: Session, world: World) -> Desk:
    return unhappy(db_session, world, NUMBER)


def page_of(session: Session, desk: Desk) -> str:
    address = issue_link(session, desk.case)
    session.commit()
    return "/complaint/" + address.rsplit("/", 1)[1]


def task_of(session: Session, desk: Desk) -> FollowUp:
    query = select(FollowUp).where(FollowUp.subject_id == desk.case.reference, FollowUp.state == "due")
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_offered_are_the_working_hours_where_he_is(db_session: Session, browse: Browse, desk: Desk) -> None:
    with clock.frozen(ASKED):
        page = browse(None).get(page_of(db_session, desk)).text
    assert "When may we call you?" in page
    assert "The times are those of Shanghai." in page
    assert 'value="2026-11-11T09:00"' in page
    assert 'value="2026-11-10T18:00"' not in page, "it is past that there"
    assert 'value="2026-11-14T09:00"' not in page, "a Saturday"
    assert 'value="2026-11-16T18:00"' in page, "the last day"
    assert 'value="2026-11-17T09:00"' not in page, "too late"


def test_what_he_chooses_is_kept_shown_and_can_be_changed(
    db_session: Session, world: World, browse: Browse, desk: Desk
) -> None:
    path, visitor = page_of(db_session, desk), browse(None)
    ruth = User(email="ruth@example.com", name="Ruth Roe", password_hash="", roles=[Role.REVIEWER.value])
    db_session.add(ruth)
    db_session.commit()
    with clock.frozen(ASKED):
        assert visitor.post(f"{path}/call", SHANGHAI).status_code == 303
        task = task_of(db_session, desk)
        assert (task.wished_time, task.wished_zone) == ("2026-11-11T14:00", "Asia/Shanghai")
        page = visitor.get(path).text
        assert "We will call you on Wednesday, 11 November 2026 at 14:00." in page
        assert 'value="2026-11-11T14:00" selected' in page
        assert "Call: 11 Nov 2026, 14:00 there" in browse(ruth).get("/complaints/follow-ups").text
        other = {"zone": "Asia/Shanghai", "other": "2026-11-12T10:30"}
        assert visitor.post(f"{path}/call", other).status_code == 303
    assert task_of(db_session, desk).wished_time == "2026-11-12T10:30"
    chosen = db_session.scalars(select(EventRow).where(EventRow.name == "follow_up.time_chosen")).all()
    assert [row.actor for row in chosen] == [desk.customer] * 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"zone": "Europe/London", "other": "2027-03-28T01:30"}, "00:30"),  # the hour that is skipped
        ({"zone": "Europe/London", "other": "2026-10-25T01:30"}, "02:00"),  # the hour that comes twice
        ({"zone": "Mars/Olympus", "slot": "2026-11-11T14:00"}, "is not a time zone"),
        ({"zone": "Asia/Shanghai", "other": "2026-11-11T06:00"}, "We call between"),
        ({"zone": "Asia/Shanghai", "other": "2026-11-10T10:00"}, "too soon or too late"),
        ({"zone": "Asia/Shanghai", "other": "2026-11-20T10:00"}, "too soon or too late"),
        ({"zone": "Asia/Shanghai", "other": "tomorrow"}, "Choose a day and a time."),
        ({"zone": "Asia/Shanghai"}, "Fill in this field."),
        ({"zone": "Asia/Shanghai", "other": "2026-11-11T14:00:00+01:00"}, "Choose a day and a time."),
    ],
)
def test_a_time_at_which_nobody_can_be_called_is_refused_with_a_reason(
    db_session: Session, browse: Browse, desk: Desk, typed: dict[str, str], sentence: str
) -> None:
    with clock.frozen(ASKED):
        answer = browse(None).post(f"{page_of(db_session, desk)}/call", typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert task_of(db_session, desk).wished_time is None


def test_who_wants_no_calls_is_not_asked(db_session: Session, world: World, browse: Browse) -> None:
    world.wang_li.adjustments = ["no_calls"]
    desk = unhappy(db_session, world, NUMBER)
    path = page_of(db_session, desk)
    with clock.frozen(ASKED):
        assert "When may we call you?" not in browse(None).get(path).text
        assert browse(None).post(f"{path}/call", {**SHANGHAI, "number": NUMBER}).status_code == 409


def test_who_stays_anonymous_is_not_asked_for_a_number(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = unhappy(db_session, world, "", anonymous=True)
    path = page_of(db_session, desk)
    with clock.frozen(ASKED):
        assert "When may we call you?" not in browse(None).get(path).text
        assert browse(None).post(f"{path}/call", {**SHANGHAI, "number": NUMBER}).status_code == 409


def test_after_the_last_day_the_next_two_working_days_are_offered(
    db_session: Session, browse: Browse, desk: Desk
) -> None:
    with clock.frozen(datetime.fromisoformat("2026-11-18T09:00Z")):
        page = browse(None).get(page_of(db_session, desk)).text
    assert 'value="2026-11-19T09:00"' in page
    assert 'value="2026-11-20T18:00"' in page
    assert 'value="2026-11-23T09:00"' not in page
