"""A page that may not join its rooms all at once knocks again until it is in, and is not sent away meanwhile."""

import pytest
from playwright.sync_api import expect

from contactcenter.edge import sids
from tests.web.console.test_in_a_browser import say
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser


def test_page_that_comes_too_fast_hears_of_everything_a_little_later(
    served: Served, town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sids, "BURST", 1.0)
    monkeypatch.setattr(sids, "EVENTS_PER_S", 2.0)
    chat = say(town, "宽带又断了")
    page = served.window(town.alice)
    refused: list[str] = []
    page.on("websocket", lambda line: line.on("framereceived", lambda frame: refused.append(str(frame))))
    page.goto(f"/console/tickets/{chat.ticket_id}")
    page.evaluate("window.stays = true")
    rooms = served.socketio.server.manager.rooms
    wanted = {f"ticket:{chat.ticket_id}:en", f"agent:{town.alice.id}:en"}
    for _ in range(200):
        if wanted <= set(rooms.get("/console", {})):
            break
        page.wait_for_timeout(50)
    assert any("too_many" in one for one in refused)
    say(town, "还是不行", ticket_id=chat.ticket_id)
    expect(page.locator(".timeline")).to_contain_text("还是不行")
    assert page.evaluate("window.stays")
