"""Where things stand on Alice's screen, on a desk and on a phone, and what an empty list says."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.web.console.test_in_a_browser import mood_is_bad, ready, say, take
from tests.web.cut import cut_off
from tests.web.served import PHONE, Served, faults, overflow
from tests.world import World

pytestmark = pytest.mark.browser


def test_on_a_phone_the_facts_of_a_ticket_with_an_owner_stand_below_each_other(
    served: Served, town: World
) -> None:
    chat = say(town, "宽带又断了，已经第三次")
    take(town.alice, chat)
    mood_is_bad(chat)
    page = served.window(town.alice, size=PHONE)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    chips = page.locator(f"#head-{chat.ticket_id} .chips")
    hidden = "(chips) => chips.scrollWidth - chips.clientWidth"
    assert chips.evaluate(hidden) <= 0
    expect(page.locator(f"#head-{chat.ticket_id} .thread__actions")).to_contain_text("Alice Agnew")
    field, no = page.get_by_label("Why", exact=True), page.get_by_role("button", name="No, it is not")
    assert across(field)["width"] > across(chips)["width"] * 0.9
    assert across(no)["y"] > across(field)["y"]
    judge(page, "head-390")
    page.set_viewport_size({"width": 1440, "height": 900})
    assert abs(middle(field) - middle(no)) <= 2
    judge(page, "head-1440")


def judge(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")
    assert overflow(page) <= 0
    assert cut_off(page) == []
    assert faults(page) == []


def across(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box
    return box


def middle(part: Locator) -> float:
    box = across(part)
    return box["y"] + box["height"] / 2


def test_who_is_away_is_not_told_that_all_is_done_while_work_waits(served: Served, town: World) -> None:
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    ready(page)
    expect(page.get_by_text("You are all caught up")).to_be_visible()
    say(town, "宽带又断了")
    expect(page.get_by_text("Work is waiting")).to_be_visible()
    expect(page.get_by_text("You are all caught up")).to_be_hidden()
    judge(page, "work-waits")
    page.get_by_role("button", name="Start taking work").click()
    expect(page.get_by_text("Work is waiting")).to_be_hidden()
