"""The console as Alice has it before her: live, by keyboard, on a phone, without a mistake for a screen reader."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from contactcenter.accounts.models import User
from contactcenter.assignment.events import ConversationOffered
from contactcenter.assignment.models import Offer
from contactcenter.assignment.service import take_conversation
from contactcenter.conversations.analysis import Reading, record_analyses
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.ports import Inbound, Received, Sender
from contactcenter.conversations.service import add_note, receive, reply
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.events import Subject, record
from contactcenter.tickets.models import Ticket
from contactcenter.tickets.service import assign_owner
from tests.web.served import PHONE, Served, faults, overflow
from tests.world import World

pytestmark = pytest.mark.browser

SCREENS = ("/console?view=mine", "/console?view=queue", "/console?view=all&q=宽带", "/account")
TYPED = ".composer__text"


def say(town: World, body: str, ticket_id: int | None = None) -> Received:
    with unit_of_work() as session:
        sender = Sender("email", "wang.li@example.cn")
        wanted = Inbound("chat", town.support.id, sender, body, ticket_id=ticket_id, language="zh")
        return receive(session, wanted)


def take(user: User, received: Received) -> None:
    with unit_of_work() as session:
        person = session.get_one(User, user.id)
        assign_owner(session, session.get_one(Ticket, received.ticket_id), person, actor=person.actor)
        session.flush()
        take_conversation(session, person, received.conversation_id)


def answer(user: User, received: Received, body: str, *, note: bool = False) -> None:
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, received.conversation_id)
        (add_note if note else reply)(session, session.get_one(User, user.id), conversation, body)


def mood_is_bad(received: Received) -> None:
    with unit_of_work() as session:
        reading = Reading(received.message_id, "test", "zh", "negative", -0.9, 0.93, 0.9, "fault", 2, 0.5)
        record_analyses(session, [reading])


def offer_to(user: User, received: Received) -> int:
    """What the router does: hold the conversation out to one agent for a minute."""
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, received.conversation_id)
        conversation.state = "offered"
        deadline = clock.now() + timedelta(seconds=60)
        offer = Offer(
            conversation=conversation,
            user_id=user.id,
            state="offered",
            offered_at=clock.now(),
            deadline_at=deadline,
        )
        session.add(offer)
        session.flush()
        event = ConversationOffered(conversation.id, offer.id, user.id, deadline.isoformat())
        record(session, event, actor="system", subject=Subject(conversation_id=conversation.id))
        return offer.id


def ready(page: Page) -> Page:
    """Wait until the socket stands and what loads by itself is there."""
    expect(page.locator("cc-connection")).to_have_attribute("data-state", "online")
    expect(page.locator("#presence button").first).to_be_visible()
    return page


def lose_the_line(served: Served, page: Page) -> None:
    """Away from the network until `set_offline(False)`.

    Only then is the server told: a page that hears it say goodbye would rightly never come back.
    """
    page.context.set_offline(True)
    expect(page.locator("cc-connection")).to_have_attribute("data-state", "offline")
    server = served.socketio.server
    for sid, _eio in list(server.manager.get_participants("/console", None)):
        server.disconnect(sid, namespace="/console")


@pytest.fixture
def chat(town: World) -> Received:
    """Wang Li's chat in Alice's hands, answered and noted upon."""
    received = say(town, "宽带又断了，已经第三次")
    take(town.alice, received)
    answer(town.alice, received, "非常抱歉，王女士。")
    answer(town.bob, received, "Third fault in 30 days: offer credit?", note=True)
    return received


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh", True)])
def test_every_screen_is_clean(
    served: Served, town: World, chat: Received, language: str, *, dark: bool
) -> None:
    say(town, "有人吗？")
    mood_is_bad(chat)
    with unit_of_work() as session:
        session.get_one(User, town.alice.id).language = language
    page = served.window(town.alice, dark=dark)
    phone = served.window(town.alice, dark=not dark, size=PHONE)
    for path in (*SCREENS, f"/console/tickets/{chat.ticket_id}"):
        for window in (page, phone):
            window.goto(path)
            assert overflow(window) <= 0, path
        assert faults(ready(page)) == [], path
    assert faults(ready(phone)) == []


def test_every_menu_and_dialog_is_clean(served: Served, town: World, chat: Received) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    for opener in ("status", "assign", "snooze", "more", "canned"):
        page.locator(f"[popovertarget={opener}-{chat.ticket_id}]").click()
        expect(page.locator(f"#{opener}-{chat.ticket_id} .menu__item").first).to_be_visible()
        assert faults(page) == [], opener
        page.keyboard.press("Escape")
    for target in ("presence-menu", "me"):
        page.locator(f"[popovertarget={target}]").click()
        assert faults(page) == [], target
        page.keyboard.press("Escape")
    for dialog in ("shortcuts", "compose"):
        page.locator(f"[commandfor={dialog}][command=show-modal]:visible").first.click()
        expect(page.locator(f"#{dialog} input:visible").first).to_be_visible()
        assert faults(page) == [], dialog
        page.keyboard.press("Escape")


def test_sign_in_and_errors_are_clean(served: Served, town: World) -> None:
    page = served.window(dark=True)
    for path in ("/sign-in", "/sign-in?lang=zh", "/no-such-page"):
        page.goto(path)
        assert faults(page) == [], path


def test_a_message_appears_while_she_types_and_nothing_she_typed_is_lost(
    served: Served, town: World, chat: Received
) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    text = page.locator(TYPED)
    text.fill("工程师明天上午九点到")
    text.evaluate("area => area.setSelectionRange(2, 4)")
    for number in range(3):
        say(town, f"还在吗？{number}", chat.ticket_id)
    expect(page.locator(".message", has_text="还在吗？2")).to_be_visible()
    expect(page.locator("[data-arrived-text]")).to_have_text("3 new messages arrived while you typed.")
    assert text.input_value() == "工程师明天上午九点到"
    assert text.evaluate("area => [area.selectionStart, area.selectionEnd]") == [2, 4]
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_what_arrived_while_she_typed_is_reviewed_before_sending(
    served: Served, town: World, chat: Received
) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    page.locator(TYPED).fill("明天到")
    say(town, "不用了，谢谢", chat.ticket_id)
    expect(page.locator("[data-arrived]")).to_be_visible()
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator(TYPED)).to_have_value("明天到")
    page.locator("[data-anyway]").click()
    expect(page.locator(TYPED)).to_have_value("")
    expect(page.locator(".message--ours", has_text="明天到")).to_have_count(1)


def test_a_draft_survives_a_reload(served: Served, town: World, chat: Received) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    page.locator(TYPED).fill("写到一半")
    expect(page.locator("[data-state][role=status]").last).to_have_text("Draft saved")
    page.reload()
    expect(page.locator(TYPED)).to_have_value("写到一半")


def test_what_was_missed_while_the_socket_was_gone_is_there_afterwards(
    served: Served, town: World, chat: Received
) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    lose_the_line(served, page)
    missed = say(town, "你们还在吗？", chat.ticket_id)
    page.context.set_offline(False)
    expect(page.locator(f"#message-{missed.message_id}")).to_be_visible(timeout=15_000)
    revs = page.locator(".timeline [data-rev]").evaluate_all("all => all.map(one => Number(one.dataset.rev))")
    assert revs == sorted(set(revs))


def test_a_break_in_the_line_takes_no_new_message_from_her_hands(served: Served, town: World) -> None:
    page = served.window(town.alice)
    page.goto("/console?view=queue")
    ready(page)
    page.get_by_role("button", name="Write a new message").click()
    page.locator("#compose [name=body]").fill("Dear Ms Wang,")
    lose_the_line(served, page)
    with page.expect_response(lambda answer: "/console?view=queue" in answer.url):
        page.context.set_offline(False)
    ready(page)
    expect(page.locator("#compose [name=body]")).to_have_value("Dear Ms Wang,")
    expect(page.locator("#compose")).to_be_visible()


def test_the_list_moves_by_itself_and_its_count_follows(served: Served, town: World) -> None:
    page = served.window(town.alice)
    page.goto("/console?view=queue")
    ready(page)
    expect(page.locator(".row")).to_have_count(0)
    waiting = say(town, "有人吗？")
    expect(page.locator(f"#row-{waiting.ticket_id}")).to_be_visible()
    expect(page.locator("#tabs [aria-current] .badge")).to_have_text("1")
    take(town.carol, waiting)
    expect(page.locator(".row")).to_have_count(0)
    expect(page.locator("#tabs [aria-current] .badge")).to_have_attribute("data-n", "0")


def test_an_offer_rings_and_leads_to_its_ticket(served: Served, town: World, chat: Received) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    waiting = say(town, "另一个问题")
    offer_id = offer_to(town.alice, waiting)
    card = page.locator(f"#offer-{offer_id}")
    expect(card).to_contain_text("Chat from 王丽")
    card.get_by_text("Why me?").click()
    expect(page.locator(f"#offer-{offer_id}-why")).not_to_be_empty()
    assert faults(page) == []
    card.get_by_role("button", name="Accept").click()
    expect(card).to_have_count(0)
    expect(page.locator(f"cc-thread[data-ticket='{waiting.ticket_id}']")).to_be_visible()
    expect(page).to_have_url(f"{served.url}/console/tickets/{waiting.ticket_id}")


def test_she_can_type_at_once_though_the_counts_come_before_the_ticket(
    served: Served, town: World, chat: Received
) -> None:
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    ready(page)
    waiting = say(town, "另一个问题")
    offer_id = offer_to(town.alice, waiting)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/console/tickets/{waiting.ticket_id}", hold)
    page.locator(f"#offer-{offer_id}").get_by_role("button", name="Accept").click()
    expect(page.locator(f"#offer-{offer_id}")).to_have_count(0)
    with page.expect_response(lambda answer: "/console/tabs" in answer.url):
        page.evaluate("document.querySelector('cc-ticket-list').countSoon()")
    expect(page.locator("body")).not_to_be_focused()
    held[0].continue_()
    expect(page.locator(f"cc-thread[data-ticket='{waiting.ticket_id}']")).to_be_visible()
    expect(page.locator(TYPED)).to_be_focused()


def test_the_keyboard_does_what_the_buttons_do(served: Served, town: World, chat: Received) -> None:
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    ready(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("cc-thread")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("form.composer")).to_have_attribute("data-mode", "note")
    page.keyboard.type("rne?/")
    expect(page.locator(TYPED)).to_have_value("rne?/")
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator(".message--note", has_text="rne?/")).to_have_count(1)
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("a")
    expect(page.locator(f"#assign-{chat.ticket_id}")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("e")
    expect(page.locator(f"#head-{chat.ticket_id}")).to_have_attribute("data-status", "solved")


def test_keys_do_nothing_while_chinese_is_composed_or_when_switched_off(
    served: Served, town: World, chat: Received
) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    composing = "key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, isComposing: true, bubbles: true}))"
    page.evaluate(composing, "e")
    page.keyboard.press("?")
    page.get_by_role("switch").click()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page.locator(f"#head-{chat.ticket_id}")).to_have_attribute("data-status", "open")
    expect(page.locator("form.composer")).to_have_attribute("data-mode", "reply")


def test_colleagues_on_the_same_ticket_see_each_other(served: Served, town: World, chat: Received) -> None:
    alice, bob = served.window(town.alice), served.window(town.bob)
    alice.goto(f"/console/tickets/{chat.ticket_id}")
    ready(alice)
    bob.goto(f"/console/tickets/{chat.ticket_id}")
    ready(bob)
    expect(alice.locator("cc-viewers [aria-label='Bob Barrow is looking at this']")).to_be_visible()
    expect(bob.locator("cc-viewers [aria-label='Alice Agnew is looking at this']")).to_be_visible()
    bob.locator("label", has_text="Note").first.click()
    bob.locator(TYPED).press_sequentially("hm")
    expect(alice.locator("cc-viewers [data-busy]")).to_be_visible()
    bob.goto("/account")
    expect(alice.locator("cc-viewers > *")).to_have_count(0)


def test_the_open_ticket_stays_marked_in_the_list(served: Served, town: World, chat: Received) -> None:
    page = served.window(town.alice)
    page.goto("/console?view=mine")
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    row = page.locator(f"#row-{chat.ticket_id} .row")
    expect(row).to_have_attribute("aria-current", "true")
    page.evaluate("document.querySelector('cc-ticket-list').refresh()")
    page.wait_for_timeout(500)
    expect(row).to_have_attribute("aria-current", "true")


def test_on_a_phone_one_pane_at_a_time(served: Served, town: World, chat: Received) -> None:
    page = served.window(town.alice, size=PHONE)
    page.goto("/console?view=mine")
    ready(page)
    page.locator(".row").click()
    expect(page.locator("#thread")).to_be_visible()
    expect(page.locator("#list")).to_be_hidden()
    page.locator("#thread [data-show=customer]").click()
    expect(page.locator("#customer")).to_be_visible()
    page.locator("#customer [data-show=thread]").click()
    page.locator("#thread [data-show=list]").click()
    expect(page.locator("#list")).to_be_visible()
    assert overflow(page) <= 0


def test_a_solved_ticket_leaves_her_list_when_she_opens_the_next(
    served: Served, town: World, chat: Received
) -> None:
    other = say(town, "发票")
    with unit_of_work() as session:
        ticket = session.get_one(Ticket, other.ticket_id)
        assign_owner(session, ticket, session.get_one(User, town.alice.id), actor="system")
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    page.locator(f"#head-{chat.ticket_id}").get_by_role("button", name="Solve").click()
    expect(page.locator(f"#head-{chat.ticket_id}")).to_have_attribute("data-status", "solved")
    page.locator(f"#row-{other.ticket_id} .row").click()
    expect(page.locator(f"cc-thread[data-ticket='{other.ticket_id}']")).to_be_visible()
    expect(page.locator(f"#row-{chat.ticket_id}")).to_have_count(0)


def test_what_sounds_like_a_complaint_is_answered_before_it_can_be_solved(
    served: Served, town: World, chat: Received
) -> None:
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{chat.ticket_id}")
    ready(page)
    mood_is_bad(chat)
    expect(page.locator(f"#proposal-{chat.ticket_id}")).to_be_visible()
    head = page.locator(f"#head-{chat.ticket_id}")
    head.get_by_role("button", name="Solve").click()
    expect(page.locator(".toast")).to_be_visible()
    page.get_by_label("Why", exact=True).fill("she only asks for the date")
    page.get_by_role("button", name="No, it is not").click()
    expect(page.locator(f"#proposal-{chat.ticket_id}")).to_have_count(0)
    head.get_by_role("button", name="Solve").click()
    expect(head).to_have_attribute("data-status", "solved")
