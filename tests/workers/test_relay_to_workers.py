"""From an outbox row to a worker and back: once, whatever fails on the way; the broker here is a real one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import redis as redis_client
from redis import Redis
from rq import SimpleWorker
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from contactcenter.core import clock, outbox
from contactcenter.core.clock import frozen
from contactcenter.core.db import unit_of_work
from contactcenter.core.health import all_health
from contactcenter.core.outbox import OutboxRow
from contactcenter.embedded.engines import Engines
from tests.workers.conftest import TASK, ask, row
from workers import jobs, relay

ROOT = Path(__file__).resolve().parents[2]
HANGING_WORKER = f"""
import time
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from contactcenter.core import outbox
from workers import jobs
from workers.start import begin, redis_of
settings = begin()
def hang(session, args):
    print("at work", flush=True)
    time.sleep(600)
outbox.register({TASK!r}, hang)
redis = redis_of(settings)
SimpleWorker([jobs.queue("default", redis)], connection=redis, serializer=JSONSerializer).work(logging_level="ERROR")
"""


def work_off(redis: Redis) -> None:
    """A worker does what waits in its queue, and goes home."""
    queue = jobs.queue("default", redis)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")


def waits_in(redis: Redis) -> list[str]:
    return list(jobs.queue("default", redis).job_ids)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_row_is_sent_done_and_forgotten(done: list[str], redis: Redis) -> None:
    row_id = ask("mail")
    assert relay.send_due(redis) == 1
    assert relay.send_due(redis) == 0
    assert waits_in(redis) == [f"outbox-{row_id}"]
    work_off(redis)
    assert done == ["mail"]
    assert row(row_id).done_at is not None
    assert waits_in(redis) == []


def test_row_that_still_waits_in_the_queue_is_not_queued_twice(done: list[str], redis: Redis) -> None:
    row_id = ask("mail")
    relay.send_due(redis)
    with frozen(clock.now() + timedelta(minutes=2)):
        assert relay.send_due(redis) == 1
    assert waits_in(redis) == [f"outbox-{row_id}"]


def test_row_lost_by_the_broker_is_sent_again(done: list[str], redis: Redis) -> None:
    row_id = ask("mail")
    relay.send_due(redis)
    redis.flushdb()
    with frozen(clock.now() + timedelta(minutes=2)):
        relay.send_due(redis)
    work_off(redis)
    assert done == ["mail"]
    assert row(row_id).done_at is not None


def test_failing_handler_keeps_the_row_for_later_and_the_worker_alive(done: list[str], redis: Redis) -> None:
    poison, mail = ask("poison"), ask("mail")
    relay.send_due(redis)
    work_off(redis)
    assert sorted(done) == ["mail", "poison"]
    failed = row(poison)
    assert (failed.done_at, failed.attempts, failed.error) == (None, 1, "ValueError: noway")
    assert row(mail).done_at is not None
    assert relay.send_due(redis) == 0
    with frozen(clock.now() + timedelta(seconds=6)):
        assert relay.send_due(redis) == 1
    work_off(redis)
    assert row(poison).attempts == 2


def test_a_job_that_kills_its_workers_is_tried_ever_more_seldom_and_named(
    done: list[str], redis: Redis
) -> None:
    """As one does that wants more memory than there is: RQ gives it up, and the relay must not begin anew each minute."""
    row_id, at = ask("mail"), clock.now()
    for attempt in range(1, outbox.NAMED_FROM + 1):
        at += timedelta(hours=5)
        with frozen(at):
            assert relay.send_due(redis) == 1
        give_up(redis, row_id)
        at += timedelta(minutes=2)
        with frozen(at):
            relay.send_due(redis)
            assert (row(row_id).attempts, row(row_id).error) == (attempt, jobs.CUT_OFF)
            assert (waits_in(redis), relay.send_due(redis)) == ([], 0)
    with unit_of_work() as session:
        assert [(one.name, one.reason) for one in all_health(session) if not one.ok] == [
            (outbox.part_of(TASK), jobs.CUT_OFF)
        ]
    with frozen(at + timedelta(hours=5)):
        relay.send_due(redis)
    work_off(redis)
    assert done == ["mail"]
    with unit_of_work() as session:
        assert [one for one in all_health(session) if not one.ok] == []


def give_up(redis: Redis, row_id: int) -> None:
    """What RQ does with a job whose workers have died too often."""
    job = Job.fetch(f"outbox-{row_id}", redis, serializer=JSONSerializer)
    jobs.queue("default", redis).remove(job)
    job.set_status(JobStatus.FAILED)


def test_task_that_this_worker_does_not_know_is_kept(done: list[str]) -> None:
    row_id = ask("mail")
    with unit_of_work() as session:
        session.get_one(OutboxRow, row_id).task = "test.unheard_of"
    jobs.perform(row_id)
    kept = row(row_id)
    assert (kept.done_at, kept.attempts, kept.error) == (None, 1, "KeyError: 'test.unheard_of'")


def test_job_of_a_row_that_is_done_or_gone_does_nothing(done: list[str]) -> None:
    row_id = ask("mail")
    for asked in (row_id, row_id, row_id + 1000):
        jobs.perform(asked)
    assert done == ["mail"]


def test_rows_stay_unsent_while_the_broker_is_away(done: list[str], tmp_path: Path) -> None:
    row_id = ask("mail")
    with Redis(unix_socket_path=str(tmp_path / "nobody")) as away:
        with pytest.raises(redis_client.RedisError):
            relay.send_due(away)
        assert row(row_id).sent_at is None


def test_relay_outlives_a_broker_that_is_away_and_ends_when_told(
    done: list[str], engines: Engines, tmp_path: Path
) -> None:
    stop = threading.Event()
    with Redis(unix_socket_path=str(tmp_path / "nobody")) as away:
        thread = threading.Thread(target=relay.relay, args=(stop, engines.database_url, away))
        thread.start()
        row_id = ask("mail")
        time.sleep(0.3)
        assert thread.is_alive()
        stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()
    assert row(row_id).sent_at is None


def test_relay_is_woken_by_a_commit(done: list[str], engines: Engines, redis: Redis) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=relay.relay, args=(stop, engines.database_url, redis))
    thread.start()
    row_id = ask("mail")
    try:
        until(lambda: waits_in(redis) == [f"outbox-{row_id}"])
    finally:
        stop.set()
        thread.join(timeout=10)


def test_work_of_a_killed_worker_is_done_by_another(done: list[str], engines: Engines, redis: Redis) -> None:
    row_id = ask("mail")
    relay.send_due(redis)
    environment = {**os.environ, **engines.addresses.environment()}
    with subprocess.Popen(
        [sys.executable, "-c", HANGING_WORKER], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "at work\n"
        worker.send_signal(signal.SIGKILL)
    relay.reap_once(redis, clock.now())
    assert waits_in(redis) == []  # it may still live, for all we know
    relay.reap_once(redis, clock.now() + timedelta(minutes=10))
    assert waits_in(redis) == [f"outbox-{row_id}"]
    until(lambda: _performed(row_id))
    assert done == ["mail"]
    work_off(redis)
    assert done == ["mail"]


def _performed(row_id: int) -> bool:
    """PostgreSQL lets go of the killed worker's row lock as soon as it notices."""
    jobs.perform(row_id)
    return row(row_id).done_at is not None
