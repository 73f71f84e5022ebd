"""What there is of a call, a renewed remedy and an apology, in real browsers: at a desk and on a telephone, in both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.answers import answer_survey
from contactcenter.edge.limits import limiter
from tests.web.complaints.cases import FINDING, PROOF, Walk, stages
from tests.web.complaints.test_case_in_a_browser import begun, link_to, look_at
from tests.web.served import DESK, PHONE, Served
from tests.world import World

pytestmark = pytest.mark.browser
LOOKS = [("en", PHONE), ("zh", PHONE), ("en", DESK), ("zh", DESK)]


@pytest.fixture
def unhappy(town: World, clean_database: Engine) -> Iterator[Walk]:
    """Her remedy came, and she is unhappy: she wrote by mail, and is to be asked why."""
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
        next(stage for stage in stages(walk, late=False) if stage == "follow-up")
        walk.case.customer.zone = "Asia/Shanghai"
        answer_survey(session, walk.case, {"perception": 2, "resolved": 0})
        session.commit()
        yield walk


def test_she_gives_a_number_and_a_time_and_who_calls_sees_both_clocks(served: Served, unhappy: Walk) -> None:
    link = link_to(unhappy.session, unhappy)
    for language, size in LOOKS:
        limiter.reset()
        page = served.window(size=size)
        page.goto(f"{link}?lang={language}")
        look_at(page, f"call-number-{language}-{size['width']}")
    page = served.window(size=PHONE)
    page.goto(f"{link}?lang=en")
    page.get_by_label("Your telephone number").fill("+86 138 0013 8000")
    page.get_by_label("Day and time").first.select_option(index=1)
    page.get_by_role("button", name="Call me then").click()
    expect(page.get_by_text("We will call you on")).to_be_visible()
    expect(page.get_by_text("We call +86 … 8000.")).to_be_visible()
    look_at(page, "call-chosen-en-390")
    for language, size in LOOKS:
        caller = served.window(_in(unhappy, language), size=size)
        for name, path in (
            ("queue", "/complaints/follow-ups"),
            ("case", f"/complaints/{unhappy.case.reference}"),
        ):
            caller.goto(path)
            if name == "case":
                caller.locator("#step-callback > summary").click()
            look_at(caller, f"call-{name}-{language}-{size['width']}")


def _in(walk: Walk, language: str) -> User:
    walk.ruth.language = language
    walk.session.commit()
    return walk.ruth


def test_a_remedy_that_failed_and_an_apology_are_clear_to_both(
    served: Served, town: World, clean_database: Engine
) -> None:
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
        _owe_an_apology(walk)
        mallory = served.window(town.mallory, size=PHONE)
        mallory.goto(f"/complaints/{walk.case.reference}")
        mallory.locator("#step-deliver > summary").click()
        mallory.get_by_label("Letter of apology").select_option(index=1)
        look_at(mallory, "apology-form-en-390")
        mallory.locator("#step-deliver").get_by_role("button", name="Remedy carried out").click()
        expect(mallory.get_by_text("That letter has not left yet.").first).to_be_visible()
        look_at(mallory, "apology-refused-en-390")
        proof = {**PROOF, "status": "delivered"}
        walk.do("deliver", town.mallory.actor, proof=proof, deliverer=town.mallory.actor)
        walk.do("verify_fail", town.wang_li.actor, cause="什么也没有收到。")
        link = link_to(session, walk)
        for language, size in LOOKS:
            limiter.reset()
            page = served.window(size=size)
            page.goto(f"{link}?lang={language}")
            look_at(page, f"again-{language}-{size['width']}")
        staff = served.window(town.ivan)
        staff.goto(f"/complaints/{walk.case.reference}")
        expect(staff.get_by_role("cell", name="Remedy, once more")).to_be_visible()
        look_at(staff, "again-case-en-1440")


def _owe_an_apology(walk: Walk) -> None:
    ivan, alice = walk.world.ivan.actor, walk.world.alice.actor
    next(stage for stage in stages(walk, late=False) if stage == "investigating")
    walk.do("statement", alice, person=alice, text="那天我很累。")
    walk.do("contact_attempt", ivan, channel="email", result="confirmed")
    walk.do("propose", ivan, findings=[FINDING], loss=0, goodwill=0)
    walk.do("communicate", walk.world.petra.actor)
    walk.do("accept", walk.world.wang_li.actor)
