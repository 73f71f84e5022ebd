"""Who calls about how it went keeps to the time its customer chose, and the file says whether he did (C-08)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.contacts import slot_kept
from contactcenter.complaints.follow_ups import VIEWS, count_follow_ups, list_follow_ups
from contactcenter.complaints.service import Outcome, apply
from contactcenter.complaints.slots import choose_slot
from contactcenter.complaints.vault import load_events
from contactcenter.core import clock
from tests.browser import Browser
from tests.complaints.staff import Desk
from tests.web.complaints.test_choose_a_call import ASKED, NUMBER, page_of, task_of, unhappy
from tests.world import World

Browse = Callable[[User | None], Browser]
CHOSEN = datetime.fromisoformat("2026-11-11T06:00Z")  # 14:00 in Shanghai
CALL = {"zone": "Asia/Shanghai", "channel": "phone", "result": "no_answer"}


@pytest.fixture
def ruth(db_session: Session, world: World) -> User:
    """A reviewer who has not touched any case."""
    ruth = User(email="ruth@example.com", name="Ruth Roe", password_hash="", roles=[Role.REVIEWER.value])
    ruth.zone = "Europe/London"
    db_session.add(ruth)
    db_session.commit()
    return ruth


@pytest.fixture
def desk(db_session: Session, world: World, ruth: User) -> Desk:
    """Her customer wants to be called at two in the afternoon of the 11th, where he is."""
    desk = unhappy(db_session, world, NUMBER)
    with clock.frozen(ASKED):
        choose_slot(db_session, desk.case, datetime.fromisoformat("2026-11-11T14:00"), "Asia/Shanghai")
    db_session.commit()
    return desk


def noted(desk: Desk, ruth: User, at: datetime, **more: object) -> Outcome:
    """What becomes of a call of Ruth's at that instant."""
    there = at + timedelta(hours=8)
    data = {**CALL, "person": ruth.actor, "local_time": there.strftime("%Y-%m-%dT%H:%M"), **more}
    with clock.frozen(at):
        return apply(desk.session, desk.case, "callback", ruth.actor, data)


def test_a_call_before_the_chosen_time_is_refused_with_that_time(desk: Desk, ruth: User) -> None:
    refused = noted(desk, ruth, CHOSEN - timedelta(minutes=6))
    assert [(one.rule, one.message, one.how_to_fix) for one in refused.violations] == [
        (
            "C-08",
            "The customer chose to be called on 11 Nov 2026 at 14:00 (Shanghai).",
            "Call then, or tick that the customer called or asked for this time.",
        )
    ]
    assert task_of(desk.session, desk).wished_time == "2026-11-11T14:00"


def test_a_call_that_has_not_been_made_is_not_noted_as_kept(desk: Desk, ruth: User) -> None:
    assert not noted(desk, ruth, ASKED, local_time="2026-11-11T14:00").accepted


@pytest.mark.parametrize(("minutes", "kept"), [(-5, True), (0, True), (5, True), (6, False), (300, False)])
def test_a_call_at_or_after_the_chosen_time_says_whether_it_kept_it(
    desk: Desk, ruth: User, minutes: int, kept: bool
) -> None:
    assert noted(desk, ruth, CHOSEN + timedelta(minutes=minutes)).accepted
    assert task_of(desk.session, desk).wished_time is None, "the time is used up"
    assert _contact(desk)["slot"] == "2026-11-11T14:00"
    assert _kept(desk) is kept


def test_an_early_call_that_is_noted_late_is_noted_as_it_was(desk: Desk, ruth: User) -> None:
    assert noted(desk, ruth, CHOSEN + timedelta(hours=1), local_time="2026-11-11T10:00").accepted
    assert _kept(desk) is False


@pytest.mark.parametrize("zone", ["Asia/Peking", "Asia", "../Asia", ""])
def test_a_zone_that_is_none_is_refused_in_words(desk: Desk, ruth: User, zone: str) -> None:
    refused = noted(desk, ruth, CHOSEN, zone=zone)
    assert [one.message for one in refused.violations] == [f"{zone} is not a time zone."]


