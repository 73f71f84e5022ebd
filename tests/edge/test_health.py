"""What machines ask: alive, ready, how much."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from contactcenter.accounts.models import User
from contactcenter.core.config import get_settings
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


def test_metrics_count_by_route_and_tell_the_backlog(browse: Browse) -> None:
    browser = browse(None)
    browser.get("/sign-in")
    page = browser.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/sign-in",status="200"}' in page
    assert "outbox_open_rows" in page
