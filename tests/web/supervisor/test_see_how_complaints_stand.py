"""Supervisors see which dates press, what was refused, and how often a second look changed a decision."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.service import apply
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from tests.browser import Browser
from tests.complaints.staff import MONDAY, admitted
from tests.web.complaints.cases import Walk, stages
from tests.web.served import DESK, PHONE, Served, faults, overflow
from tests.world import World

Browse = Callable[[User | None], Browser]
TUESDAY = MONDAY.replace(day=3)


def shown(browse: Browse, user: User, path: str = "/supervisor/complaints") -> str:
    with clock.frozen(TUESDAY):
        page = browse(user).get(path).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_dates_ages_and_refusals_stand_on_one_page(db_session: Session, world: World, browse: Browse) -> None:
    desk = admitted(db_session, world)
    with clock.frozen(MONDAY.replace(hour=15)):
        apply(db_session, desk.case, "start", world.ivan.actor, {"declaration": ""})
    db_session.commit()
    page = shown(browse, world.bob)
    assert "1 complaint is open." in page
    assert "Half are older than 1 days" not in page
    assert "Half are at least 1 day old" in page
    assert re.search(r"F-03 .{10,200} 1 1 ", page)
    assert "Decisions told 0" in page


def test_a_team_that_is_not_one_s_own_counts_nothing(
    db_session: Session, world: World, browse: Browse
) -> None:
    admitted(db_session, world)
    stan = User(email="stan@example.com", name="Stan", password_hash="", roles=[Role.SUPERVISOR.value])
    stan.team = world.other_queue.team
    db_session.add(stan)
    db_session.commit()
    page = shown(browse, stan)
    assert "0 complaints are open." in page
    assert "No date presses" in page
    assert "Nothing was refused." in page


def test_a_period_that_is_none_says_so(world: World, browse: Browse) -> None:
    answer = browse(world.bob).get("/supervisor/complaints?period=forever")
    assert answer.status_code == 422
    assert "offered values" in answer.text


@pytest.mark.browser
def test_page_is_clean_in_both_languages_and_sizes(
    served: Served, town: World, clean_database: object
) -> None:
    with Session(clean_database, expire_on_commit=False) as session:  # type: ignore[arg-type]  # an Engine
        walk = Walk(session, town)
        for _stage in stages(walk, upheld=False, late=False):
            pass
        walk.do("reviewer", town.petra.actor, reviewer=walk.ruth.actor)
        finding = {"point": 1, "finding": "upheld", "reason": "有录音。", "evidence": ["录音一"]}
        walk.do(
            "review_decide",
            walk.ruth.actor,
            findings=[finding],
            loss=0,
            goodwill=5000,
            reviewer=walk.ruth.actor,
        )
        apply(session, walk.case, "accept", town.ivan.actor, {})
        session.commit()
    for size, dark, language in ((DESK, False, "en"), (PHONE, True, "zh")):
        with unit_of_work() as session:
            session.get_one(User, town.admin.id).language = language
        window = served.window(town.admin, size=size, dark=dark)
        window.goto("/supervisor/complaints")
        expect(window.locator("html")).to_have_attribute("lang", re.compile(language))
        expect(window.locator("td[data-heat]").first).to_be_visible()
        assert overflow(window) == 0
        assert faults(window) == []
