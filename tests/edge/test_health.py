"""What machines ask: alive, ready, how much."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine

from contactcenter.accounts.models import User
from contactcenter.core import db
from contactcenter.core.config import get_settings
from contactcenter.edge import readiness
from contactcenter.edge.limits import limiter
from contactcenter.factory import create_app
from tests.browser import Browser

Browse = Callable[[User | None], Browser]
NOWHERE = "postgresql+psycopg://candor@127.0.0.1:1/candor"


@pytest.fixture(autouse=True)
def _own_limits(app: Flask) -> Iterator[None]:
    """The counter of attempts is one per process and follows the newest application; give it back."""
    before = dict(limiter.__dict__)
    yield
    limiter.__dict__.update(before)


def app_with(engine: Engine, **settings: str) -> Flask:
    return create_app(get_settings().model_copy(update=settings), engine=engine)


def test_ready_means_both_engines_answer(browse: Browse) -> None:
    answer = browse(None).get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": "ok", "redis": "ok"})


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"])
def test_without_redis_it_is_degraded_and_still_ready(engine: Engine, url: str) -> None:
    answer = app_with(engine, redis_url=url).test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (
        200,
        {"status": "degraded", "database": "ok", "redis": "down"},
    )


def test_without_a_database_it_is_down(engine: Engine) -> None:
    answer = app_with(engine, database_url=NOWHERE).test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "down", "database": "down", "redis": "ok"})


def test_liveness_asks_nobody(engine: Engine) -> None:
    client = app_with(engine, database_url=NOWHERE, redis_url="redis://127.0.0.1:1/0").test_client()
    assert client.get("/healthz").json == {"status": "ok"}


def test_pages_work_and_limits_hold_without_redis(engine: Engine, browse: Browse) -> None:
    browser = Browser(app_with(engine, redis_url="redis://127.0.0.1:1/0"))
    wrong = {"email": "alice@example.com", "password": "wrong password"}
    answers = [browser.post("/sign-in", wrong).status_code for _attempt in range(6)]
    assert answers == [422] * 5 + [429]


def test_the_engines_are_asked_once_however_many_want_to_know(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, asked = app_with(engine), list[str]()

    def answer(url: str) -> bool:
        asked.append(url)
        sleep(0.05)
        return True

    monkeypatch.setattr(readiness, "_database_answers", answer)
    with ThreadPoolExecutor(4) as pool:
        statuses = pool.map(lambda _n: app.test_client().get("/readyz").status_code, range(8))
    assert (set(statuses), len(asked)) == ({200}, 1)
    sleep(readiness.KEPT_S)
    app.test_client().get("/readyz")
    assert len(asked) == 2


def test_readiness_tells_nothing_but_three_words(engine: Engine) -> None:
    text = app_with(engine, database_url=NOWHERE).test_client().get("/readyz").text
    assert "127.0.0.1" not in text
    assert "candor" not in text


FROM_AFAR = {"REMOTE_ADDR": "203.0.113.9"}


def test_metrics_are_for_this_machine(browse: Browse) -> None:
    client = browse(None).client
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": ""}).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}])
def test_metrics_are_not_for_strangers(browse: Browse, headers: dict[str, str]) -> None:
    answer = browse(None).client.get("/metrics", environ_base=FROM_AFAR, headers=headers)
    assert answer.status_code == 403
    assert "http_requests" not in answer.text


def test_metrics_are_not_for_whom_a_proxy_on_this_machine_asks(browse: Browse) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert browse(None).client.get("/metrics", headers=headers).status_code == 403


def test_metrics_are_for_who_carries_their_token(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "only-for-prometheus")
    get_settings.cache_clear()
    headers = {"Authorization": "Bearer only-for-prometheus"}
    answer = browse(None).client.get("/metrics", environ_base=FROM_AFAR, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")


def test_metrics_have_a_limit(browse: Browse) -> None:
    client = browse(None).client
    answers = [client.get("/metrics", environ_base=FROM_AFAR).status_code for _ in range(61)]
    assert answers == [403] * 60 + [429]  # who guesses at the token has no more tries


def test_without_a_database_the_counters_are_still_told(engine: Engine) -> None:
    nowhere = create_engine(NOWHERE)
    app = app_with(engine)
    db.bind(nowhere)
    page = app.test_client().get("/metrics")
    db.bind(engine)
    nowhere.dispose()
    assert page.status_code == 200
    assert "outbox_open_rows NaN" in page.text


def test_metrics_count_by_route_and_tell_the_backlog(browse: Browse) -> None:
    browser = browse(None)
    browser.get("/sign-in")
    page = browser.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/sign-in",status="200"}' in page
    assert "outbox_open_rows" in page
