"""Alice reads a formatted mail in a frame that can do nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from tests.browser import Browser
from tests.web.console.conftest import Chat, Say
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
