"""A customer answers with files: they reach the ticket, and what cannot be taken is said beside the words, which stay."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from contactcenter.accounts.models import User
from contactcenter.complaints.links import issue_link
from contactcenter.conversations.models import Attachment, Message
from contactcenter.core.config import get_settings
from contactcenter.edge.limits import limiter
from tests.browser import Browser
from tests.complaints.staff import Desk, opened
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
WORDS = "Here is the bill."
File = tuple[bytes, str]


@pytest.fixture
def desk(app: Flask, db_session: Session, world: World) -> Desk:
    limiter.reset()
    desk = opened(db_session, world, subjects=())
    db_session.commit()
    return desk


@pytest.fixture
def send(app: Flask, db_session: Session, desk: Desk) -> Callable[..., TestResponse]:
    token = issue_link(db_session, desk.case).rsplit("/", 1)[1]
    db_session.commit()

    def reply(*files: File, text: str = WORDS, action: str = "reply", link: str = token) -> TestResponse:
        parts = [FileStorage(BytesIO(content), name, "files") for content, name in files]
        boundary, body = encode_multipart({"text": text, "grounds": text, "files": parts})
        kind = f"multipart/form-data; boundary={boundary}"
        path = f"/complaint/{link}/{action}?lang=en"
        return app.test_client().post(path, data=body, content_type=kind)

    return reply


def kept(session: Session, desk: Desk) -> list[str]:
    query = select(Attachment.filename).where(Attachment.ticket_id == desk.case.ticket_id)
    return list(session.scalars(query.order_by(Attachment.id)))


def said(session: Session, desk: Desk) -> list[str]:
    query = select(Message.body).where(Message.ticket_id == desk.case.ticket_id, Message.author == "customer")
    return list(session.scalars(query.order_by(Message.id)))


def test_files_reach_those_who_handle_it(
    db_session: Session,
    world: World,
    browse: Callable[[User | None], Browser],
    desk: Desk,
    send: Callable[..., TestResponse],
) -> None:
    large = PNG + bytes(3 * 1024 * 1024)
    assert send((large, "bill.png"), (b"plain words", "说明.txt")).status_code == 303
    assert kept(db_session, desk) == ["bill.png", "说明.txt"]
    assert said(db_session, desk)[-1] == WORDS
    one = db_session.scalars(select(Attachment).where(Attachment.filename == "bill.png")).one()
    with browse(world.bob).get(f"/files/{one.id}") as shown:
        assert shown.data == large
    assert browse(world.mallory).get(f"/files/{one.id}").status_code == 404


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([(b"", "bill.png")], "bill.png: The file is empty."),
        ([(PNG, "ok.png"), (b"MZ\x90", "bill.pdf")], "bill.pdf: Programs cannot be sent."),
        ([(b"words", "run.exe")], "run.exe: Programs cannot be sent."),
        ([(PNG, f"{n}.png") for n in range(6)], "Send at most 5 files at once."),
    ],
)
def test_file_that_cannot_be_taken_leaves_the_words(
    db_session: Session, desk: Desk, send: Callable[..., TestResponse], files: list[File], sentence: str
) -> None:
    before = said(db_session, desk)
    answer = send(*files)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f"{WORDS}</textarea>" in answer.text
    assert "Choose the files again." in answer.text
    assert (kept(db_session, desk), said(db_session, desk)) == ([], before)


def test_words_are_needed_with_files(
    db_session: Session, desk: Desk, send: Callable[..., TestResponse]
) -> None:
    answer = send((PNG, "bill.png"), text=" ")
    assert (answer.status_code, kept(db_session, desk)) == (422, [])
    assert "Fill in this field." in answer.text


def test_too_much_at_once_is_said_on_the_page(
    db_session: Session, desk: Desk, send: Callable[..., TestResponse]
) -> None:
    half = PNG + bytes(get_settings().upload_max_bytes // 2 + 100_000)
    for answer in (send((half, "1.png"), (half, "2.png")), send(text="x" * 1_100_000, action="dispute")):
        assert answer.status_code == 413
        assert "That is too large" in answer.text
        assert "Where it stands" in answer.text
    assert kept(db_session, desk) == []


def test_too_much_by_a_link_that_opens_nothing(send: Callable[..., TestResponse]) -> None:
    half = PNG + bytes(get_settings().upload_max_bytes)
    answer = send((half, "1.png"), (half, "2.png"), link="x" * 43)
    assert answer.status_code in (404, 413)
    assert "A new link to your complaint" in answer.text
