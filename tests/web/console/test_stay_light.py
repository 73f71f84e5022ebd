"""A console that is open all day stays light, and its tab says what waits."""

import re

import pytest
from playwright.sync_api import Page, expect

from contactcenter.conversations.ports import Received
from tests.web.console.test_in_a_browser import ready, say, take
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser

PUSH = """
async (count) => {
  const app = document.querySelector("script[src*='js/app.js']").src;
  const { apply } = await import(app.replace("app.js", "lib/fragments.js"));
  const thread = document.querySelector("cc-thread");
  for (let n = 0; n < count; n++) {
    const rev = Number(thread.dataset.rev) + 1;
    const id = `message-pushed-${rev}`;
    const html = `<p id="${id}" data-into="timeline-${thread.dataset.ticket}" data-sort="${rev}" data-rev="${rev}">${rev}</p>`;
    await apply({ v: 1, op: "put", id, rev, html });
  }
}
"""


def lines(page: Page) -> int:
    return page.locator("cc-thread [data-rev]").count()


def test_a_long_thread_keeps_300_lines_and_leads_to_the_older_ones(served: Served, town: World) -> None:
    received: Received = say(town, "宽带又断了")
    take(town.alice, received)
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{received.ticket_id}")
    ready(page)
    page.route(re.compile("/read$"), lambda route: route.fulfill(status=204))
    page.evaluate(PUSH, 350)
    assert 250 <= lines(page) <= 300
    with page.expect_request(re.compile(r"/earlier\?before=\d+$")):
        page.locator("#earlier button").click()


def test_the_tab_says_how_many_tickets_have_something_new(served: Served, town: World) -> None:
    received = say(town, "有人吗？")
    take(town.alice, received)
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    ready(page)
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("favicon-waiting"))
