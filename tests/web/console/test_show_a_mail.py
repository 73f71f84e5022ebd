"""Alice reads a formatted mail in a frame that can do nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.channels.email import intake
from contactcenter.channels.email.mailboxes import create_mailbox
from contactcenter.core.db import unit_of_work
from contactcenter.queues.models import Queue
from tests.browser import Browser
from tests.channels.email import mails
from tests.web.console.conftest import Chat, Say
from tests.web.console.test_in_a_browser import ready
from tests.web.served import Served, faults
from tests.world import World

Browse = Callable[[User | None], Browser]


@pytest.fixture
def mail(say: Say, db_session: Session) -> Chat:
    """A mail with a table and a picture elsewhere."""
    letter = say("Price list", channel="email")
    letter.message.html = (
        '<table><tbody><tr><td>1</td></tr></tbody></table><img data-remote-src="https://t.example/x.gif">'
    )
    db_session.commit()
    return letter


def test_the_frame_is_locked_and_its_document_too(browse: Browse, world: World, mail: Chat) -> None:
    page = browse(world.alice).get(mail.path).text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<table><tbody>" not in page, "the mail itself is not in our page"
    answer = browse(world.alice).get(f"/console/messages/{mail.message.id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script-src" not in policy
    assert "img-src data:;" in policy
    assert "frame-ancestors 'self'" in policy
    assert "t.example" not in answer.text
    assert "<table><tbody>" in answer.text


def test_pictures_come_only_when_asked_for(browse: Browse, world: World, mail: Chat) -> None:
    page = browse(world.alice)
    assert "Show images" in page.get(mail.path).text
    answer = page.get(f"/console/messages/{mail.message.id}/html?images=1")
    assert 'src="https://t.example/x.gif"' in answer.text
    assert "img-src data: https: http:;" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_strangers_get_no_document_and_what_has_no_layout_its_words(
    browse: Browse, world: World, mail: Chat, chat: Chat
) -> None:
    assert browse(world.mallory).get(f"/console/messages/{mail.message.id}/html").status_code == 404
    assert (
        f"<pre>{chat.message.body}</pre>"
        in browse(world.alice).get(f"/console/messages/{chat.message.id}/html").text
    )
    assert browse(world.alice).get("/console/messages/999999/html").status_code == 404
    assert "<cc-mail" not in browse(world.alice).get(chat.path).text


PIXEL = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
BILL = """
<h1>Bill</h1><table><tr><td>Fibre 500</td></tr></table>
<img src="https://pictures.example/logo.gif" alt="logo"><img src='//pictures.example/seal.gif' alt="seal">
"""


@pytest.mark.browser
def test_pictures_of_a_mail_as_it_came_are_fetched_once_alice_asks(served: Served, town: World) -> None:
    with unit_of_work() as session:
        queue = session.get_one(Queue, town.support.id)
        mailbox_id = create_mailbox(session, queue, actor="system", address="help@harbour.example").id
    raw_id = intake.store(mails.with_html("Your bill.", BILL), mailbox_id=mailbox_id)
    assert raw_id is not None
    ticket_id = intake.work_on(raw_id).ticket_id
    fetched: list[tuple[str, str | None]] = []

    def picture(route: Route) -> None:
        fetched.append((route.request.url, route.request.headers.get("referer")))
        route.fulfill(body=PIXEL, content_type="image/gif")

    page = served.window(town.alice)
    page.context.route("**://pictures.example/**", picture)
    page.goto(f"/console/tickets/{ticket_id}")
    ready(page)
    letter = page.frame_locator("iframe.mail__frame")
    expect(letter.get_by_role("heading", name="Bill")).to_be_visible()
    assert fetched == []
    page.get_by_role("button", name="Show images").click()
    logo = letter.get_by_alt_text("logo")
    expect(logo).to_have_js_property("naturalWidth", 1)
    expect(letter.get_by_alt_text("seal")).to_have_js_property("naturalWidth", 1)
    assert sorted(fetched) == [
        ("https://pictures.example/logo.gif", None),
        ("https://pictures.example/seal.gif", None),
    ]
    expect(page.get_by_role("button", name="Show images")).to_have_count(0)
    assert faults(page) == []
