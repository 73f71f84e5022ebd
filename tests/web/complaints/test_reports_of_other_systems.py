"""The people on a case see what payment systems and carriers said of its remedy, and begin with it."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.intake import Told, take_report
from contactcenter.complaints.service import act_for_time
from contactcenter.complaints.sources import create_source, list_sources
from contactcenter.core import clock
from tests.browser import Browser
from tests.complaints.staff import MONDAY, Desk, decided, in_follow_up
from tests.world import World

Browse = Callable[[User | None], Browser]
FRIDAY = MONDAY.replace(day=6)


@pytest.fixture(autouse=True)
def _on_friday() -> Iterator[None]:
    with clock.frozen(FRIDAY):
        yield


@pytest.fixture
def due(db_session: Session, world: World) -> Desk:
    """50.00 are to be paid."""
    desk = decided(db_session, world)
    desk.do("accept", desk.customer, FRIDAY)
    return desk


def say(desk: Desk, thing: str, status: str, *, amount: int = 5000, at: datetime = FRIDAY) -> None:
    """Stripe says so."""
    session = desk.session
    known = list_sources(session)
    source = known[0] if known else create_source(session, "stripe", actor="system").source
    with clock.frozen(at):
        take_report(
            session, source, Told(desk.case.reference, thing, "refund", status, amount, "GBP", at, "{}")
        )
    session.commit()


def page_of(browse: Browse, user: User, desk: Desk) -> str:
    return browse(user).get(f"/complaints/{desk.case.reference}").text


def proof_in(page: str) -> list[str]:
    """What the form for the remedy begins with."""
    return [
        re.findall(rf'name="proof\.{key}"[^>]*value="([^"]*)"', page)[0] for key in ("system", "id", "status")
    ]


def test_bob_sees_what_counts_and_his_form_begins_with_it(world: World, browse: Browse, due: Desk) -> None:
    say(due, "re_1", "requested")
    say(due, "re_1", "settled")
    page = page_of(browse, world.bob, due)
    assert all(words in page for words in ("Reports of other systems", "re_1", "£50.00", "settled", "counts"))
    assert proof_in(page) == ["stripe", "re_1", "settled"]


def test_what_does_not_count_is_shown_with_the_reason_and_offered_nowhere(
    world: World, browse: Browse, due: Desk
) -> None:
    say(due, "re_1", "settled", amount=4000)
    say(due, "re_2", "requested")
    page = page_of(browse, world.bob, due)
    assert "stripe paid £40.00, and £50.00 is owed." in page
    assert "asked for, not done" in page
    assert proof_in(page) == ["", "", "settled"]


def test_what_was_taken_back_is_not_offered_again(world: World, browse: Browse, due: Desk) -> None:
    say(due, "re_1", "settled")
    due.do(
        "deliver",
        world.bob.actor,
        FRIDAY,
        proof={"system": "stripe", "id": "re_1", "status": "settled"},
        deliverer=world.bob.actor,
    )
    say(due, "re_1", "reversed")
    page = page_of(browse, world.bob, due)
    assert "stripe says of re_1: taken back. What was done no longer holds: make it good." in page
    assert proof_in(page) == ["", "", "settled"]
    say(due, "re_2", "settled")
    page = page_of(browse, world.bob, due)
    assert "What was done no longer holds" not in page
    assert proof_in(page) == ["stripe", "re_2", "settled"]


def test_ivan_learns_that_a_checked_remedy_was_taken_back(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = in_follow_up(db_session, world)
    say(desk, "re_1", "reversed")
    assert "The complaint does not close until then." in page_of(browse, world.ivan, desk)
    ivan = browse(world.ivan)
    assert "Remedy taken back" in ivan.get("/complaints").text
    assert desk.case.reference in ivan.get("/complaints?view=undone").text
    say(desk, "re_2", "settled")
    assert "Remedy taken back" not in ivan.get("/complaints").text
    assert desk.case.reference not in ivan.get("/complaints?view=undone").text


def test_ivan_can_open_again_what_was_taken_back_after_the_end(
    db_session: Session, world: World, browse: Browse
) -> None:
    desk = in_follow_up(db_session, world)
    later = FRIDAY.replace(day=28)
    desk.do("root_cause", world.ivan.actor, later, level1="people", level2="tired", factor="long shift")
    desk.do("survey", desk.customer, later, perceived=9, expected=5, resolved=True)
    with clock.frozen(later):
        act_for_time(db_session, desk.case)
        assert desk.case.state == "closed"
        say(desk, "re_1", "reversed", at=later)
        assert desk.case.reference in browse(world.ivan).get("/complaints?view=undone").text
        page = page_of(browse, world.ivan, desk)
        assert "The complaint can be opened again." in page
        assert '<option value="remedy_failed">The remedy failed</option>' in page
        form = {"reason": "remedy_failed", "investigator": ""}
        answer = browse(world.ivan).post(f"/complaints/{desk.case.reference}/events/reopen", form)
    assert answer.status_code == 303, answer.text
    db_session.refresh(desk.case)
    assert desk.case.state == "admitted"


def test_a_correction_shows_what_the_record_was_and_is(world: World, browse: Browse, due: Desk) -> None:
    crm = create_source(due.session, "crm", actor="system").source
    digests = {"before": "0" * 64, "after": "f" * 64}
    told = Told(due.case.reference, "c1", "correction", "recorded", None, None, FRIDAY, "{}", **digests)
    take_report(due.session, crm, told)
    due.session.commit()
    page = page_of(browse, world.bob, due)
    assert "000000000000 → ffffffffffff" in page
    assert "£50.00 is owed: only a payment shows that." in page


def test_reports_are_told_in_chinese_too(
    db_session: Session, world: World, browse: Browse, due: Desk
) -> None:
    say(due, "re_1", "settled", amount=4000)
    world.bob.language = "zh"
    db_session.commit()
    page = page_of(browse, world.bob, due)
    assert "其他系统的报告" in page
    assert "stripe 支付了 £40.00，而应付 £50.00。" in page


def test_without_reports_nothing_is_said_of_them(world: World, browse: Browse, due: Desk) -> None:
    due.session.commit()
    assert "Reports of other systems" not in page_of(browse, world.bob, due)
