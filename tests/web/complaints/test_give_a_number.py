"""A customer whose number we do not know chooses a call all the same: he gives one on his page, for this complaint only."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.contacts import masked
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.facts import Facts, calls_possible, number_of
from contactcenter.complaints.folding import fold
from contactcenter.complaints.models import ComplaintEvent
from contactcenter.complaints.vault import load_events, shred
from contactcenter.core import clock
from contactcenter.core.events import EventRow
from tests.browser import Browser
from tests.complaints.staff import Desk
from tests.web.complaints.test_choose_a_call import ASKED, NUMBER, SHANGHAI, page_of, task_of, unhappy
from tests.world import World

Browse = Callable[[User | None], Browser]
E164 = "+8613800138000"


@pytest.fixture
def desk(db_session: Session, world: World) -> Desk:
    """A customer who complained by mail."""
    return unhappy(db_session, world, "wang.li@example.cn")


def facts_of(session: Session, desk: Desk) -> Facts:
    return fold(load_events(session, desk.case), case_settings(desk.case).machine)


def test_he_is_asked_for_it_and_what_he_gives_is_called(
    db_session: Session, browse: Browse, desk: Desk
) -> None:
    path, visitor = page_of(db_session, desk), browse(None)
    ruth = User(email="ruth@example.com", name="Ruth Roe", password_hash="", roles=[Role.REVIEWER.value])
    db_session.add(ruth)
    db_session.commit()
    with clock.frozen(ASKED):
        page = visitor.get(path).text
        assert "Your telephone number" in page
        assert "If you would rather talk" in page
        assert visitor.post(f"{path}/call", {**SHANGHAI, "number": "138 0013 8000"}).status_code == 303
        page = visitor.get(path).text
        case = browse(ruth).get(f"/complaints/{desk.case.reference}").text
    assert "We call +86 … 8000." in page
    assert E164 not in page, "a link may be passed on"
    assert E164 in case
    assert '<option value="phone" selected' in case
    assert task_of(db_session, desk).wished_time == "2026-11-11T14:00"
    facts = facts_of(db_session, desk)
    assert (facts.phone, facts.contact, calls_possible(facts)) == (E164, "wang.li@example.cn", True)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("", "Give the number at which we may call you."), ("123", "123 is not a phone number.")],
)
def test_without_a_number_nothing_is_planned_and_what_was_typed_stays(
    db_session: Session, browse: Browse, desk: Desk, number: str, sentence: str
) -> None:
    with clock.frozen(ASKED):
        answer = browse(None).post(f"{page_of(db_session, desk)}/call", {**SHANGHAI, "number": number})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'name="number" value="{number}"' in answer.text
    assert 'value="2026-11-11T14:00" selected' in answer.text
    assert task_of(db_session, desk).wished_time is None
    assert not number_of(facts_of(db_session, desk))


def test_a_wrong_time_keeps_no_number(db_session: Session, browse: Browse, desk: Desk) -> None:
    late = {"zone": "Asia/Shanghai", "slot": "2026-11-20T10:00", "number": NUMBER}
    with clock.frozen(ASKED):
        assert browse(None).post(f"{page_of(db_session, desk)}/call", late).status_code == 422
    assert not number_of(facts_of(db_session, desk))


def test_another_number_replaces_the_one_that_is_known(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = unhappy(db_session, world, NUMBER)
    path, visitor = page_of(db_session, desk), browse(None)
    with clock.frozen(ASKED):
        assert "Another telephone number" in visitor.get(path).text
        assert visitor.post(f"{path}/call", SHANGHAI).status_code == 303, "none is needed"
        before = len(load_events(db_session, desk.case))
        assert visitor.post(f"{path}/call", {**SHANGHAI, "number": "+44 20 7946 0000"}).status_code == 303
        assert "We call +44 … 0000." in visitor.get(path).text
    assert len(load_events(db_session, desk.case)) == before + 1


@pytest.mark.parametrize(
    ("number", "shown"), [("+8613800138000", "+86 … 8000"), ("2012345", "… 2345"), ("", "")]
)
def test_a_number_is_shown_in_part(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_the_number_is_sealed_in_the_file_and_goes_with_it(
    db_session: Session, browse: Browse, desk: Desk
) -> None:
    with clock.frozen(ASKED):
        browse(None).post(f"{page_of(db_session, desk)}/call", {**SHANGHAI, "number": NUMBER})
    rows = db_session.scalars(select(ComplaintEvent).where(ComplaintEvent.name == "correct")).all()
    assert [set(row.data["value"]) for row in rows] == [{"sealed"}]
    told = db_session.scalars(select(EventRow)).all()
    assert not [row for row in told if "13800138000" in str(row.data)]
    assert db_session.scalar(text("SELECT count(*) FROM identity WHERE value LIKE '%138000%'")) == 0
    shred(db_session, desk.case)
    assert not number_of(facts_of(db_session, desk))


def test_in_chinese_too(db_session: Session, browse: Browse, desk: Desk) -> None:
    desk.case.language = "zh"
    with clock.frozen(datetime.fromisoformat("2026-11-10T10:15Z")):
        page = browse(None).get(page_of(db_session, desk) + "?lang=zh").text
    assert "您的电话号码" in page
