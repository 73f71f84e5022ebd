"""Undo what was just sent: a mail always, a chat for who wants it; by the button and by a key."""

import time

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from contactcenter.accounts.models import User
from contactcenter.conversations.models import Attachment, Message
from contactcenter.conversations.ports import Inbound, Received, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.db import unit_of_work
from contactcenter.web.console.view import HOLD_S
from tests.web.console.test_in_a_browser import TYPED, ready, say, take
from tests.web.served import Served, faults
from tests.world import World

pytestmark = pytest.mark.browser

HELD_MS = HOLD_S * 1000


def replies(received: Received) -> list[tuple[str, str]]:
    """What of Alice's is stored, with how far it got."""
    with unit_of_work() as session:
        query = select(Message.body, Message.delivery).where(
            Message.ticket_id == received.ticket_id, Message.author == "agent"
        )
        return [(body, delivery) for body, delivery in session.execute(query.order_by(Message.id))]


@pytest.fixture
def mail(town: World) -> Received:
    with unit_of_work() as session:
        sender = Sender("email", "wang.li@example.cn")
        received = receive(session, Inbound("email", town.support.id, sender, "Where is my parcel?"))
    take(town.alice, received)
    return received


@pytest.fixture
def held(served: Served, town: World) -> tuple[Page, Received]:
    """Alice's window on a chat; she wants to be able to undo."""
    received = say(town, "宽带又断了")
    take(town.alice, received)
    with unit_of_work() as session:
        session.get_one(User, town.alice.id).undo_chat = True
    page = served.window(town.alice)
    page.clock.install()
    page.goto(f"/console/tickets/{received.ticket_id}")
    return ready(page), received


def sent(served: Served, town: World, mail: Received) -> Page:
    """Alice's window, in which she has just sent an answer with a slip of the pen."""
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{mail.ticket_id}")
    ready(page).locator(TYPED).fill("It comes tomorow.")
    page.locator(TYPED).press("Control+Enter")
    return page


def test_a_mail_is_taken_back_from_the_toast_and_its_words_are_the_draft_again(
    served: Served, town: World, mail: Received
) -> None:
    page = sent(served, town, mail)
    toast = page.locator(".toast", has_text="It leaves in a few seconds")
    expect(toast).to_be_visible()
    assert faults(page) == []
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(TYPED)).to_have_value("It comes tomorow.")
    assert replies(mail) == [("It comes tomorow.", "taken_back")]


def test_files_of_a_mail_taken_back_go_along_when_it_is_sent_again(
    served: Served, town: World, mail: Received
) -> None:
    page, names = served.window(town.alice), ["slip.txt", "包裹.txt"]
    page.goto(f"/console/tickets/{mail.ticket_id}")
    ready(page).locator(TYPED).fill("Here is the slip.")
    slips = [FilePayload(name=name, mimeType="text/plain", buffer=b"parcel 12") for name in names]
    page.locator("input[name=files]").set_input_files(slips)
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator("cc-files .file")).to_have_count(0)
    page.locator("[data-take-back]").click()
    expect(page.locator("cc-files .file")).to_have_text([f"{name}Remove" for name in names])
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator("[data-take-back]")).to_have_count(1)
    with unit_of_work() as session:
        sent = select(Attachment.filename, Attachment.sha256).join(
            Message, Message.id == Attachment.message_id
        )
        again = session.execute(sent.where(Message.delivery == "queued").order_by(Attachment.id)).all()
    assert [one.filename for one in again] == names
    assert len({one.sha256 for one in again}) == 1


def test_a_new_message_can_be_taken_back_as_soon_as_its_ticket_is_open(served: Served, town: World) -> None:
    page = served.window(town.alice)
    page.goto("/console?view=queue")
    ready(page).get_by_role("button", name="Write a new message").click()
    form = page.locator("#compose")
    form.get_by_label("To (e-mail address)").fill("new@example.org")
    form.get_by_label("Queue").select_option(label="Harbour Electric · Support")
    form.get_by_label("Subject").fill("Your line")
    form.get_by_label("Text").fill("We fixd it.")
    form.get_by_role("button", name="Send").click()
    page.locator(".toast", has_text="It leaves in a few seconds").get_by_role("button", name="Undo").click()
    expect(page.locator(TYPED)).to_have_value("We fixd it.")
    with unit_of_work() as session:
        assert session.scalars(select(Message.delivery)).all() == ["taken_back"]


