"""Who may not send files has none of his read: the right to send comes before the body."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contactcenter.accounts.models import User
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.service import open_case
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core.db import unit_of_work
from contactcenter.edge.visitors import issue_token
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]
HEAD = b'--x\r\nContent-Disposition: form-data; name="files"; filename="film.png"\r\n\r\n'
BODY = HEAD + bytes(9 * 1024 * 1024) + b"\r\n--x--\r\n"


class Body(io.BytesIO):
    """A body that can be asked afterwards how far it was read."""

    def close(self) -> None:
        """Stays open for the question."""


@pytest.fixture
def ticket_id(db_session: Session, world: World) -> int:
    with unit_of_work() as session:
        sender = Sender("email", "wang.li@example.cn")
        return receive(session, Inbound("chat", world.support.id, sender, "宽带又断了")).ticket_id


@pytest.fixture
def link(db_session: Session, world: World, ticket_id: int) -> str:
    ticket = db_session.get_one(Ticket, ticket_id)
    case = open_case(db_session, ticket, actor="system", text="It is broken.", channel="email")
    address = issue_link(db_session, case)
    db_session.commit()
    return address.removeprefix("http://localhost").partition("/complaint/")[2]


def send(browser: Browser, path: str, **headers: str) -> tuple[TestResponse, int]:
    """The answer, and how many bytes of the body were read for it."""
    body = Body(BODY)
    answer = browser.client.post(
        path,
        input_stream=body,
        headers={"Content-Length": str(len(BODY)), "Accept": "application/json", **headers},
        content_type="multipart/form-data; boundary=x",
    )
    return answer, body.tell()


def test_who_is_not_signed_in_or_has_another_role_sends_in_vain(
    browse: Browse, world: World, ticket_id: int
) -> None:
    for user, status in ((None, 401), (world.ivan, 403)):
        answer, read_n = send(browse(user), f"/console/tickets/{ticket_id}/messages")
        assert (answer.status_code, read_n) == (status, 0)


def test_visitor_without_a_token_sends_in_vain(app: Flask, world: World) -> None:
    forged = issue_token(1, world.support.id) + "x"
    for headers in ({}, {"Authorization": f"Bearer {forged}"}):
        answer, read_n = send(Browser(app), "/widget/files", **headers)
        assert (answer.status_code, read_n) == (413, 0)
    answer, read_n = send(
        Browser(app), "/widget/files", Authorization=f"Bearer {issue_token(1, world.support.id)}"
    )
    assert read_n == len(BODY)


def test_link_that_opens_nothing_sends_in_vain(browse: Browse, link: str) -> None:
    answer, read_n = send(browse(None), f"/complaint/{'x' * 43}/information")
    assert (answer.status_code in (404, 413), read_n) == (True, 0)
    _answer, read_n = send(browse(None), f"/complaint/{link}/information")
    assert read_n == len(BODY)


def test_who_was_signed_out_and_sends_too_much_gets_one_sentence(browse: Browse) -> None:
    """His words are kept for him, but not without end."""
    words = {"text": "x" * 2_000_000}
    answer = browse(None).client.post("/complaints", data=words, headers={"Accept": "text/html"})
    assert answer.status_code == 413
    assert "That is too large. Send less." in answer.text
