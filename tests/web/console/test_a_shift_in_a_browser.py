"""What an agent meets in a shift: offers to be heard, work without end, a break, a line that breaks; timers, long lists."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import end_wrap_up, set_presence
from contactcenter.conversations.ports import Inbound, Received, Sender
from contactcenter.conversations.service import end_conversation, receive
from contactcenter.core.db import unit_of_work
from tests.web.console.test_in_a_browser import TYPED, answer, lose_the_line, offer_to, ready, say, take
from tests.web.served import PHONE, Served, faults
from tests.world import World

pytestmark = pytest.mark.browser

LISTENER = """
window.heard = [];
window.AudioContext = class {
  currentTime = 0;
  destination = {};
  createOscillator() {
    return {frequency: {}, connect: (next) => next, start: () => window.heard.push("tone"), stop() {}};
  }
  createGain() {
    return {gain: {setValueAtTime() {}, exponentialRampToValueAtTime() {}}, connect: (next) => next};
  }
  close() {}
};
window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title) { super(); window.heard.push(title); }
};
Object.defineProperty(document, "hidden", {get: () => window.away === true});
"""


WATCH = """
window.said = [];
const banner = document.querySelector("cc-connection");
new MutationObserver(() => window.said.push(banner.innerText.trim())).observe(banner, {attributes: true});
"""


def at_work(user: User) -> None:
    with unit_of_work() as session:
        set_presence(session, session.get_one(User, user.id), "ready", by=user.actor)


def end(received: Received) -> None:
    with unit_of_work() as session:
        end_conversation(session, received.conversation_id, by="customer", reason="left", actor="system")


def heard(page: Page) -> list[str]:
    told: list[str] = page.evaluate("window.heard")
    return told


def test_an_offer_sounds_and_shows_on_the_desktop_once_she_allowed_it(served: Served, town: World) -> None:
    at_work(town.alice)
    page = served.window(town.alice)
    page.add_init_script(LISTENER)
    page.goto("/account")
    ready(page)
    first = offer_to(town.alice, say(town, "有人吗？"))
    expect(page.locator(f"#offer-{first}")).to_be_visible()
    assert heard(page) == ["tone", "tone"], "two tones, and no notice that she did not ask for"
    page.locator("[popovertarget=presence-menu]").click()
    page.get_by_role("menuitem", name="Show offers on the desktop").click()
    expect(page.locator("html")).to_have_attribute("data-notices", "granted")
    page.evaluate("window.away = true; window.heard = []")
    second = offer_to(town.alice, say(town, "还有人吗？"))
    expect(page.locator(f"#offer-{second}")).to_be_visible()
    assert heard(page) == ["tone", "tone", "Chat from 王丽"]


def test_finish_then_break_waits_for_the_last_chat(served: Served, town: World) -> None:
    at_work(town.alice)
    chat = say(town, "宽带又断了")
    take(town.alice, chat)
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    ready(page)
    page.locator("[popovertarget=presence-menu]").click()
    page.locator("#presence-menu").get_by_role("menuitem", name="Lunch").last.click()
    page.locator("[popovertarget=presence-menu]").click()
    expect(page.locator("#presence-menu")).to_contain_text("Break (Lunch) begins when your work is done.")
    assert faults(page) == []
    expect(page.locator("#presence")).to_have_attribute("data-state", "ready")
    end(chat)
    with unit_of_work() as session:
        end_wrap_up(session, session.get_one(User, town.alice.id))
    expect(page.locator("#presence")).to_have_attribute("data-state", "break")
    expect(page.locator("#presence > button")).to_contain_text("On a break")


def test_her_own_menu_says_busy_while_she_talks(served: Served, town: World) -> None:
    at_work(town.alice)
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    ready(page)
    expect(page.locator("#presence > button")).to_contain_text("Ready")
    with unit_of_work() as session:
        sender = Sender("phone", "+442079460123")
        call = receive(session, Inbound("voice", town.support.id, sender, "Calls"))
    take(town.alice, call)
    expect(page.locator("#presence > button")).to_contain_text("Busy")
    end(call)
    expect(page.locator("#presence > button")).not_to_contain_text("Busy")


def test_the_banner_says_reconnecting_sending_and_up_to_date(served: Served, town: World) -> None:
    chat = say(town, "宽带又断了")
    take(town.alice, chat)
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    banner = page.locator("cc-connection")

    def slowly(route: Route) -> None:
        expect(banner).to_have_text(re.compile(r"^\s*Sending 1\s*$"), use_inner_text=True)
        route.continue_()

    page.route(re.compile("/messages$"), slowly)
    page.locator(TYPED).fill("明天到")
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator(".message--ours", has_text="明天到")).to_be_visible()
    expect(banner).to_have_attribute("data-state", "online")
    page.evaluate(WATCH)
    lose_the_line(served, page)
    expect(banner).to_have_text("You are offline. What you write is kept.", use_inner_text=True)
    page.context.set_offline(False)
    expect(banner).to_have_text("Up to date", use_inner_text=True, timeout=15_000)
    assert "Reconnecting…" in page.evaluate("window.said")


def test_a_long_list_goes_on_page_by_page_without_a_gap_or_a_double(served: Served, town: World) -> None:
    tickets = [say(town, f"问题 {number}").ticket_id for number in range(60)]
    page = served.window(town.alice)
    page.goto("/console?view=queue")
    ready(page)
    expect(page.locator(".row")).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".row")).to_have_count(60)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    shown = page.locator(".row").evaluate_all("rows => rows.map(row => Number(row.dataset.ticket))")
    assert shown == sorted(tickets, reverse=True)
    expect(page.locator("#tabs [aria-current] .badge")).to_have_text("60")


@pytest.mark.parametrize(("language", "said"), [("en", r"^\d+ h \d+ min$"), ("zh", r"^\d+ 小时 \d+ 分$")])
def test_hours_are_said_as_hours(served: Served, town: World, language: str, said: str) -> None:
    chat = say(town, "宽带又断了")
    take(town.alice, chat)
    answer(town.alice, chat, "明天到")
    with unit_of_work() as session:
        session.get_one(User, town.alice.id).language = language
    page = served.window(town.alice, size=PHONE)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    timer = page.locator("#thread .thread__facts cc-timer")
    expect(timer).to_have_text(re.compile(said))
