"""Whoever may see the ticket may have its files, and nothing in them can do harm."""

from collections.abc import Callable
from urllib.parse import unquote

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


GIF_PAGE = b"GIF89a/*" + EVIL + b"*/=1;"
PDF_SCRIPT = b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"
PNG_PAGE = PICTURE + EVIL
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
NAMES = (
    *("../../etc/passwd", "..\\..\\boot.ini", "a\0.png", "invoice\u202egpj.html", "x" * 300 + ".html"),
    *(
        "a\r\nContent-Type: text/html\r\n\r\n<script>.png",
        "x\"; filename*=UTF-8''y.html",
        "\ud800.html",
        "",
        "...",
    ),
)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (GIF_PAGE, "image/gif"),
        (PNG_PAGE, "image/png"),
        (PDF_SCRIPT, "application/pdf"),
        (SVG, "application/octet-stream"),
        (b"\xef\xbb\xbf" + EVIL, "application/octet-stream"),
        (b"PK\x03\x04" + EVIL, "application/octet-stream"),
        (b"MZ" + EVIL, "application/octet-stream"),
    ],
)
def test_what_is_two_things_at_once_is_at_most_a_picture_that_can_do_nothing(
    browse: Browse, world: World, db_session: Session, content: bytes, kind: str
) -> None:
    with browse(world.alice).get(sent(db_session, world, "a.html", content)) as answer:
        assert answer.content_type == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        shown = kind != "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("inline" if shown else "attachment")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_no_name_leaves_its_place_or_its_line(
    browse: Browse, world: World, db_session: Session, name: str
) -> None:
    with browse(world.alice).get(sent(db_session, world, name, EVIL)) as answer:
        assert answer.status_code == 200
        said = unquote(answer.headers["Content-Disposition"])
        assert said.startswith("attachment; filename")
        assert not set(said) & set("\0\r\n\u202e\\<>/")
        assert len(said) < 450
        assert (answer.content_type, answer.data) == ("application/octet-stream", EVIL)


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
