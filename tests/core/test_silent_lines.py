"""What is held by somebody who is gone is let go of; over real networks `python -m tests.machines` shows it."""

import pytest
from redis import Redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from contactcenter.core.lines import SILENT_S, TIMES, UNHEARD_MS, postgres_options, redis_options


def test_transaction_that_says_nothing_loses_its_locks(engine: Engine) -> None:
    silent = create_engine(engine.url, connect_args=postgres_options(idle_in_transaction_s=0.1))
    with silent.connect() as connection, engine.connect() as other:
        connection.execute(text("SELECT pg_advisory_xact_lock(77)"))
        other.execute(text("SELECT pg_advisory_xact_lock(77)"))
        with pytest.raises(DBAPIError, match="idle-in-transaction"):
            connection.execute(text("SELECT 1"))
    silent.dispose()


def test_both_ends_of_a_line_to_the_database_look_whether_the_other_is_there(engine: Engine) -> None:
    options = postgres_options()
    assert options["keepalives_idle"] == SILENT_S
    assert f"-c tcp_keepalives_idle={SILENT_S}" in options["options"]
    assert f"-c tcp_keepalives_count={TIMES}" in options["options"]
    assert f"-c tcp_user_timeout={UNHEARD_MS}" in options["options"]
    with engine.connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "rediss://127.0.0.1:1/0", "unix:///nowhere"])
def test_every_kind_of_broker_takes_its_options(url: str) -> None:
    with Redis.from_url(url, **redis_options(url)) as client:
        client.connection_pool.make_connection()
