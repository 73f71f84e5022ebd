"""Whoever handles a case sees what like cases came to, and opens those that are for his eyes."""

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.models import ComplaintCase
from contactcenter.core import clock
from tests.browser import Browser
from tests.complaints.staff import MONDAY, admitted
from tests.complaints.test_facts_by_meaning import ROUTER, understood
from tests.complaints.test_similar_cases import Earlier
from tests.plans import questions
from tests.world import World

Browse = Callable[[User | None], Browser]
TUESDAY = MONDAY.replace(day=3)


def shown(browse: Browse, user: User, case: ComplaintCase) -> str:
    """The words of the case's page, without markup."""
    with clock.frozen(TUESDAY):
        page = browse(user).get(f"/complaints/{case.reference}").text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_too_few_like_cases_give_the_range_by_the_harm(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = admitted(db_session, world)
    db_session.commit()
    page = shown(browse, world.ivan, desk.case)
    assert "By the harm done: 0.00 to 100.00." in page
    assert "No decided case is like it yet." in page


def test_like_cases_are_listed_with_what_they_came_to(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = admitted(db_session, world)
    earlier = Earlier(desk)
    for goodwill in range(1000, 9000, 1000):
        like = earlier.decided("rude on the phone", goodwill=goodwill)
    about_him = earlier.decided("rude on the phone", upheld=False, goodwill=0)
    about_him.subjects = [world.ivan.actor]
    unlike = earlier.decided("the meter was read wrongly")
    db_session.commit()
    page = shown(browse, world.ivan, desk.case)
    assert "Usual goodwill: 20.00 to 70.00. From 8 upheld cases." in page
    assert "Upheld: 89 % of them" in page
    assert "Their facts were compared by their words." in page
    assert f"{like.reference} 100&nbsp;% upheld 80.00" in page
    assert "not for you 100&nbsp;% not upheld 0.00" in page
    assert about_him.reference not in page
    assert unlike.reference not in page


def test_a_page_compares_its_case_once(db_session: Session, world: World, browse: Browse) -> None:
    """With two hundred others, which is most of what it costs: for its rules and for its reader."""
    desk = admitted(db_session, world)
    Earlier(desk).decided("rude on the phone")
    db_session.commit()
    with questions(db_session) as asked:
        shown(browse, world.ivan, desk.case)
    assert len([one for one in asked if "FROM complaint_precedent" in one]) == 1


def test_reader_is_told_that_a_model_compared_what_the_facts_mean(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = admitted(db_session, world)
    understood(desk.case, ROUTER)
    like = understood(Earlier(desk).decided("她在电话里很粗鲁"), ROUTER)
    db_session.commit()
    page = shown(browse, world.ivan, desk.case)
    assert f"{like.reference} 100&nbsp;% upheld 50.00" in page
    assert "Their facts were compared by what they mean." in page


def test_who_sees_only_the_status_sees_no_other_case(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = admitted(db_session, world, subjects=())
    like = Earlier(desk).decided("rude on the phone")
    db_session.commit()
    page = shown(browse, world.bob, desk.case)
    assert desk.case.reference in page
    assert like.reference not in page
    assert "Similar cases" not in page
