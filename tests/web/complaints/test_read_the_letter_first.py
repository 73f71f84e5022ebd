"""Before a step is taken its letter can be read beside the form, as the customer will get it; nothing is done by that."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.models import ComplaintCase, ComplaintEvent, ComplaintLetter, ComplaintRefusal
from contactcenter.core import clock
from tests.browser import Browser
from tests.complaints.staff import MONDAY, Desk, admitted
from tests.world import World

Browse = Callable[[User | None], Browser]
NOON = MONDAY.replace(day=5, hour=14)


@pytest.fixture
def case(db_session: Session, world: World) -> ComplaintCase:
    """A decision is drafted; Petra is about to tell it."""
    desk = admitted(db_session, world)
    take_to_the_draft(desk)
    db_session.commit()
    return desk.case


def take_to_the_draft(desk: Desk) -> None:
    ivan, alice, day = desk.world.ivan.actor, desk.world.alice.actor, MONDAY.replace(day=3)
    desk.do("start", ivan, day, declaration="none")
    desk.do("evidence", ivan, day, id="call-1", point=1, adverse=False, kind="recording")
    desk.do("statement_request", ivan, day, person=alice)
    desk.do("statement", alice, day, person=alice, text="I was tired.")
    desk.do("contact_attempt", ivan, day, channel="email", result="confirmed")
    finding = {"point": 1, "finding": "upheld", "reason": "The recording shows it.", "evidence": ["call-1"]}
    desk.do("propose", ivan, day.replace(day=4), findings=[finding], loss=0, goodwill=5000)


def kept(session: Session, case: ComplaintCase) -> tuple[object, ...]:
    """Everything that a step would change."""
    session.expire_all()
    counts = [
        session.scalar(select(func.count()).where(table.case_id == case.id))
        for table in (ComplaintEvent, ComplaintLetter, ComplaintRefusal)
    ]
    return (*counts, case.head, case.state)


def asked(
    browse: Browse, user: User, case: ComplaintCase, event: str, data: dict[str, str]
) -> tuple[int, str]:
    with clock.frozen(NOON):
        answer = browse(user).post(f"/complaints/{case.reference}/events/{event}/preview", data)
    return answer.status_code, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_decision_is_read_as_its_customer_will(
    db_session: Session, world: World, browse: Browse, case: ComplaintCase
) -> None:
    before = kept(db_session, case)
    status, page = asked(browse, world.petra, case, "communicate", {})
    assert status == 200
    letter = page.partition("The customer will read: 我们对您投诉的决定")[2]
    assert "录音" not in letter
    for words in (case.reference, "The recording shows it.", "50"):
        assert words in letter
    assert "[[link]]" not in letter
    assert kept(db_session, case) == before


def test_what_forbids_the_step_is_said_and_not_counted_as_an_attempt(
    db_session: Session, world: World, browse: Browse, case: ComplaintCase
) -> None:
    before = kept(db_session, case)
    _status, page = asked(browse, world.ivan, case, "start", {"declaration": "none"})
    assert "The customer will read" not in page
    assert kept(db_session, case) == before


def test_what_was_typed_stays(db_session: Session, world: World, browse: Browse) -> None:
    desk = admitted(db_session, world)
    desk.do("start", world.ivan.actor, MONDAY.replace(hour=15), declaration="none")
    db_session.commit()
    path = f"/complaints/{desk.case.reference}/events/extend/preview"
    typed = {"clock": "decision", "reason": "the expert is ill", "to": "2026-11-30"}
    with clock.frozen(NOON):
        petra = browse(world.petra)
        refused, shown = petra.post(path, {**typed, "reason": ""}), petra.post(path, typed)
    for page in (refused.text, shown.text):
        assert 'value="2026-11-30"' in page
        assert 'id="step-extend" open' in page
    assert "The customer will read: 您的投诉处理时间超出我们的承诺" in shown.text


def test_letters_of_a_case_are_read_by_those_who_may_act_on_it(
    world: World, browse: Browse, case: ComplaintCase
) -> None:
    assert asked(browse, world.alice, case, "communicate", {})[0] == 404, "it is about her"
    assert asked(browse, world.petra, case, "no-such-step", {})[0] == 404
