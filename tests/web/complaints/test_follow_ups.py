"""The contacts that follow a settled complaint: who makes them by when, listed, counted and noted."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.answers import answer_survey
from contactcenter.complaints.follow_ups import VIEWS, count_follow_ups, list_follow_ups
from contactcenter.complaints.models import ComplaintCase
from contactcenter.core import clock
from contactcenter.surveys.models import FollowUp
from contactcenter.surveys.service import About, plan_follow_up
from tests.browser import Browser
from tests.complaints.staff import MONDAY, Desk, in_follow_up
from tests.web.complaints.test_find_complaints import open_many
from tests.world import World

Browse = Callable[[User | None], Browser]
ASKED = MONDAY.replace(day=10)
CALL = {"result": "done", "local_time": "2026-11-11T18:30", "zone": "Asia/Shanghai", "channel": "phone"}


@pytest.fixture
def ruth(db_session: Session, world: World) -> User:
    """A reviewer who has not touched any case."""
    ruth = User(email="ruth@example.com", name="Ruth Roe", password_hash="", roles=[Role.REVIEWER.value])
    db_session.add(ruth)
    db_session.commit()
    return ruth


@pytest.fixture
def desk(db_session: Session, world: World, ruth: User) -> Desk:
    """Settled, and its customer is unhappy: a contact is due within five working days of Monday the 9th."""
    desk = in_follow_up(db_session, world)
    with clock.frozen(ASKED):
        answer_survey(db_session, desk.case, {"perception": 2, "resolved": 0})
    db_session.commit()
    return desk


def task_of(session: Session, case: ComplaintCase) -> FollowUp:
    query = select(FollowUp).where(FollowUp.subject_id == case.reference).order_by(FollowUp.id.desc())
    return session.scalars(query.execution_options(populate_existing=True)).first() or pytest.fail("no task")


def listed(session: Session, user: User, view: str = "all", limit: int = 2) -> list[str]:
    found, after = [], None
    while True:
        page = list_follow_ups(session, user, view, after=after, limit=limit)
        found += [turn.case.reference for turn in page.items]
        if (after := page.next) is None:
            return found


def test_who_handled_it_is_told_that_another_must_call(
    db_session: Session, world: World, browse: Browse, desk: Desk, ruth: User
) -> None:
    with clock.frozen(ASKED):
        for_ivan = browse(world.ivan).get("/complaints/follow-ups").text
        for_ruth = browse(ruth).get("/complaints/follow-ups").text
        case_for_ivan = browse(world.ivan).get(f"/complaints/{desk.case.reference}").text
    assert "You handled this case: another person must call." in for_ivan
    assert "Ruth Roe" in for_ivan
    assert "You may make it." not in for_ivan
    assert "You may make it." in for_ruth
    assert f'href="/complaints/{desk.case.reference}#step-callback"' in for_ruth
    assert "/events/callback" not in case_for_ivan
    assert "Ivan Ilves handled this case." in case_for_ivan


def test_list_says_the_last_day_and_the_customer_s_own_time(
    db_session: Session, world: World, browse: Browse, desk: Desk, ruth: User
) -> None:
    desk.case.customer.zone = "Asia/Shanghai"
    db_session.commit()
    with clock.frozen(ASKED):
        page = browse(ruth).get("/complaints/follow-ups").text
    assert task_of(db_session, desk.case).due_at == datetime.fromisoformat("2026-11-17T00:00Z")
    assert "16 Nov 2026" in page, "the whole of the last day is in time"
    assert "18:15" in page, "10:15 in London"
    assert "王丽" in page


def test_a_case_is_late_due_today_or_coming_and_nothing_twice(
    db_session: Session, world: World, desk: Desk, ruth: User
) -> None:
    midnight = task_of(db_session, desk.case).due_at
    for at, view in (
        (midnight - timedelta(days=1, microseconds=1), "coming"),
        (midnight - timedelta(days=1), "today"),
        (midnight - timedelta(microseconds=1), "today"),
        (midnight, "late"),
    ):
        with clock.frozen(at):
            assert [one for one in VIEWS if listed(db_session, ruth, one)] == ["all", view], at


def test_today_is_the_day_of_the_case(db_session: Session, desk: Desk, ruth: User) -> None:
    desk.case.zone = "Asia/Shanghai"
    task_of(db_session, desk.case).due_at = datetime.fromisoformat("2026-11-16T16:00Z")
    db_session.flush()
    with clock.frozen(datetime.fromisoformat("2026-11-15T15:59Z")):
        assert listed(db_session, ruth, "coming") == [desk.case.reference]
    with clock.frozen(datetime.fromisoformat("2026-11-15T16:00Z")):
        assert listed(db_session, ruth, "today") == [desk.case.reference]


def test_counts_are_their_lists_and_pages_show_each_once(
    db_session: Session, world: World, ruth: User
) -> None:
    open_many(db_session, world, 7)
    cases = db_session.scalars(select(ComplaintCase).order_by(ComplaintCase.id)).all()
    for n, case in enumerate(cases):
        about = About("complaint", case.reference)
        due_at = ASKED + timedelta(hours=30 * (n - 2))
        plan_follow_up(db_session, about, case.customer_id, due_at, actor="system")
    cases[6].subjects = [ruth.actor]
    db_session.flush()
    with clock.frozen(ASKED):
        for user in (ruth, world.ivan, world.bob, world.alice, world.mallory, world.admin):
            lists = {view: listed(db_session, user, view) for view in VIEWS}
            assert count_follow_ups(db_session, user) == {view: len(lists[view]) for view in VIEWS}
            assert len(set(lists["all"])) == len(lists["all"])
            assert sorted(lists["late"] + lists["today"] + lists["coming"]) == sorted(lists["all"])
        assert [len(listed(db_session, user)) for user in (ruth, world.ivan, world.mallory)] == [6, 7, 0]
        assert listed(db_session, world.ivan) == [case.reference for case in cases], "the nearest first"


def test_nobody_sees_the_contacts_of_cases_that_are_not_for_him(
    db_session: Session, world: World, browse: Browse, desk: Desk
) -> None:
    with clock.frozen(ASKED):
        for user in (world.alice, world.mallory):  # complained about; of another team
            assert desk.case.reference not in browse(user).get("/complaints/follow-ups").text
        assert desk.case.reference in browse(world.bob).get("/complaints/follow-ups").text
        assert "Those who handle complaints make it." in browse(world.bob).get("/complaints/follow-ups").text
    world.mallory.roles = [Role.SALES.value]
    db_session.commit()
    assert browse(world.mallory).get("/complaints/follow-ups").status_code == 403


def test_contact_made_leaves_the_list_and_the_case_says_who_when_and_how(
    db_session: Session, world: World, browse: Browse, desk: Desk, ruth: User
) -> None:
    path = f"/complaints/{desk.case.reference}"
    reviewer = browse(ruth)
    with clock.frozen(MONDAY.replace(day=11)):
        assert "Follow-up due by" in reviewer.get(path).text
        noted = reviewer.post(f"{path}/events/callback", {"person": ruth.actor, **CALL})
        assert noted.status_code == 303, noted.text
        page = reviewer.get(path).text
        assert "Nothing to follow up here" in reviewer.get("/complaints/follow-ups").text
    assert "Follow-up due by" not in page
    assert re.search(r"Reached</strong>[^<]*Ruth Roe", page)
    assert "11 Nov 2026, 18:30" in page, "in the customer's own time"


def test_no_answer_keeps_the_contact_due_until_enough_was_tried(
    db_session: Session, world: World, desk: Desk, ruth: User
) -> None:
    for day in (11, 12):
        assert task_of(db_session, desk.case).state == "due"
        call = {**CALL, "result": "no_answer", "local_time": f"2026-11-{day}T18:30", "channel": "email"}
        desk.do("callback", ruth.actor, MONDAY.replace(day=day), person=ruth.actor, **call)
    assert task_of(db_session, desk.case).state == "done"


def test_unhappy_answer_after_the_contact_asks_for_another(
    db_session: Session, world: World, ruth: User
) -> None:
    desk = in_follow_up(db_session, world, sampled=True)
    desk.do("callback", ruth.actor, ASKED, person=ruth.actor, **CALL)
    assert task_of(db_session, desk.case).state == "done"
    with clock.frozen(ASKED + timedelta(hours=1)):
        answer_survey(db_session, desk.case, {"perception": 2, "resolved": 0})
    assert task_of(db_session, desk.case).state == "due", "without it the case could never close (U-05)"


def test_appeal_takes_the_contact_back(db_session: Session, world: World, desk: Desk) -> None:
    desk.do("unhappy", desk.customer, MONDAY.replace(day=11))
    assert task_of(db_session, desk.case).state == "cancelled"


def test_wrong_view_or_cursor_says_so(world: World, browse: Browse, ruth: User) -> None:
    reviewer = browse(ruth)
    assert reviewer.get("/complaints/follow-ups?view=nonsense").status_code == 422
    assert reviewer.get("/complaints/follow-ups?after=nonsense").status_code == 422
