"""Whatever is sent, the answer is a clear 4xx with one sentence: never a 500, never a trace."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.tokens import create_token
from tests.browser import Browser
from tests.world import World

Browse = Callable[[User | None], Browser]
Post = Callable[[bytes, str], TestResponse]
TEN_MB = 10 * 1024 * 1024
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@pytest.fixture
def ada(browse: Browse, world: World) -> Browser:
    return browse(world.admin)


@pytest.fixture
def post(app: Flask, world: World, db_session: Session) -> Post:
    """A program that may do everything sends a body to the API."""
    token = create_token(db_session, Role.ADMINISTRATOR, actor="system")
    db_session.commit()
    client, bearer = app.test_client(), f"Bearer {token}"

    def send(body: bytes, content_type: str) -> TestResponse:
        headers = {"Authorization": bearer, "Content-Type": content_type}
        return client.post("/api/v1/tickets", data=body, headers=headers)

    return send


def sentence(page: str) -> str:
    """The one sentence of an error page."""
    found = re.search(r'class="state__title">([^<]+)<', page)
    assert found is not None, page[:400]
    return found[1]


def test_a_form_of_ten_megabytes_is_too_large(ada: Browser) -> None:
    answer = ada.post("/account", {"name": "x" * TEN_MB})
    assert answer.status_code == 413
    assert sentence(answer.text) == "That is too large. Send less."


def test_json_of_ten_megabytes_is_too_large(post: Post) -> None:
    answer = post(b'{"subject": "' + b"x" * TEN_MB + b'"}', JSON)
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe{}", 400),
        (b'{"subject": "\xc3\x28", "body": "x"}', 400),
        (b'{"subject": "a\\u0000b", "body": "x"}', 400),
        (b'{"subject": "\\ud800", "body": "x"}', 400),
        (b'"text"', 422),
        (b"[]", 422),
        (b"null", 422),
        (b"NaN", 422),
        (b"{}", 422),
        (b'{"subject": 1, "body": ["x"], "customer": "x"}', 422),
        (b'{"subject": "x", "body": "x", "customer": {"id": 1e400}}', 422),
        (b'{"subject": "x", "body": "x", "customer": {"id": 99999999999999999999}}', 422),
        (b'{"subject": "x", "body": "x", "customer": {"id": 1}, "owner": 3, "colour": "red"}', 422),
    ],
)
def test_json_that_cannot_be_used_gets_a_json_sentence(post: Post, body: bytes, status: int) -> None:
    answer = post(body, JSON)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"]["message"]


def test_a_body_that_is_no_json_is_an_unsupported_type(post: Post) -> None:
    assert post(b"subject=x", FORM).status_code == 415


@pytest.mark.parametrize("body", [b"name=%ff%fe", b"name=\xff\xfe", b"name=a%00b", b"%ff=x"])
def test_a_form_with_broken_text_is_refused(ada: Browser, body: bytes) -> None:
    answer = ada.post("/account", body, content_type=FORM)
    assert answer.status_code == 400
    assert "UTF-8" in answer.text or "cannot be stored" in answer.text


def test_a_multipart_form_with_broken_text_is_refused(ada: Browser) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\xfe\r\n--x--\r\n'
    assert ada.post("/account", body, content_type="multipart/form-data; boundary=x").status_code == 400


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=", "x"])
def test_a_form_of_no_known_shape_is_refused(ada: Browser, content_type: str) -> None:
    assert ada.post("/account", b"nonsense", content_type=content_type).status_code in (400, 413, 422)


def test_a_form_with_very_many_fields_is_refused(ada: Browser) -> None:
    body = b"".join(b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n\r\n' for _n in range(2000))
    answer = ada.post("/account", body + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/no-such-page",
        "/%ff%fe",
        "/admin/people/%00",
        "/admin/people/-1",
        "/admin/people/1e3",
        "/admin/people/99999999999999999999",
        "/account/sessions/99999999999999999999/revoke",
        "/static/../contactcenter/factory.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/account?x=%ff",
        "/account?x=%00",
        "/" + "x" * 20_000,
    ],
)
def test_an_odd_address_leads_nowhere(ada: Browser, path: str) -> None:
    answer = ada.get(path, follow_redirects=True)
    assert 400 <= answer.status_code < 500
    assert sentence(answer.text)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_an_odd_method_is_refused(ada: Browser, method: str) -> None:
    answer = ada.client.open("/account", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer \x80"},
        {"Authorization": "Basic YWRhOmFkYQ=="},
        {"Authorization": "Bearer cdr_wrong"},
        {"Cookie": "candor_session=wrong"},
    ],
)
def test_odd_credentials_open_nothing(app: Flask, world: World, headers: dict[str, str]) -> None:
    client = app.test_client(use_cookies=False)
    assert client.get("/api/v1/tickets", headers=headers).status_code == 401
    assert client.get("/account", headers=headers).status_code == 302


def test_a_form_without_its_token_is_refused(ada: Browser) -> None:
    answer = ada.client.post("/account", data={"name": "x"}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 403
    assert sentence(answer.text) == "This form is out of date. Reload the page and send it again."


def test_a_token_of_another_browser_is_refused(ada: Browser, browse: Browse, world: World) -> None:
    foreign = browse(world.mallory).form_token()
    assert ada.client.post("/account", data={"csrf_token": foreign, "name": "x"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_its_token(
    ada: Browser, headers: dict[str, str]
) -> None:
    answer = ada.post("/account", {"name": "x"}, headers=headers)
    assert answer.status_code == 403
    assert sentence(answer.text) == "This request comes from another site."


def test_a_browser_that_says_cross_site_is_believed(ada: Browser) -> None:
    headers = {"X-CSRFToken": ada.form_token(), "Sec-Fetch-Site": "cross-site"}
    assert ada.client.post("/account", data={"name": "x"}, headers=headers).status_code == 403


def test_htmx_is_told_beside_the_page_so_that_nothing_typed_is_lost(ada: Browser) -> None:
    answer = ada.get("/no-such-page", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Reswap"] == "none"
    assert "There is nothing at this address." in answer.headers["HX-Trigger"]


def test_htmx_of_an_ended_session_is_led_to_the_sign_in_and_back(browse: Browse) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/console?ticket=3"}
    answer = browse(None).get("/console/rows", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fconsole%3Fticket%3D3"


def test_errors_speak_the_readers_language(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    page = browse(None).get("/no-such-page", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert 'lang="zh-CN"' in page.text
