"""How complaints went: Σb ÷ Σa of a period, computed by hand, on the desk and for programs."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.models import ComplaintCase
from contactcenter.core import clock
from contactcenter.surveys.service import About, answer
from tests.api.conftest import Program
from tests.browser import Browser
from tests.web.complaints.test_find_complaints import open_many
from tests.world import World

Browse = Callable[[User | None], Browser]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANSWERS = [  # expected, perceived, resolved, when
    (8, 6, 1, NOON),  # c = 0.75: less than expected
    (5, 5, 0, NOON),  # c = 1, but not resolved: less than expected
    (4, 8, 1, NOON),  # c = 2: more
    (7, 7, 1, NOON),  # c = 1: as expected
    (10, 1, 0, datetime(2026, 10, 31, 23, 59, tzinfo=UTC)),  # October
    (10, 1, 0, datetime(2026, 8, 1, tzinfo=UTC)),  # long ago
]


@pytest.fixture
def answered(db_session: Session, world: World) -> list[ComplaintCase]:
    """Six cases of one team and their answers, and one whose customer was asked and said nothing."""
    open_many(db_session, world, len(ANSWERS) + 1)
    cases = list(db_session.scalars(select(ComplaintCase).order_by(ComplaintCase.id)))
    for case, (expected, perceived, resolved, at) in zip(cases, ANSWERS, strict=False):
        values = {"expectation": expected, "perception": perceived, "resolved": resolved}
        with clock.frozen(at):
            for question, value in values.items():
                about = About("complaint", case.reference)
                answer(db_session, about, question, value, customer_id=case.customer_id)
    db_session.commit()
    return cases


def figures_on(page: str) -> list[str]:
    """The values of the card, in the order in which it shows them."""
    card = page.split('id="satisfaction"')[1].split("</section>", maxsplit=1)[0]
    return re.findall(r'class="stat__value">([^<]+)<', card)


def test_desk_shows_the_ratio_of_sums_and_how_many(
    world: World, browse: Browse, answered: list[ComplaintCase]
) -> None:
    ivan = browse(world.ivan)
    with clock.frozen(NOON):
        assert figures_on(ivan.get("/complaints").text) == ["1.08", "2", "1", "1"]  # 26 ÷ 24
        assert figures_on(ivan.get("/complaints?period=last_month").text) == ["0.10", "1", "0", "0"]
        assert figures_on(ivan.get("/complaints?period=90_days").text) == ["0.79", "3", "1", "1"]  # 27 ÷ 34
        assert ivan.get("/complaints?period=ever").status_code == 422


def test_month_begins_at_the_reader_s_midnight(
    db_session: Session, world: World, browse: Browse, answered: list[ComplaintCase]
) -> None:
    world.ivan.zone = "Asia/Shanghai"  # there the answer of 31 October, 23:59 UTC, came in November
    db_session.commit()
    with clock.frozen(NOON):
        assert figures_on(browse(world.ivan).get("/complaints").text)[0] == "0.79"


def test_only_cases_that_one_may_see_are_counted(
    db_session: Session, world: World, browse: Browse, answered: list[ComplaintCase]
) -> None:
    answered[0].subjects = [world.ivan.actor]
    db_session.commit()
    with clock.frozen(NOON):
        assert figures_on(browse(world.ivan).get("/complaints").text) == ["1.25", "1", "1", "1"]  # 20 ÷ 16
        assert "Nobody has answered yet." in browse(world.mallory).get("/complaints").text


def test_nobody_answered_is_said_so(world: World, browse: Browse) -> None:
    page = browse(world.ivan).get("/complaints").text
    assert "Nobody has answered yet." in page
    assert figures_on(page) == []


def test_period_stays_with_the_list_that_is_shown(world: World, browse: Browse) -> None:
    page = browse(world.ivan).get("/complaints?view=over&state=closed").text
    assert 'href="/complaints?view=over&amp;state=closed&amp;period=last_month"' in page


def test_program_reads_the_same(
    db_session: Session, world: World, program: Callable[[User], Program], answered: list[ComplaintCase]
) -> None:
    path = "/api/v1/complaints/satisfaction"
    supervisor = program(world.bob)
    with clock.frozen(NOON):
        found = supervisor.call("GET", f"{path}?period=90_days").json
        assert supervisor.call("GET", path).json["period"] == "this_month"
        assert supervisor.call("GET", f"{path}?period=ever").status_code == 422
    assert found == {
        "period": "90_days",
        "since": "2026-08-22T23:00:00Z",  # midnight of the 23rd in London
        "until": "2026-11-21T00:00:00Z",
        "c": pytest.approx(27 / 34),
        "answered_n": 5,
        "below_n": 3,
        "equal_n": 1,
        "above_n": 1,
    }
    world.mallory.roles = [Role.SALES.value]
    db_session.commit()
    assert program(world.mallory).call("GET", path).status_code == 403
