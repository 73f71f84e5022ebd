"""Bob works from his telephone: he sets a state, moves work, closes a queue; and nothing is cut off."""

import re

import pytest
from playwright.sync_api import Page, expect

from contactcenter.accounts.models import User
from contactcenter.assignment.models import Presence
from contactcenter.assignment.presence import set_presence
from contactcenter.conversations.models import Conversation
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import Queue
from tests.web.console.test_in_a_browser import say
from tests.web.cut import cut_off
from tests.web.served import PHONE, Served, faults, overflow
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def board(served: Served, town: World) -> Page:
    with unit_of_work() as session:
        set_presence(session, session.get_one(User, town.alice.id), "ready", by="system")
    say(town, "宽带又断了，这已经是第三次了，请尽快派工程师上门处理，否则我要投诉")
    page = served.window(town.bob, size=PHONE)
    page.goto("/supervisor")
    expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
    return page


def test_nothing_of_the_board_is_cut_off(board: Page) -> None:
    assert overflow(board) <= 0
    assert cut_off(board) == []
    assert faults(board) == []


def test_he_sets_a_state(board: Page, town: World) -> None:
    row = board.locator(f"#agent-{town.alice.id}")
    row.get_by_role("button", name="Set state").tap()
    menu = board.locator(f"#state-{town.alice.id}")
    expect(menu).to_be_visible()
    assert cut_off(board) == []
    menu.get_by_role("menuitem", name=re.compile("Break")).first.tap()
    expect(row).to_contain_text("On a break")
    with unit_of_work() as session:
        assert session.get_one(Presence, town.alice.id).state == "break"


def test_he_moves_work(board: Page, town: World) -> None:
    form = board.locator("tr[id^=work-] form").first
    form.get_by_role("combobox").select_option(f"agent:{town.alice.id}")
    with board.expect_response(re.compile("/move$")):
        form.get_by_role("button", name="Move").tap()
    with unit_of_work() as session:
        assert session.query(Conversation).one().target_user_id == town.alice.id


def test_he_closes_a_queue_and_opens_it_again(board: Page, town: World) -> None:
    tile = board.locator(f"#tile-{town.support.id}")
    tile.get_by_role("button", name="Close the queue").tap()
    expect(tile).to_have_attribute("data-open", "false")
    with unit_of_work() as session:
        assert session.get_one(Queue, town.support.id).open is False
    tile.get_by_role("button", name="Open the queue").tap()
    expect(tile).to_have_attribute("data-open", "true")
