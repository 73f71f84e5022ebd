"""Bob's open wallboard moves by itself: work comes and goes, people change what they do."""

import pytest
from playwright.sync_api import expect

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import set_presence
from contactcenter.assignment.service import take_conversation
from contactcenter.conversations.ports import Inbound, Received, Sender
from contactcenter.conversations.service import end_conversation, receive
from contactcenter.core.db import unit_of_work
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser


def chat_arrives(town: World, visitor: str = "1f3a") -> Received:
    with unit_of_work() as session:
        sender = Sender("visitor", visitor, "Wang Li 王丽")
        return receive(session, Inbound("chat", town.support.id, sender, "宽带又断了"))


def test_board_shows_what_comes_who_takes_it_and_that_it_is_over(served: Served, town: World) -> None:
    board = served.window(town.bob)
    board.goto("/supervisor")
    expect(board.locator("cc-connection")).to_have_attribute("data-state", "online")
    row = board.locator(f"#agent-{town.bob.id}")

    waiting = chat_arrives(town)
    work = board.locator(f"#work-{waiting.conversation_id}")
    expect(work).to_contain_text("waiting")
    with unit_of_work() as session:
        bob = session.get_one(User, town.bob.id)
        set_presence(session, bob, "ready", by=bob.actor)
    expect(row).to_contain_text("Ready")
    with unit_of_work() as session:
        take_conversation(session, session.get_one(User, town.bob.id), waiting.conversation_id)
    expect(work).to_contain_text("in hand")
    expect(work).to_contain_text("Bob Barrow")
    expect(row).to_contain_text("Chat 1")
    expect(row.locator(".chip")).to_have_count(1)
    with unit_of_work() as session:
        end_conversation(session, waiting.conversation_id, by="customer", reason="left", actor="system")
    expect(work).to_have_count(0)
