"""On a telephone and on a desk, in both languages, every word of the console can be read and every control reached."""

import pytest

from contactcenter.accounts.models import User
from contactcenter.core.db import unit_of_work
from tests.web.console.test_in_a_browser import answer, mood_is_bad, ready, say, take
from tests.web.cut import cut_off
from tests.web.served import DESK, PHONE, Served, overflow
from tests.world import World

pytestmark = pytest.mark.browser

LONG = "宽带又断了，这已经是第三次了，请尽快派工程师上门处理，否则我要投诉 Donaudampfschifffahrtsgesellschaftskapitän"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_cut_off(served: Served, town: World, size: dict[str, int], language: str) -> None:
    chat = say(town, LONG)
    take(town.alice, chat)
    answer(town.alice, chat, LONG)
    mood_is_bad(chat)
    with unit_of_work() as session:
        session.get_one(User, town.alice.id).language = language
    page = served.window(town.alice, size=size)
    for path in ("/console?view=mine", f"/console/tickets/{chat.ticket_id}"):
        page.goto(path)
        ready(page)
        assert overflow(page) <= 0, path
        assert cut_off(page) == [], path
    for opener in ("status", "assign", "snooze", "more", "canned"):
        page.locator(f"[popovertarget={opener}-{chat.ticket_id}]").click()
        assert cut_off(page) == [], opener
        page.keyboard.press("Escape")
