"""A formatted mail, the box that answers "Why?", and what somebody who only reads is shown: clean, by day and night."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contactcenter.accounts.models import User
from contactcenter.complaints.service import open_case
from contactcenter.conversations.ports import Inbound, Received, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.db import unit_of_work
from contactcenter.tickets.models import Ticket
from tests.web.console.test_in_a_browser import ready, say, take
from tests.web.cut import cut_off
from tests.web.served import DESK, PHONE, Served, faults, overflow
from tests.world import World

pytestmark = pytest.mark.browser

LAID_OUT = """
<h1>Bill</h1><table><tr><td><b>Fibre 500</b></td><td>£ 42.00</td></tr></table>
<p>Thank you <img src="https://example.com/logo.png" width="40" height="40" alt="logo"></p>
"""


@pytest.fixture(params=[(DESK, False, "en"), (PHONE, True, "zh")], ids=["desk-day-en", "phone-night-zh"])
def look(request: pytest.FixtureRequest, served: Served, town: World) -> Page:
    size, dark, language = request.param
    with unit_of_work() as session:
        for user in (town.alice, town.ivan):
            session.get_one(User, user.id).language = language
    page = served.window(town.alice, size=size, dark=dark)
    page.set_default_timeout(10_000)
    return page


def judge(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        size = page.viewport_size or DESK
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png")
    assert overflow(page) <= 0
    assert cut_off(page) == []
    assert faults(page) == []


def mail(town: World) -> Received:
    with unit_of_work() as session:
        sender = Sender("email", "wang.li@example.cn")
        inbound = Inbound("email", town.support.id, sender, "Fibre 500: £ 42.00", html=LAID_OUT)
        return receive(session, inbound)


def test_a_formatted_mail_can_be_x(look: Page, town: World) -> None:
    received = mail(town)
    take(town.alice, received)
    look.goto(f"/console/tickets/{received.ticket_id}")
    ready(look)
    frame = look.locator("iframe.mail__frame")
    expect(frame).to_be_visible()
    judge(look, "mail-formatted")
    look.locator("[data-show-as=plain]").click()
    expect(frame).to_be_hidden()
    judge(look, "mail-plain")


def test_why_opens_a_box_with_the_reasons(look: Page, town: World) -> None:
    waiting = say(town, "有人吗？")
    look.goto(f"/console/tickets/{waiting.ticket_id}")
    ready(look).locator("#thread .why__ask").click()
    expect(look.locator("#why-body > ul li, #why-body > p").first).to_be_visible()
    judge(look, "why")


def test_who_only_reads_sees_a_clean_page(look: Page, served: Served, town: World) -> None:
    received = say(town, "太慢了，我要投诉")
    with unit_of_work() as session:
        ticket = session.get_one(Ticket, received.ticket_id)
        open_case(session, ticket, actor="system", text="Too slow.", channel="chat", contact="a@b.cn")
    at_desk = look.viewport_size == DESK
    page = served.window(town.ivan, size=DESK if at_desk else PHONE, dark=not at_desk)
    page.goto(f"/console/tickets/{received.ticket_id}")
    expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
    expect(page.locator("cc-composer, .thread__actions:visible")).to_have_count(0)
    judge(page, "reader")
