"""A board that moves takes nothing out of a supervisor's hands: what is chosen, focused and scrolled stays as it is."""

import pytest
from playwright.sync_api import expect

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import set_presence
from contactcenter.core.db import unit_of_work
from tests.web.served import Served
from tests.web.supervisor.test_board_moves import chat_arrives
from tests.world import World

pytestmark = pytest.mark.browser


def test_board_that_moves_keeps_who_was_chosen_for_what_waits(served: Served, town: World) -> None:
    first = chat_arrives(town)
    with unit_of_work() as session:
        set_presence(session, session.get_one(User, town.alice.id), "ready", by=town.bob.actor)
    board = served.window(town.bob)
    board.goto("/supervisor")
    expect(board.locator("cc-connection")).to_have_attribute("data-state", "online")
    chosen = board.locator(f"#move-{first.conversation_id}")
    chosen.select_option(f"agent:{town.alice.id}")
    chosen.focus()
    second = chat_arrives(town, "2b7c")
    expect(board.locator(f"#work-{second.conversation_id}")).to_be_visible()
    expect(chosen.locator("option:checked")).to_contain_text("Alice Agnew")
    expect(chosen).to_be_focused()
    board.locator(f"#work-{first.conversation_id}").get_by_role("button", name="Move").click()
    expect(board.locator(f"#work-{first.conversation_id}")).to_contain_text("Alice Agnew")
