"""Sockets see who asks, not the proxy; and what a stranger says of himself counts only where a proxy is trusted."""

from collections.abc import Iterator

import pytest
from flask import request
from flask_limiter.util import get_remote_address
from socketio.exceptions import ConnectionError as NoConnection
from sqlalchemy import Engine

from contactcenter.core.config import get_settings
from contactcenter.edge.visitors import issue_token
from contactcenter.live.rooms import NAMESPACE
from tests.live.served import Process, processes

ANSWERS = "/proxy-test"
VISITOR = "203.0.113.9"


@pytest.fixture(params=[0, 1, 2])
def behind(request: pytest.FixtureRequest, clean_database: Engine) -> Iterator[tuple[int, Process]]:
    """(how many proxies are trusted, a web process that does)."""
    settings = get_settings().model_copy(update={"redis_url": "", "trusted_proxies": request.param})
    with processes(settings, clean_database, 1) as (process,):
        process.socketio.on_event("whoami", whoami, namespace=ANSWERS)
        yield request.param, process


def whoami() -> dict[str, str]:
    """What limits and records on any socket go by."""
    return {"address": get_remote_address(), "host": request.host, "scheme": request.scheme}


FORWARDED = {
    "X-Forwarded-For": f"198.51.100.7, {VISITOR}",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "desk.example",
}
SEEN = {
    0: {"address": "127.0.0.1", "scheme": "http"},
    1: {"address": VISITOR, "scheme": "https", "host": "desk.example"},
    2: {"address": "198.51.100.7"},
}


def test_socket_knows_its_visitor_as_far_as_proxies_are_trusted(behind: tuple[int, Process]) -> None:
    trusted_n, process = behind
    site = "https://desk.example" if trusted_n == 1 else ""
    seen = process.client(ANSWERS, headers=FORWARDED, origin=site).ask("whoami", None)
    assert seen == {**seen, **SEEN[trusted_n]}
    if trusted_n == 0:
        assert seen["host"] != "desk.example"


def test_site_opens_a_socket_if_a_trusted_proxy_says_that_it_is_ours(behind: tuple[int, Process]) -> None:
    trusted_n, process = behind

    def opens() -> bool:
        options = {"auth": {"token": issue_token(1, 1)}, "headers": FORWARDED}
        return process.client("/chat", origin="https://desk.example", **options).connected

    if trusted_n == 1:
        assert opens()
    else:  # nobody's word, or that of somebody in front of the proxies
        with pytest.raises(NoConnection):
            opens()


def test_own_site_opens_a_socket_and_another_does_not(behind: tuple[int, Process]) -> None:
    _trusted_n, process = behind
    auth = {"token": issue_token(1, 1)}
    assert process.client("/chat", auth=auth).connected
    with pytest.raises(NoConnection):
        process.client("/chat", auth=auth, origin="https://shop.example")


def test_nobody_without_a_session_gets_a_console(behind: tuple[int, Process]) -> None:
    _trusted_n, process = behind
    with pytest.raises(NoConnection):
        process.client(NAMESPACE, headers=FORWARDED)
