"""What nobody may do through the widget, and what broken input gets: one sentence, and nothing changes."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.push import NAMESPACE
from contactcenter.channels.chat.service import checked_origin
from contactcenter.conversations.models import Message
from contactcenter.core.errors import Invalid
from contactcenter.tickets.models import Ticket
from tests.channels.chat.conftest import SITE, Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("token", [None, "", "forged", 7, ["x"], "eyJ2IjoxfQ.aaaa.bbbb"])
def test_socket_without_a_token_of_ours_is_refused(app: Flask, socketio: SocketIO, token: object) -> None:
    client = socketio.test_client(app, namespace=NAMESPACE, auth={"token": token})
    assert not client.is_connected(NAMESPACE)


def test_visitor_sees_nothing_of_another_s_chat(visit: Visit) -> None:
    maria, mallory = visit(), visit()
    maria.ask("open", body="private matter", client_id="message-1")
    assert mallory.ask("replay", after=0) == {"messages": [], "state": None}
    maria.ask("message", body="still private", client_id="message-2")
    assert mallory.heard("message") == []
    assert mallory.ask("read", seq=1)["code"] == "not_found"


@pytest.mark.parametrize(
    "data",
    [
        {"body": 7, "client_id": "message-1"},
        {"body": "x", "client_id": "short"},
        {"body": "x", "client_id": "has spaces in it"},
        {"body": "", "client_id": "message-1"},
        {"body": "x" * 4001, "client_id": "message-1"},
        {"client_id": "message-1"},
        {"body": ["x"], "client_id": {"a": 1}},
    ],
)
def test_broken_message_gets_a_sentence_and_changes_nothing(
    db_session: Session, visit: Visit, data: dict[str, object]
) -> None:
    answer = visit().ask("open", **data)
    assert answer["error"].endswith((".", ")."))
    assert db_session.scalar(select(func.count()).select_from(Message)) == 0


def test_flood_is_slowed_with_a_sentence(visit: Visit) -> None:
    visitor = visit()
    visitor.ask("open", body="hello", client_id="message-1")
    answers = [visitor.ask("typing", on=True) for _ in range(80)]
    assert any(answer.get("code") == "too_many" for answer in answers)


def test_visitor_opens_no_more_tickets_than_a_person_would(db_session: Session, visit: Visit) -> None:
    visitor = visit()
    answers = []
    for n in range(12):
        answers.append(visitor.ask("open", body="hello", client_id=f"message-{n}"))
        visitor.ask("leave")
    assert [answer.get("code") for answer in answers] == [None] * 10 + ["too_many"] * 2
    assert db_session.scalar(select(func.count()).select_from(Ticket)) == 10


def test_frame_may_stand_on_the_key_s_sites_only(app: Flask, widget: WidgetKey) -> None:
    answer = app.test_client().get(f"/widget/frame?key={widget.key}&site={SITE}")
    policy = answer.headers["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {SITE}" in policy
    assert f'data-site="{SITE}"' in answer.text
    stranger = app.test_client().get(f"/widget/frame?key={widget.key}&site=https://evil.example")
    assert 'data-site=""' in stranger.text


@pytest.mark.parametrize("key", ["", "wk_unknown", "'; drop table", "x" * 5000])
def test_unknown_key_is_not_found(app: Flask, key: str) -> None:
    assert app.test_client().get("/widget/frame", query_string={"key": key}).status_code == 404
    assert app.test_client().post("/widget/session", json={"key": key}).status_code in {404, 422}


@pytest.mark.parametrize(
    "site",
    ["http://shop.example", "https://*.example", "https://shop.example/path", "shop.example", "javascript:1"],
)
def test_site_must_be_an_exact_origin(site: str) -> None:
    with pytest.raises(Invalid):
        checked_origin(site)


def test_file_goes_into_the_own_chat_and_opens_by_its_link(app: Flask, visit: Visit) -> None:
    visitor = visit()
    visitor.ask("open", body="see attached", client_id="message-1")
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 32
    sent = upload(app, visitor, "bill.png", png)
    assert sent.status_code == 200
    [file] = visitor.ask("replay", after=1)["messages"][0]["files"]
    with app.test_client().get(file["url"]) as shown:
        assert (shown.data, shown.headers["Content-Type"]) == (png, "image/png")
        assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert app.test_client().get(file["url"] + "x").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"), [("run.exe", b"MZ.."), ("empty.txt", b""), ("page.js", b"alert(1)")]
)
def test_program_or_empty_file_is_refused(app: Flask, visit: Visit, name: str, content: bytes) -> None:
    visitor = visit()
    visitor.ask("open", body="see attached", client_id="message-1")
    refused = upload(app, visitor, name, content)
    assert refused.status_code == 422
    assert len(visitor.ask("replay", after=0)["messages"]) == 1


def test_file_that_is_too_large_gets_a_sentence(app: Flask, visit: Visit) -> None:
    visitor = visit()
    visitor.ask("open", body="see attached", client_id="message-1")
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="film.txt"\r\n\r\n'
    body = head.encode() + b"x" * (11 * 1024 * 1024) + b"\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x", **bearer(visitor)}
    refused = app.test_client().post("/widget/files", data=body, headers=kind)
    assert refused.status_code == 413
    assert refused.json is not None
    assert refused.json["error"]["message"] == "That is too large. Send less."


def test_session_wish_of_ten_megabytes_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/widget/session", json={"key": "x" * 10 * 1024 * 1024})
    assert answer.status_code == 413


def bearer(visitor: Visitor) -> dict[str, str]:
    return {"Accept": "application/json", "Authorization": f"Bearer {visitor.token}"}


def upload(app: Flask, visitor: Visitor, name: str, content: bytes) -> TestResponse:
    form = {
        "client_id": f"file-{len(content)}-1",
        "file": (io.BytesIO(content), name),
    }
    return app.test_client().post("/widget/files", data=form, headers=bearer(visitor))


def test_loader_is_small_and_may_be_fetched_by_any_site(app: Flask) -> None:
    answer = app.test_client().get("/widget/loader.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(answer.data) <= 4096


def test_file_without_a_usable_client_id_is_refused_and_not_lost(app: Flask, visit: Visit) -> None:
    visitor = visit()
    visitor.ask("open", body="here is the bill", client_id="message-1")
    form = {"file": (io.BytesIO(b"one"), "one.txt")}
    refused = app.test_client().post("/widget/files", data=form, headers=bearer(visitor))
    assert refused.status_code == 422
    assert len(visitor.ask("replay", after=0)["messages"]) == 1