def test_a_mail_is_taken_back_by_a_key_but_typing_is_undone_first(
    served: Served, town: World, mail: Received
) -> None:
    page = sent(served, town, mail)
    expect(page.locator(TYPED)).to_have_value("")
    page.locator(TYPED).press_sequentially("P")
    page.locator(TYPED).press("Control+z")
    expect(page.locator(TYPED)).to_have_value("")
    page.locator(TYPED).press("Control+z")
    expect(page.locator(TYPED)).to_have_value("It comes tomorow.")


def test_what_is_typed_meanwhile_stands_behind_what_is_taken_back(
    served: Served, town: World, mail: Received
) -> None:
    page = sent(served, town, mail)
    expect(page.locator(TYPED)).to_have_value("")
    page.locator(TYPED).fill("P.S.")
    page.locator("[data-take-back]").click()
    expect(page.locator(TYPED)).to_have_value("It comes tomorow.\n\nP.S.")


def test_a_chat_leaves_at_once_for_who_wants_no_undo(served: Served, town: World) -> None:
    received = say(town, "宽带又断了")
    take(town.alice, received)
    page = served.window(town.alice)
    page.goto(f"/console/tickets/{received.ticket_id}")
    ready(page).locator(TYPED).fill("明天到")
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator(".message--ours", has_text="明天到")).to_be_visible(timeout=4000)
    expect(page.locator("cc-hold")).to_be_hidden()


def test_a_chat_that_is_held_can_be_undone_and_nobody_saw_it(held: tuple[Page, Received]) -> None:
    page, chat = held
    page.locator(TYPED).fill("明天到吗")
    page.locator(TYPED).press("Control+Enter")
    page.locator("cc-hold").get_by_role("button", name="Undo").click()
    expect(page.locator("cc-hold")).to_be_hidden()
    expect(page.locator(TYPED)).to_have_value("明天到吗")
    page.locator(TYPED).press("Control+Enter")
    page.locator(TYPED).press("Control+z")
    expect(page.locator("cc-hold")).to_be_hidden()
    page.clock.fast_forward(HELD_MS)
    page.wait_for_timeout(500)  # what would be sent is sent at once
    assert replies(chat) == []


def test_a_held_chat_leaves_by_itself_or_at_once_by_the_same_key(held: tuple[Page, Received]) -> None:
    page, chat = held
    page.locator(TYPED).fill("明天到")
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator("cc-hold")).to_be_visible()
    page.wait_for_timeout(500)
    assert replies(chat) == []
    assert faults(page) == []
    page.clock.fast_forward(HELD_MS)
    expect(page.locator(".message--ours", has_text="明天到")).to_be_visible()
    page.locator(TYPED).fill("九点")
    page.locator(TYPED).press("Control+Enter")
    expect(
        page.locator("cc-hold")
    ).to_be_visible()  # pressed twice while the first is on its way counts as once
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator(".message--ours", has_text="九点")).to_be_visible(timeout=4000)
    assert [body for body, _delivery in replies(chat)] == ["明天到", "九点"]


def test_what_arrives_meanwhile_stops_a_held_chat(held: tuple[Page, Received], town: World) -> None:
    page, chat = held
    page.locator(TYPED).fill("明天到")
    page.locator(TYPED).press("Control+Enter")
    say(town, "不用了", chat.ticket_id)
    expect(page.locator("[data-arrived]")).to_be_visible()
    expect(page.locator("cc-hold")).to_be_hidden()
    expect(page.locator(TYPED)).to_have_value("明天到")


def test_who_leaves_meanwhile_has_sent_it(held: tuple[Page, Received]) -> None:
    page, chat = held
    page.locator(TYPED).fill("明天到")
    page.locator(TYPED).press("Control+Enter")
    expect(page.locator("cc-hold")).to_be_visible()
    page.goto("/account")
    until = time.monotonic() + 4  # less than it would have been held
    while not replies(chat) and time.monotonic() < until:
        page.wait_for_timeout(100)
    assert [body for body, _delivery in replies(chat)] == ["明天到"]
    page.goto(f"/console/tickets/{chat.ticket_id}")
    expect(ready(page).locator(TYPED)).to_have_value("")
