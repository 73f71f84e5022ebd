"""The real broker, emptied, and a task whose handler writes down what it was asked."""

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from contactcenter.core import outbox
from contactcenter.core.db import unit_of_work
from contactcenter.core.outbox import OutboxRow
from contactcenter.embedded.engines import Engines

TASK = "test.task"


@pytest.fixture
def redis(engines: Engines) -> Iterator[Redis]:
    """An empty broker."""
    with Redis.from_url(engines.redis_url) as broker:
        broker.flushdb()
        yield broker
        broker.flushdb()


@pytest.fixture
def done(clean_database: Engine) -> Iterator[list[str]]:
    """What TASK did; "poison" fails."""
    did: list[str] = []

    def handle(_session: Session, args: outbox.Args) -> None:
        did.append(args["what"])
        if args["what"] == "poison":
            raise ValueError("no\0way")

    outbox.register(TASK, handle)
    yield did
    outbox._handlers.pop(TASK)


def ask(what: str) -> int:
    """Leave the side effect, committed; its row."""
    with unit_of_work() as session:
        outbox.enqueue(session, TASK, {"what": what}, key=what)
    with unit_of_work() as session:
        return session.scalars(select(OutboxRow.id).where(OutboxRow.key == what)).one()


def row(row_id: int) -> OutboxRow:
    """The row as it is now."""
    with unit_of_work() as session:
        return session.get_one(OutboxRow, row_id)
