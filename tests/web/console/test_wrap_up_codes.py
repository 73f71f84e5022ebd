"""A quiet bar asks what a contact was about, once it is over, whoever had it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.presence import end_wrap_up, set_presence
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Received
from contactcenter.conversations.service import end_conversation
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import Queue
from contactcenter.queues.service import edit_queue
from tests.browser import Browser
from tests.web.console.conftest import Chat, Say
from tests.web.console.test_in_a_browser import say as said
from tests.web.console.test_in_a_browser import take
from tests.web.cut import cut_off
from tests.web.served import PHONE, Served, faults, overflow
from tests.world import World

Browse = Callable[[User | None], Browser]
CODES = ["Refund", "Meter reading", "退款"]
QUESTION = "What was it about?"


def know(session: Session, world: World, codes: list[str]) -> None:
    queue = session.get_one(Queue, world.support.id)
    edit_queue(session, queue, queue.version, {"wrap_up_codes": codes}, actor="system")


@pytest.fixture
def over(chat: Chat, db_session: Session, world: World) -> Chat:
    """A chat that Alice wraps up, of a queue that knows three codes."""
    know(db_session, world, CODES)
    set_presence(db_session, world.alice, "ready", by="system")
    end_conversation(db_session, chat.conversation.id, by="customer", reason="left", actor="system")
    db_session.commit()
    return chat


def choose(browser: Browser, chat: Chat, code: str) -> int:
    wish = {"conversation": str(chat.conversation.id), "code": code}
    return browser.post(f"{chat.path}/wrap-up", wish, headers={"HX-Request": "true"}).status_code


def test_bar_asks_its_agent_and_the_timeline_tells(
    over: Chat, browse: Browse, world: World, db_session: Session
) -> None:
    alice = browse(world.alice)
    page = alice.get(over.path).text
    assert QUESTION in page
    assert 'value="Meter reading"' in page
    assert choose(alice, over, "退款") == 200
    db_session.expire_all()
    assert db_session.get_one(Conversation, over.conversation.id).wrap_up_code == "退款"
    assert "Alice Agnew noted what it was about: 退款" in alice.get(over.path).text


def test_colleagues_are_not_asked_and_strangers_find_nothing(
    over: Chat, browse: Browse, world: World, db_session: Session
) -> None:
    carol, mallory = browse(world.carol), browse(world.mallory)
    assert QUESTION not in carol.get(over.path).text
    assert (choose(carol, over, "Refund"), choose(mallory, over, "Refund")) == (403, 404)
    assert choose(browse(world.bob), over, "Refund") == 200


def test_the_conversation_must_be_one_of_the_ticket(
    over: Chat, say: Say, browse: Browse, world: World
) -> None:
    elsewhere = Chat(say("另一件事").ticket, over.conversation, over.message)
    assert choose(browse(world.bob), elsewhere, "Refund") == 404


def test_a_word_not_on_the_list_is_one_sentence(over: Chat, browse: Browse, world: World) -> None:
    alice = browse(world.alice)
    assert choose(alice, over, "Refunds") == 422
    assert choose(alice, over, "x" * 61) == 422


def test_administrators_write_the_list(world: World, browse: Browse, db_session: Session) -> None:
    admin = browse(world.admin)
    path = f"/admin/queues/{world.support.id}"
    fields = {
        "name": "Support",
        "team_id": str(world.team.id),
        "open": "1",
        "version": str(world.support.version),
        "priority": "0",
        "ring_s": "20",
        "wrap_up_s": "15",
        "target_s": "0",
        "service_level_pct": "80",
        "service_level_s": "60",
        "first_reply_s": "60",
        "resolve_s": "60",
        "sticky_s": "0",
        "language_s": "0",
        "silent_s": "600",
    }
    assert admin.post(path, {**fields, "wrap_up_codes": "Refund\n\n  退款 \n"}).status_code == 303
    db_session.expire_all()
    queue = db_session.get_one(Queue, world.support.id)
    assert queue.wrap_up_codes == ["Refund", "退款"]
    assert "Refund\n退款</textarea>" in admin.get(path).text
    fields["version"] = str(queue.version)
    refused = admin.post(path, {**fields, "wrap_up_codes": "Refund\nREFUND"})
    assert refused.status_code == 422
    assert "Write each code once." in refused.text


def in_bobs_hands(town: World) -> Received:
    received = said(town, "宽带又断了")
    take(town.bob, received)
    return received


def leaves(conversation_id: int) -> None:
    with unit_of_work() as session:
        end_conversation(session, conversation_id, by="customer", reason="left", actor="system")


def works_with(town: World, codes: list[str]) -> None:
    with unit_of_work() as session:
        know(session, town, codes)
        set_presence(session, session.get_one(User, town.bob.id), "ready", by="system")


@pytest.mark.browser
def test_bar_comes_with_the_end_and_takes_the_keyboard(served: Served, town: World) -> None:
    """The page is open when the customer leaves: w, Tab, Enter; a second thought by mouse; and it goes when he is done."""
    works_with(town, CODES)
    received = in_bobs_hands(town)
    page = served.window(town.bob)
    page.goto(f"/console/tickets/{received.ticket_id}")
    expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
    bar = page.get_by_role("group", name=QUESTION)
    expect(bar).to_have_count(0)
    leaves(received.conversation_id)
    expect(bar).to_be_visible()
    page.locator(".thread__scroll").focus()
    page.keyboard.press("w")
    expect(bar.get_by_role("button", name="Refund")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(bar.get_by_role("button", name="Meter reading")).to_have_attribute("aria-pressed", "true")
    assert faults(page) == []
    bar.get_by_role("button", name="退款").click()
    expect(bar.get_by_role("button", name="退款")).to_have_attribute("aria-pressed", "true")
    with unit_of_work() as session:
        assert session.get_one(Conversation, received.conversation_id).wrap_up_code == "退款"


@pytest.mark.browser
def test_many_codes_are_a_menu(served: Served, town: World) -> None:
    works_with(town, [f"Code {n}" for n in range(1, 41)])
    received = in_bobs_hands(town)
    leaves(received.conversation_id)
    for options in ({}, {"size": PHONE}, {"size": PHONE, "dark": True}):
        page = served.window(town.bob, **options)
        page.goto(f"/console/tickets/{received.ticket_id}")
        bar = page.get_by_role("group", name=QUESTION)
        bar.get_by_role("button").first.click()
        page.get_by_role("menuitemradio", name="Code 39").click()
        expect(bar.get_by_role("button").first).to_have_text("Code 39")
        assert overflow(page) <= 0
        assert cut_off(page) == []
        assert faults(page) == []


@pytest.mark.browser
def test_bar_of_an_agent_goes_with_his_wrap_up(served: Served, town: World) -> None:
    works_with(town, CODES)
    received = in_bobs_hands(town)
    leaves(received.conversation_id)
    with unit_of_work() as session:
        session.get_one(User, town.bob.id).roles = ["agent"]
    page = served.window(town.bob)
    page.goto(f"/console/tickets/{received.ticket_id}")
    expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
    page.get_by_role("button", name="Refund").click()
    expect(page.get_by_role("button", name="Refund")).to_have_attribute("aria-pressed", "true")
    with unit_of_work() as session:
        end_wrap_up(session, session.get_one(User, town.bob.id))
    expect(page.get_by_role("group", name=QUESTION)).to_have_count(0)
