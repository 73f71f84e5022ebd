"""The relay and the broker: a quick worker finds the row free, and a broker that is away loses and delays nothing."""

from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from contactcenter.core import outbox
from contactcenter.core.outbox import claim_due, enqueue
from workers import jobs, relay

TASK = "test.relay"


@pytest.fixture
def done() -> Iterator[list[str]]:
    """What the handler of TASK was asked to do."""
    did: list[str] = []
    outbox.register(TASK, lambda _session, args: did.append(args["what"]))
    yield did
    outbox._handlers.pop(TASK)


@pytest.fixture
def two_rows(clean_database: Engine) -> Engine:
    """Two side effects that wait to be sent."""
    with Session(clean_database) as session, session.begin():
        for what in ("one", "two"):
            enqueue(session, TASK, {"what": what})
    return clean_database


def test_worker_quicker_than_the_relay_finds_its_row_free(
    two_rows: Engine, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "send", lambda row_id, _name, _redis: jobs.perform(row_id))
    assert relay.send_due(Redis()) == 2
    assert done == ["one", "two"]


def test_rows_are_due_again_at_once_when_the_broker_is_away(two_rows: Engine) -> None:
    with pytest.raises(RedisError):
        relay.send_due(Redis(host="127.0.0.1", port=1))
    with Session(two_rows) as session:
        assert len(claim_due(session)) == 2
