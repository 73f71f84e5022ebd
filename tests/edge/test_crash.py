"""An error nobody foresaw: a page without a trace, a line in the log with the same id."""

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.edge.deco import public
from contactcenter.factory import create_app
from tests.world import World


@pytest.fixture(scope="module")
def breakable(engine: Engine) -> Flask:
    app = create_app(get_settings(), engine=engine)

    @app.get("/crash")
    @public
    def crash() -> str:
        raise RuntimeError("secret detail")

    @app.get("/link/<token>")
    @public
    def link(token: str) -> str:
        raise RuntimeError

    @app.get("/unstorable")
    @public
    def unstorable() -> str:
        with unit_of_work() as session:
            session.execute(text("SELECT CAST('99999999999999999999' AS bigint)"))
        return ""

    @app.get("/no-database")
    @public
    def no_database() -> str:
        raise OperationalError("SELECT 1", {}, OSError("secret address"))

    @app.get("/undeclared")
    def undeclared() -> str:
        return "open to everybody by mistake"

    return app


def test_a_crash_shows_an_id_and_no_detail(
    breakable: Flask, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = breakable.test_client().get("/crash")
    assert answer.status_code == 500
    assert "Something went wrong on our side." in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    log = capsys.readouterr()
    assert answer.headers["X-Request-Id"] in log.out + log.err


def test_a_crash_behind_a_link_leaves_no_token_in_the_log(breakable: Flask, world: World) -> None:
    with capture_logs() as lines:
        assert breakable.test_client().get("/link/of-wang-li").status_code == 500
    [crash] = [line for line in lines if line["event"] == "request.failed"]
    assert crash["route"] == "/link/<token>"
    assert not [value for value in crash.values() if "of-wang-li" in str(value)]


def test_a_value_no_column_can_hold_is_the_senders_mistake(breakable: Flask, world: World) -> None:
    answer = breakable.test_client().get("/unstorable")
    assert answer.status_code == 422
    assert "99999999999999999999" not in answer.text


def test_without_the_database_the_answer_says_try_again(breakable: Flask, world: World) -> None:
    answer = breakable.test_client().get("/no-database")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "secret" not in answer.text


def test_a_view_that_does_not_say_who_may_is_refused_to_all(breakable: Flask, world: World) -> None:
    assert breakable.test_client().get("/undeclared").status_code == 403
