"""A push changes what stands around a menu or a dialog; what was fetched into it, and typed there, stays."""

import pytest
from playwright.sync_api import Page, Route, expect

from contactcenter.accounts.models import User
from contactcenter.conversations.ports import Received
from contactcenter.core.db import unit_of_work
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import edit_ticket
from tests.web.console.test_in_a_browser import lose_the_line, offer_to, ready, say, take
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser


def opened(served: Served, town: World) -> tuple[Page, Received]:
    chat = say(town, "宽带又断了")
    take(town.alice, chat)
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    return ready(page), chat


def change_the_head(page: Page, user: User, chat: Received) -> None:
    """Another person makes it urgent, and the head says so."""
    before = page.locator(".thread__head").get_attribute("data-version") or ""
    with unit_of_work() as session:
        ticket = session.get_one(Ticket, chat.ticket_id)
        edit_ticket(session, ticket, ticket.version, {"priority": 2}, actor=user.actor)
    expect(page.locator(".thread__head")).not_to_have_attribute("data-version", before)


def test_a_long_list_is_fetched_anew_as_far_as_it_was_open(served: Served, town: World) -> None:
    """Also if the next page is asked for while the list is on its way."""
    for number in range(60):
        say(town, f"问题 {number}")
    held: list[Route] = []
    page = served.window(town.alice)
    page.route(lambda address: "n=50" in address, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.goto("/console?view=queue")
    ready(page)
    more = page.get_by_role("button", name="Show more")
    expect(page.locator(".row")).to_have_count(50)
    more.click()
    expect(page.locator(".row")).to_have_count(60)
    with page.expect_response(lambda answer: "n=60" in answer.url):
        held[0].continue_()
    expect(more).to_have_count(0)
    expect(page.locator(".row")).to_have_count(60)


def test_an_open_menu_keeps_its_colleagues(served: Served, town: World) -> None:
    page, chat = opened(served, town)
    page.locator("[popovertarget^=assign-]").click()
    bob = page.locator("[id^=assign-] .menu__item", has_text=town.bob.name)
    expect(bob).to_be_visible()
    bob.focus()
    change_the_head(page, town.bob, chat)
    expect(bob).to_be_focused()


def test_an_open_form_keeps_what_is_typed(served: Served, town: World) -> None:
    page, chat = opened(served, town)
    page.locator("[popovertarget^=more-]").click()
    page.get_by_role("menuitem", name="Edit subject, kind and priority").click()
    dialog = page.get_by_role("dialog", name="Edit the ticket")
    subject = dialog.get_by_label("Subject")
    subject.fill("Broadband down since Monday")
    change_the_head(page, town.bob, chat)
    expect(subject).to_have_value("Broadband down since Monday")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("changed")
    subject.fill("Broadband down since Monday")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".thread__title")).to_contain_text("Broadband down since Monday")


def test_a_reason_half_typed_stays_when_the_head_changes(served: Served, town: World) -> None:
    page, chat = opened(served, town)
    with unit_of_work() as session:
        session.get_one(Ticket, chat.ticket_id).complaint_likely = 0.9
    page.reload()
    why = ready(page).get_by_placeholder("In a few words, why?")
    why.fill("She wants her mo")
    change_the_head(page, town.bob, chat)
    expect(why).to_have_value("She wants her mo")
    expect(why).to_be_focused()


def test_why_an_offer_rings_here_stays_told_after_a_break_in_the_line(served: Served, town: World) -> None:
    chat = say(town, "宽带又断了")
    page = served.window(town.alice)
    page.goto("/console")
    ready(page)
    offer_id = offer_to(town.alice, chat)
    page.get_by_text("Why me?").click()
    told = page.locator(f"#offer-{offer_id}-why")
    expect(told).not_to_be_empty()
    lose_the_line(served, page)
    with page.expect_response(lambda answer: "/console/offers" in answer.url):
        page.context.set_offline(False)
    page.wait_for_timeout(500)
    expect(told).to_be_visible()
    expect(told).not_to_be_empty()
