"""A call that runs goes on for its page, also when the server cannot say so at once."""

import pytest
from playwright.sync_api import expect

from contactcenter.accounts.models import User
from contactcenter.assignment.service import take_conversation
from contactcenter.channels.voice.push import NAMESPACE
from contactcenter.channels.voice.service import start_call
from contactcenter.core.db import unit_of_work
from contactcenter.edge import sids
from contactcenter.edge.visitors import Visitor
from tests.web.served import Served
from tests.world import World

pytestmark = pytest.mark.browser


def test_page_that_is_told_to_wait_asks_again_and_ends_no_call(
    served: Served, town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        call = start_call(session, Visitor("1f3a", 1, town.support.id), language="en", name="Maria")
        bob = session.get_one(User, town.bob.id)
        take_conversation(session, bob, call.conversation_id)
    page = served.window(town.bob)
    page.goto("/account")
    bar = page.locator("cc-call")
    expect(bar).to_be_visible()
    heard: list[str] = []
    page.on("websocket", lambda line: line.on("framereceived", lambda frame: heard.append(str(frame))))
    page.reload()
    expect(bar).to_be_visible()
    monkeypatch.setattr(sids, "BURST", 0.9)
    monkeypatch.setattr(sids, "EVENTS_PER_S", 0.0)
    served.socketio.emit("again", {"within_ms": 0}, namespace=NAMESPACE)
    for _ in range(100):
        if any("too_many" in one for one in heard):
            break
        page.wait_for_timeout(50)
    assert any("too_many" in one for one in heard)
    page.wait_for_timeout(300)
    expect(bar).to_be_visible()
    monkeypatch.setattr(sids, "BURST", 40.0)
    monkeypatch.setattr(sids, "EVENTS_PER_S", 10.0)
    with unit_of_work() as session:
        session.get_one(type(call), call.id).conversation.state = "ended"
    expect(bar).to_be_hidden()
