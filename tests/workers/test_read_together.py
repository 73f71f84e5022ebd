"""Messages that wait are read in one go: each once, whatever one of them does to the others or a kill to all."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from sqlalchemy import Engine, select

from contactcenter.conversations.append import ANALYSE
from contactcenter.core import clock, outbox
from contactcenter.core.clock import frozen
from contactcenter.core.db import unit_of_work
from contactcenter.core.outbox import OutboxRow
from tests.workers.conftest import ask, row
from workers import jobs, relay

POISON, ENDLESS = 666, 999
MOST = jobs.TOGETHER_N[ANALYSE]


@pytest.fixture
def read(clean_database: Engine) -> Iterator[list[list[int]]]:
    """What the reader was asked to read, call by call; it fails at POISON and takes too long with ENDLESS."""
    calls: list[list[int]] = []

    def handle(_session: object, args: outbox.Args) -> None:
        calls.append(args["message_ids"])
        if POISON in args["message_ids"]:
            raise ValueError("no way")
        if ENDLESS in args["message_ids"]:
            raise JobTimeoutException("too long")

    outbox.register(ANALYSE, handle)
    yield calls
    outbox._handlers.pop(ANALYSE)


def come(*message_ids: int) -> list[int]:
    """These messages wait to be read; their rows."""
    with unit_of_work() as session:
        for message_id in message_ids:
            outbox.enqueue(session, ANALYSE, {"message_ids": [message_id]})
    with unit_of_work() as session:
        return list(session.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))


def waiting(redis: Redis) -> list[list[int]]:
    """The rows of each job, in the order of the queue."""
    return [list(job.args) for job in jobs.queue("nlp", redis).jobs]


def work_off(redis: Redis) -> None:
    queue = jobs.queue("nlp", redis)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")


def undone() -> list[list[int]]:
    with unit_of_work() as session:
        left = select(OutboxRow).where(OutboxRow.done_at.is_(None)).order_by(OutboxRow.id)
        return [one.args["message_ids"] for one in session.scalars(left)]


def test_messages_that_wait_are_read_in_one_job_and_in_their_order(
    read: list[list[int]], redis: Redis
) -> None:
    rows = come(1, 2, 3)
    assert relay.send_due(redis) == 3
    assert waiting(redis) == [rows]
    work_off(redis)
    assert read == [[1, 2, 3]]
    assert undone() == []


def test_so_many_share_a_job_and_no_more(read: list[list[int]], redis: Redis) -> None:
    come(*range(MOST + 2))
    relay.send_due(redis)
    work_off(redis)
    assert [len(call) for call in read] == [MOST, 2]


def test_other_side_effects_go_by_themselves(read: list[list[int]], done: list[str], redis: Redis) -> None:
    come(1)
    mails = [ask("mail"), ask("letter")]
    come(2)
    relay.send_due(redis)
    assert [list(job.args) for job in jobs.queue("default", redis).jobs] == [[one] for one in mails]
    work_off(redis)
    assert read == [[1, 2]]


@pytest.mark.parametrize("bad", [POISON, ENDLESS])
def test_a_message_that_cannot_be_read_harms_only_itself(
    bad: int, read: list[list[int]], redis: Redis
) -> None:
    rows = come(1, bad, 3)
    relay.send_due(redis)
    work_off(redis)
    assert read == [[1, bad, 3]]
    assert relay.send_due(redis) == 3
    assert waiting(redis) == [[one] for one in rows]
    work_off(redis)
    assert read[1:] == [[1], [bad], [3]]
    assert undone() == [[bad]]
    assert [row(one).attempts for one in rows] == [0, 1, 0]
    assert relay.send_due(redis) == 0  # for its next try it waits, as everything does that failed


def test_what_failed_once_never_shares_a_job_again(read: list[list[int]], redis: Redis) -> None:
    (bad,) = come(POISON)
    relay.send_due(redis)
    work_off(redis)
    with frozen(clock.now() + timedelta(minutes=1)):
        rows = come(1, 2)
        relay.send_due(redis)
    assert waiting(redis) == [[bad], [one for one in rows if one != bad]]


def test_what_a_killed_worker_had_in_hand_comes_again_one_by_one(read: list[list[int]], redis: Redis) -> None:
    """One of them may have killed it."""
    rows = come(1, 2)
    relay.send_due(redis)
    jobs.queue("nlp", redis).pop_job_id()
    at = clock.now() + outbox.RESEND_AFTER + timedelta(seconds=1)
    with frozen(at):
        come(3)
        relay.send_due(redis)
    assert waiting(redis)[:2] == [[one] for one in rows]
    work_off(redis)
    assert sorted(read) == [[1], [2], [3]]


def test_job_that_lasts_until_its_rows_are_sent_again_does_them_once(
    read: list[list[int]], redis: Redis
) -> None:
    come(1, 2)
    relay.send_due(redis)
    with frozen(clock.now() + timedelta(minutes=2)):
        relay.send_due(redis)
    assert len(waiting(redis)) == 3
    work_off(redis)
    assert read == [[1, 2]]


def test_what_the_broker_did_not_take_may_share_a_job_later(read: list[list[int]], redis: Redis) -> None:
    rows = come(1, 2)
    with Redis(host="127.0.0.1", port=1) as away, pytest.raises(Exception, match="refused"):
        relay.send_due(away)
    relay.send_due(redis)
    assert waiting(redis) == [rows]


def test_one_of_them_in_work_elsewhere_is_left_to_it(read: list[list[int]]) -> None:
    first, second = come(1, 2)
    with unit_of_work() as session:
        assert outbox.perform(session, first)
        jobs.perform(first, second)
    assert read == [[1], [2]]
    assert undone() == []
