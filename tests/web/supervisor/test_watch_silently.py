"""Bob watches a chat from the wallboard without anybody noticing; Alice sees him only when he comes openly."""

import pytest
from playwright.sync_api import Page, expect

from contactcenter.accounts.models import User
from contactcenter.assignment.service import take_conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.db import unit_of_work
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import assign_owner
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def path(town: World) -> str:
    """Wang Li's chat in Alice's hands: where it is read."""
    with unit_of_work() as session:
        alice = session.get_one(User, town.alice.id)
        inbound = Inbound("chat", town.support.id, Sender("email", "wang.li@example.cn"), "宽带又断了")
        received = receive(session, inbound)
        assign_owner(session, session.get_one(Ticket, received.ticket_id), alice, actor=alice.actor)
        session.flush()
        take_conversation(session, alice, received.conversation_id)
    return f"/console/tickets/{received.ticket_id}"


def open_page(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
    return page


def test_a_supervisor_who_comes_from_the_wallboard_is_seen_by_nobody(
    served: Served, town: World, path: str
) -> None:
    alice = open_page(served.window(town.alice), path)
    bob = open_page(served.window(town.bob), "/supervisor")
    bob.locator(f"a[href^='{path}']").click()
    expect(bob.locator("cc-connection")).to_have_attribute("data-state", "online")
    expect(bob.locator("#thread")).to_contain_text("宽带又断了")
    bob.wait_for_timeout(1000)  # what would tell of him is sent at once
    expect(alice.locator("cc-viewers > *")).to_have_count(0)
    open_page(bob, path)
    expect(alice.locator("cc-viewers [aria-label='Bob Barrow is looking at this']")).to_be_visible()
