"""What every answer tells the browser, and how languages are chosen."""

import gzip
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, g
from sqlalchemy import Engine

from contactcenter.accounts.models import User
from contactcenter.core.assets import asset_url
from contactcenter.core.config import get_settings
from contactcenter.edge import security
from contactcenter.edge.sessions import COOKIE
from contactcenter.factory import create_app
from tests.browser import Browser
from tests.world import PASSWORD, World

Browse = Callable[[User | None], Browser]


def test_no_page_may_run_or_load_what_is_not_ours(browse: Browse) -> None:
    policy = browse(None).get("/sign-in").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ],
)
def test_every_page_carries_the_headers(browse: Browse, world: World, name: str, value: str) -> None:
    for path in ("/sign-in", "/no-such-page"):
        assert browse(None).get(path).headers[name] == value
    assert browse(world.alice).get("/account").headers[name] == value


def test_a_nonce_is_new_for_every_answer_and_in_its_policy(app: Flask) -> None:
    def nonce() -> str:
        with app.test_request_context("/"):
            made = security.csp_nonce()
            assert f"style-src 'self' 'nonce-{made}'" in security.content_policy()
            return made

    assert nonce() != nonce()


def test_one_answer_may_name_who_frames_it(app: Flask) -> None:
    with app.test_request_context("/"):
        security.allow_frames("'self'", "https://shop.example")
        policy = security.content_policy()
    assert "frame-ancestors 'self' https://shop.example" in policy
    with app.test_request_context("/"):
        assert "frame_ancestors" not in g
        assert "frame-ancestors 'none'" in security.content_policy()


@pytest.fixture
def secure(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application as it runs behind https."""
    monkeypatch.setenv("PUBLIC_URL", "https://desk.example")
    get_settings.cache_clear()
    yield create_app(get_settings(), engine=engine)
    get_settings.cache_clear()


def test_behind_https_cookies_are_secure_and_browsers_stay_on_it(secure: Flask, world: World) -> None:
    browser = Browser(secure)
    data = {"email": "alice@example.com", "password": PASSWORD}
    answer = browser.post(
        "/sign-in", data, base_url="https://localhost", headers={"Origin": "https://desk.example"}
    )
    assert answer.status_code == 303
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    cookies = answer.headers.getlist("Set-Cookie")
    assert all("Secure" in line for line in cookies)
    assert any(line.startswith(COOKIE) for line in cookies)


def test_assets_are_kept_for_ever_under_their_hash_and_checked_without_it(browse: Browse) -> None:
    browser = browse(None)
    for path, cached in (
        (asset_url("css/app.css"), "public, max-age=31536000, immutable"),
        ("/static/css/app.css", "no-cache"),
        ("/static/0123456789/css/app.css", "no-cache"),
    ):
        with browser.get(path) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, cached)


def test_assets_are_packed_for_whom_it_helps(browse: Browse) -> None:
    browser = browse(None)
    packed = browser.get(asset_url("css/app.css"), headers={"Accept-Encoding": "gzip, br"})
    whole = browser.get(asset_url("css/app.css"))
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert "Content-Encoding" not in whole.headers
    assert gzip.decompress(packed.data) == whole.data
    with browser.get(asset_url("vendor/inter-latin-wght-normal.woff2")) as font:
        assert "Content-Encoding" not in font.headers


def test_an_asset_that_is_not_there_is_not_there_under_any_name(browse: Browse) -> None:
    for path in ("css/none.css", "../app.py", "css/../../app.py", "css"):
        assert browse(None).get(asset_url(path)).status_code == 404, path


def test_scripts_are_served_as_scripts(browse: Browse) -> None:
    with browse(None).get(asset_url("js/app.js")) as answer:
        assert answer.content_type.startswith("text/javascript")


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [("zh-CN,zh;q=0.9", "zh-CN"), ("zh-TW", "zh-CN"), ("fr,en;q=0.5", "en"), ("", "en"), ("\x00;;q=x", "en")],
)
def test_a_visitor_is_answered_in_the_browsers_language(browse: Browse, accepts: str, lang: str) -> None:
    page = browse(None).get("/sign-in", headers={"Accept-Language": accepts}).text
    assert f'<html lang="{lang}' in page


def test_a_language_in_the_address_is_remembered(browse: Browse) -> None:
    browser = browse(None)
    assert '<html lang="zh-CN"' in browser.get("/sign-in?lang=zh").text
    assert '<html lang="zh-CN"' in browser.get("/sign-in").text


def test_the_persons_own_setting_wins_over_the_device(browse: Browse, world: World) -> None:
    browser = browse(world.alice)
    assert '<html lang="en' in browser.get("/account?lang=zh").text


def test_a_request_id_of_a_proxy_is_kept_and_nonsense_is_not(browse: Browse) -> None:
    browser = browse(None)
    assert (
        browser.get("/healthz", headers={"X-Request-Id": "proxy-123456"}).headers["X-Request-Id"]
        == "proxy-123456"
    )
    assert browser.get("/healthz", headers={"X-Request-Id": "a b\x7f"}).headers["X-Request-Id"] != "a b\x7f"
