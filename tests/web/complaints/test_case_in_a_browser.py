"""A case in real browsers, from confirmed to closed: the customer's page and the investigator's, on a desk and a telephone."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from contactcenter.complaints.links import issue_link
from contactcenter.complaints.models import ComplaintCase
from contactcenter.core import clock
from contactcenter.edge.limits import limiter
from contactcenter.surveys.service import About, answer
from tests.web.complaints.cases import Walk, stages
from tests.web.served import DESK, PHONE, Served, faults, overflow, tab_to
from tests.world import World

pytestmark = pytest.mark.browser
LOOKS = [("en", DESK, False), ("zh", PHONE, True), ("zh", DESK, True), ("en", PHONE, False)]
ONLY_REJECTED = ("evidence to comment on", "decided", "appeal")
MINUTE = timedelta(minutes=1)
"""Servers and browsers have the real time: a whole case happens within the last hour."""


def picture(page: Page, name: str) -> None:
    """Kept for people to look at, where SCREENSHOTS says so."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def link_to(session: Session, walk: Walk) -> str:
    path = "/complaint/" + issue_link(session, walk.case).rsplit("/", 1)[1]
    session.commit()
    return path


def begun(session: Session, world: World) -> Walk:
    return Walk(session, world, at=clock.now() - 60 * MINUTE, pace=MINUTE)


@pytest.mark.parametrize("upheld", [True, False], ids=["upheld", "rejected"])
def test_every_stage_is_clear_to_the_customer_and_the_investigator(
    served: Served, town: World, clean_database: Engine, *, upheld: bool
) -> None:
    """Each stage in one of four looks; what a rejected case shares with an upheld one is looked at once."""
    customers = [served.window(size=size, dark=dark) for _language, size, dark in LOOKS]
    staff = [served.window(town.ivan, size=PHONE, dark=True), served.window(town.ivan)]
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
        for n, stage in enumerate(stages(walk, upheld=upheld, late=False)):
            if not upheld and stage not in ONLY_REJECTED:
                continue
            limiter.reset()
            language, size, _dark = LOOKS[n % 4]
            window = customers[n % 4]
            window.goto(f"{link_to(session, walk)}?lang={language}")
            look_at(window, f"portal-{upheld:d}-{n:02}-{stage}-{language}-{size['width']}")
            if n % 2:
                window = staff[n // 2 % 2]
                window.goto(f"/complaints/{walk.case.reference}")
                expect(window.get_by_text("Chain head")).to_be_visible()
                look_at(window, f"case-{upheld:d}-{n:02}-{stage}")


def look_at(page: Page, name: str) -> None:
    picture(page, name)
    assert overflow(page) == 0, name
    assert faults(page) == [], name


def test_customer_answers_and_gets_his_words_back_when_refused(
    served: Served, town: World, clean_database: Engine
) -> None:
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
        link = link_to(session, walk)
    window = served.window(size=PHONE)
    window.goto(f"{link}?lang=en")
    expect(window.get_by_text("Next we write down your points")).to_be_visible()
    window.get_by_label("Your message").fill("x" * 10_001)
    window.locator("form[action$='/reply'] button").click()
    expect(window.get_by_role("alert")).to_contain_text("At most 10000 characters.")
    expect(window.get_by_label("Your message")).to_have_value("x" * 10_001)
    window.get_by_label("Your message").fill("There is a photo of the bill.")
    window.locator("form[action$='/reply'] button").click()
    expect(window.get_by_text("Thank you. We have noted it.")).to_be_visible()
    picture(window, "portal-answered")


def test_lost_link_is_asked_for(served: Served, town: World, clean_database: Engine) -> None:
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
    for language, size in (("en", PHONE), ("zh", DESK)):
        window = served.window(size=size)
        window.goto(f"/complaint/{'x' * 43}?lang={language}")
        picture(window, f"lost-{language}")
        assert faults(window) == []
        window.locator("[name=reference]").fill(walk.case.reference)
        window.locator("[name=contact]").fill("wang.li@example.cn")
        window.locator("main button[type=submit]").click()
        expect(window.get_by_role("status").first).to_be_visible()
        picture(window, f"lost-asked-{language}")
        assert faults(window) == []


def test_desk_on_a_desk_and_a_telephone(served: Served, town: World, clean_database: Engine) -> None:
    """The list, the follow-ups and how it went."""
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
        assert "follow-up" in stages(walk, late=False)
        about = About("complaint", walk.case.reference)
        for question, value in (("expectation", 8), ("perception", 10)):
            answer(session, about, question, value, customer_id=walk.case.customer_id)
        session.commit()
        reference = walk.case.reference
    for size, dark in ((DESK, False), (PHONE, True)):
        window = served.window(town.ivan, size=size, dark=dark)
        window.goto("/complaints")
        expect(window.get_by_role("link", name=reference)).to_be_visible()
        expect(window.get_by_text("1.25", exact=True)).to_be_visible()
        look_at(window, f"list-{size['width']}")
        window.get_by_role("link", name="Follow-ups").click()
        expect(window.get_by_text("You handled this case: another person must call.")).to_be_visible()
        look_at(window, f"follow-ups-{size['width']}")


def test_a_decision_is_read_and_sent_by_keyboard_alone(
    served: Served, town: World, clean_database: Engine
) -> None:
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
        assert "proposed" in stages(walk, late=False)
        reference = walk.case.reference
    window = served.window(town.petra)
    window.goto(f"/complaints/{reference}")
    tab_to(window, "#step-communicate summary")
    window.keyboard.press("Enter")
    tab_to(window, "[formaction*='/communicate/preview']")
    with window.expect_navigation():
        window.keyboard.press("Enter")
    expect(window.locator("#letter-communicate")).to_contain_text("我们对您投诉的决定")
    expect(window.locator("#letter-communicate")).to_be_in_viewport()
    look_at(window, "letter-read-first")
    tab_to(window, "form[action$='/communicate'] button:not([formaction])")
    with window.expect_navigation():
        window.keyboard.press("Enter")
    expect(window.locator("#letter-communicate")).to_have_count(0)
    with Session(clean_database) as session:
        assert session.get_one(ComplaintCase, walk.case.id).state == "decided"