def test_a_customer_who_calls_himself_is_heard_and_a_mail_leaves_his_time_as_it_is(
    desk: Desk, ruth: User
) -> None:
    assert noted(desk, ruth, ASKED, channel="email").accepted
    assert "slot" not in _contact(desk)
    assert _kept(desk) is None
    assert task_of(desk.session, desk).wished_time == "2026-11-11T14:00"
    assert noted(desk, ruth, ASKED, agreed=True).accepted, "the line broke: he is called again"
    assert task_of(desk.session, desk).wished_zone == "Asia/Shanghai"
    assert noted(desk, ruth, ASKED, agreed=True, result="done").accepted
    assert desk.case.state == "follow_up"


def test_nobody_names_a_chosen_time_that_was_not_chosen(
    db_session: Session, world: World, ruth: User
) -> None:
    desk = unhappy(db_session, world, NUMBER)
    assert noted(desk, ruth, CHOSEN, slot="2026-11-11T14:00", slot_zone="Asia/Shanghai").accepted
    assert "slot" not in _contact(desk)


def test_who_calls_reads_the_time_there_and_his_own_and_finds_the_form_filled_in(
    desk: Desk, ruth: User, browse: Browse
) -> None:
    reviewer = browse(ruth)
    with clock.frozen(ASKED):
        queue = reviewer.get("/complaints/follow-ups").text
        case = reviewer.get(f"/complaints/{desk.case.reference}").text
    for page in (queue, case):
        assert "Call: 11 Nov 2026, 14:00 there" in page
        assert "Your time: 11 Nov 2026, 06:00" in page
    form = case.split('action="/complaints/' + desk.case.reference + '/events/callback"')[1].split("</form>")[
        0
    ]
    assert 'value="2026-11-10T18:15"' in form, "the clock where he is"
    assert 'value="Asia/Shanghai"' in form
    assert '<option value="phone" selected' in form
    assert f'<option value="{ruth.actor}" selected' in form


def test_a_refused_call_says_on_the_page_how_to_mend_it(desk: Desk, ruth: User, browse: Browse) -> None:
    path = f"/complaints/{desk.case.reference}"
    data = {**CALL, "person": ruth.actor, "local_time": "2026-11-10T18:15"}
    reviewer = browse(ruth)
    with clock.frozen(ASKED):
        refused = reviewer.post(f"{path}/events/callback", data)
        assert refused.status_code == 409
        assert "The customer chose to be called on 11 Nov 2026 at 14:00" in refused.text
        assert "tick that the customer called or asked for this time" in refused.text
        assert reviewer.post(f"{path}/events/callback", {**data, "agreed": "1"}).status_code == 303
        assert "not at the time chosen" in reviewer.get(path).text


def test_a_call_chosen_for_today_is_in_today_s_list_though_it_is_due_later(
    db_session: Session, desk: Desk, ruth: User
) -> None:
    for at, view in (
        (CHOSEN - timedelta(days=1), "coming"),
        (CHOSEN, "today"),
        (CHOSEN + timedelta(days=1), "today"),
    ):
        with clock.frozen(at):
            lists = {one: len(list_follow_ups(db_session, ruth, one).items) for one in VIEWS}
            assert lists == count_follow_ups(db_session, ruth)
            assert [one for one in VIEWS if lists[one]] == ["all", view], at


def test_a_time_that_passed_without_a_call_is_said_to_both(
    db_session: Session, desk: Desk, ruth: User, browse: Browse
) -> None:
    with clock.frozen(CHOSEN + timedelta(hours=1)):
        queue = browse(ruth).get("/complaints/follow-ups").text
        own = browse(None).get(page_of(db_session, desk)).text
    assert "that time has passed" in queue
    assert "and we did not call. We are sorry" in own
    assert "We will call you on" not in own


def _contact(desk: Desk) -> dict[str, object]:
    return dict(load_events(desk.session, desk.case)[-1].data)


def _kept(desk: Desk) -> bool | None:
    return slot_kept(_contact(desk))
