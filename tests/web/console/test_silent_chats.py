"""What Alice sees of a chat whose customer is silent, and of one that comes back when her hands are full."""

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import set_capacity, set_presence
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Received
from contactcenter.conversations.service import reply
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from tests.due import fire_next
from tests.web.console.test_in_a_browser import say, take
from tests.web.cut import cut_off
from tests.web.served import DESK, PHONE, Served, faults, overflow
from tests.world import World

pytestmark = pytest.mark.browser
SILENT = "The customer is silent"
OVER = "one more than you take"


@pytest.fixture
def chat(served: Served, town: World) -> Received:
    """Alice, who takes one chat at once, has answered Wang Li."""
    with unit_of_work() as session:
        set_capacity(session, town.alice.id, "chat", 1, by="system")
        set_presence(session, session.get_one(User, town.alice.id), "ready", by="system")
    received = say(town, "宽带又断了")
    take(town.alice, received)
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, received.conversation_id)
        reply(session, session.get_one(User, town.alice.id), conversation, "Is it better now?")
    return received


def falls_silent() -> None:
    with clock.frozen(clock.after(601)):
        while fired():
            pass


def fired() -> bool:
    with unit_of_work() as session:
        return fire_next(session)


def looks_at(
    served: Served, town: World, chat: Received, size: dict[str, int] = DESK, *, dark: bool = False
) -> Page:
    page = served.window(town.alice, size=size, dark=dark)
    with page.expect_response(re.compile("/since")):  # what it fetches once it listens
        page.goto(f"/console/tickets/{chat.ticket_id}")
    return page


def test_silence_shows_at_once_and_goes_when_he_writes(served: Served, town: World, chat: Received) -> None:
    page = looks_at(served, town, chat)
    expect(page.get_by_text(SILENT)).to_have_count(0)
    falls_silent()
    expect(page.get_by_text(SILENT).first).to_be_visible()
    assert faults(page) == []
    say(town, "还是不行", chat.ticket_id)
    expect(page.get_by_text(SILENT)).to_have_count(0)
    expect(page.get_by_text(OVER)).to_have_count(0)


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, False), (PHONE, True)])
def test_one_too_many_is_told(
    served: Served, town: World, chat: Received, size: dict[str, int], dark: bool
) -> None:
    falls_silent()
    page = looks_at(served, town, chat, size, dark=dark)
    take(town.alice, say(town, "账单不对"))
    expect(page.get_by_text(OVER)).to_have_count(0)
    say(town, "还是不行", chat.ticket_id)
    expect(page.locator("#presence").get_by_text("+1" if size is PHONE else OVER)).to_be_visible()
    search, presence = (page.locator(one).bounding_box() for one in (".search", "#presence"))
    assert search is not None
    assert presence is not None
    assert search["x"] + search["width"] <= presence["x"]
    assert overflow(page) <= 0
    assert cut_off(page) == []
    assert faults(page) == []
    page.locator("#presence button").first.click()
    expect(page.get_by_text("Chats in hand: 2. You take 1 at once")).to_be_visible()
    assert faults(page) == []


def test_a_late_answer_hides_nothing_that_was_pushed_since(
    served: Served, town: World, chat: Received
) -> None:
    """What the page asked on joining was answered before the silence, and arrives after it was told."""
    page = served.window(town.alice)
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/since*", lambda route: route.continue_() if late else late.append((route, route.fetch())))
    page.goto(f"/console/tickets/{chat.ticket_id}")
    while not late:
        page.wait_for_timeout(20)
    falls_silent()
    expect(page.get_by_text(SILENT).first).to_be_visible()
    [(route, answer)] = late
    route.fulfill(response=answer)
    page.wait_for_timeout(500)  # for what it must not do there is no sign to wait for
    expect(page.get_by_text(SILENT).first).to_be_visible()
