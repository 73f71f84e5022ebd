"""Whoever may see the ticket may have its files, and nothing in them can do harm."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.conversations.models import Attachment
from contactcenter.conversations.ports import File, Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.storage import file_path
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(32)
EVIL = b"<html><script>alert(1)</script></html>"


def sent(session: Session, world: World, filename: str, content: bytes) -> str:
    sender = Sender("email", "wang.li@example.cn")
    inbound = Inbound("email", world.support.id, sender, "See this.", files=(File(filename, content),))
    received = receive(session, inbound)
    session.commit()
    attachment = session.scalars(select(Attachment).where(Attachment.ticket_id == received.ticket_id)).one()
    return f"/files/{attachment.id}"


def test_a_picture_is_shown_in_a_sandbox(browse: Browse, world: World, db_session: Session) -> None:
    with browse(world.alice).get(sent(db_session, world, "a.png", PICTURE)) as answer:
        assert answer.data == PICTURE
        assert answer.content_type == "image/png"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize("name", ["page.html", "picture.png", "发票.svg", 'a"b\r\nX: y.html'])
def test_a_page_is_never_shown_whatever_its_name(
    browse: Browse, world: World, db_session: Session, name: str
) -> None:
    with browse(world.alice).get(sent(db_session, world, name, EVIL)) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "X" not in answer.headers


def test_other_teams_and_strangers_get_no_file(browse: Browse, world: World, db_session: Session) -> None:
    path = sent(db_session, world, "a.png", PICTURE)
    assert browse(world.mallory).get(path).status_code == 404
    assert browse(None).get(path).status_code == 302


def test_an_unknown_file_and_a_forbidden_one_look_the_same(
    browse: Browse, world: World, db_session: Session
) -> None:
    mallory, path = browse(world.mallory), sent(db_session, world, "a.png", PICTURE)
    forbidden, unknown = mallory.get(path).text, mallory.get("/files/999999").text
    title = "This file does not exist (any more)."
    assert title in forbidden
    assert title in unknown


def test_a_file_lost_on_disk_is_a_404(browse: Browse, world: World, db_session: Session) -> None:
    path = sent(db_session, world, "a.txt", b"only in this test")
    attachment = db_session.scalars(select(Attachment).order_by(Attachment.id.desc())).first()
    assert attachment is not None
    file_path(attachment.sha256).unlink()
    assert browse(world.alice).get(path).status_code == 404
