"""Whatever comes late, by a push or by a fetch: the newest stays on the screen."""

import re

import pytest
from playwright.sync_api import APIResponse, Route, expect

from contactcenter.core.db import unit_of_work
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import set_status
from tests.web.console.test_in_a_browser import ready, say, take
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser

LIST_ANEW = re.compile(r"/console\?view=mine&n=\d+$")

SLOWER = """
async () => {
  const app = document.querySelector("script[src*='js/app.js']").src;
  const { apply } = await import(app.replace("app.js", "lib/fragments.js"));
  const row = document.querySelector("[id^=row-]");
  const id = row.id;
  const push = (read, words) => {
    const made = row.cloneNode(true);
    made.dataset.said = words;
    return apply({ v: 1, op: "put", id, read, html: made.outerHTML });
  };
  await push("2100-01-01T16:00:02+00:00", "read last");
  await push("2100-01-01T16:00:01.5+00:00", "read first");
  const slower = document.getElementById(id).dataset.said;
  await push("2100-01-01T16:00:02.1+00:00", "news");
  return [slower, document.getElementById(id).dataset.said];
}
"""


def test_of_two_pushes_the_one_that_was_read_last_is_shown(served: Served, town: World) -> None:
    take(town.alice, say(town, "有人吗？"))
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    ready(page)
    assert page.evaluate(SLOWER) == ["read last", "news"]


def test_a_late_list_brings_nothing_back_that_left_it_since(served: Served, town: World) -> None:
    """What the list asked on joining was read before the ticket was solved, and arrives after that was pushed."""
    received = say(town, "宽带又断了")
    take(town.alice, received)
    page = served.window(town.alice)
    late: list[tuple[Route, APIResponse]] = []
    page.route(LIST_ANEW, lambda route: route.continue_() if late else late.append((route, route.fetch())))
    page.goto("/console?view=mine")
    while not late:
        page.wait_for_timeout(20)
    with unit_of_work() as session:
        set_status(session, session.get_one(Ticket, received.ticket_id), "solved", actor="system")
    expect(page.locator(f"#row-{received.ticket_id}")).to_have_count(0)
    [(route, answer)] = late
    with page.expect_response(LIST_ANEW):
        route.fulfill(response=answer)
    page.wait_for_timeout(300)  # for what it must not do there is no sign to wait for
    expect(page.locator(f"#row-{received.ticket_id}")).to_have_count(0)
