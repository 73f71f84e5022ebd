"""On a telephone, without an account: comment on evidence, ask for a second look, accept, confirm the remedy, answer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from contactcenter.complaints.models import ComplaintCase
from contactcenter.core import clock
from contactcenter.core.i18n import gettext, speaking
from tests.web.complaints.cases import FINDING, NO, PROOF, Walk
from tests.web.complaints.test_case_in_a_browser import begun, link_to, look_at
from tests.web.served import PHONE, Served
from tests.world import World

pytestmark = pytest.mark.browser
Say = Callable[..., str]


def words_of(language: str) -> Say:
    def say(message: str, **values: object) -> str:
        with speaking(language):
            return gettext(message, **values)

    return say


class Staff:
    """What the house does meanwhile, each step now: the customer's own come in between."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.world = walk, walk.world

    def do(self, event: str, actor: str, **data: object) -> None:
        self.walk.session.expire_all()
        self.walk.at = clock.now() - self.walk.pace
        self.walk.do(event, actor, **data)

    def puts_evidence_to_the_customer(self) -> None:
        ivan, points = self.world.ivan.actor, ["电话里态度粗暴"]
        self.do(
            "admit",
            self.world.mallory.actor,
            key_points=points,
            category="conduct",
            severity=2,
            harm=1,
            investigator=ivan,
            declaration="none",
        )
        self.do("start", ivan, declaration="none")
        self.do("evidence", ivan, id="录音一", point=1, adverse=True, kind="录音")
        self.do("show_adverse", ivan, id="录音一")

    def says_no(self) -> None:
        ivan, alice = self.world.ivan.actor, self.world.alice.actor
        self.do("statement_request", ivan, person=alice)
        self.do("statement", alice, person=alice, text="那天我很累。")
        self.do("contact_attempt", ivan, channel="email", result="confirmed")
        self.do("propose", ivan, findings=[NO], loss=0, goodwill=0)
        self.do("communicate", self.world.petra.actor)

    def looks_again_and_says_yes(self) -> None:
        ruth = self.walk.ruth.actor
        self.do("reviewer", self.world.petra.actor, reviewer=ruth)
        self.do("review_decide", ruth, findings=[FINDING], loss=0, goodwill=5000, reviewer=ruth)

    def carries_it_out(self) -> None:
        mallory = self.world.mallory.actor
        self.do("deliver", mallory, proof=PROOF, deliverer=mallory)


class Customer:
    """Wang Li on her telephone; every page she sees is clean and whole."""

    def __init__(self, page: Page, link: str, say: Say, language: str) -> None:
        self.page, self.link, self.say, self.language, self.seen_n = page, link, say, language, 0

    def looks(self, *things: str) -> None:
        self.page.goto(f"{self.link}?lang={self.language}")
        for thing in things:
            expect(self.page.get_by_text(thing).first).to_be_visible()
        self.seen_n += 1
        look_at(self.page, f"whole-way-{self.language}-{self.seen_n}")

    def presses(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).first.click()
        expect(self.page.get_by_text(self.say("Thank you. We have noted it."))).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_customer_is_heard_to_the_end(
    served: Served, town: World, clean_database: Engine, language: str
) -> None:
    say = words_of(language)
    with Session(clean_database, expire_on_commit=False) as session:
        walk = begun(session, town)
        staff = Staff(walk)
        her = Customer(served.window(size=PHONE), link_to(session, walk), say, language)

        her.looks(say("What do you expect?"))
        her.page.locator("form[action$='/expect'] input[value='8']").check(force=True)
        her.presses(say("Send"))

        staff.puts_evidence_to_the_customer()
        her.looks(say("Evidence you may comment on"))
        her.page.get_by_label(say("Your comment on “%(evidence)s”", evidence="录音一")).fill(
            "那不是我的声音。"
        )
        her.presses(say("Send my comment"))

        staff.says_no()
        her.looks(say("Our decision"), say("Do you agree?"))
        her.page.get_by_label(say("What was missed?")).fill("请再听一次录音。")
        her.presses(say("Ask for a second look"))
        session.expire_all()
        assert state(session, walk) == "appeal"

        staff.looks_again_and_says_yes()
        her.looks(say("Our decision"))
        her.presses(say("I accept"))

        staff.carries_it_out()
        her.looks(say("Has it arrived?"))
        her.presses(say("Yes, it has arrived"))

        her.looks(say("How did we do?"))
        her.page.locator("form[action$='/survey'] input[name=perception][value='9']").check(force=True)
        her.page.locator("form[action$='/survey'] input[name=resolved][value='1']").check(force=True)
        her.presses(say("Send"))
        session.expire_all()
        assert state(session, walk) == "follow_up"
        case = session.get_one(ComplaintCase, walk.case.id)
        her.looks(case.reference)
        with her.page.expect_download() as copy:
            her.page.get_by_role("link", name=say("Keep a copy of my file")).click()
        assert copy.value.suggested_filename == f"{case.reference}.html"
        assert case.head in copy.value.path().read_text(encoding="utf-8")


def state(session: Session, walk: Walk) -> str:
    return session.get_one(ComplaintCase, walk.case.id).state
