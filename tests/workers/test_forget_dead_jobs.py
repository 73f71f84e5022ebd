"""A row that is sent again reaches a worker, whatever the broker remembers of its last job."""

import pytest
from redis import Redis
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from workers import jobs


def waiting(redis: Redis) -> list[str]:
    return list(jobs.queue("default", redis).job_ids)


def test_row_that_waits_is_not_queued_twice(redis: Redis) -> None:
    jobs.send(1, "default", redis)
    jobs.send(1, "default", redis)
    assert waiting(redis) == ["outbox-1"]


def was_taken(redis: Redis, status: JobStatus) -> None:
    jobs.send(1, "default", redis)
    jobs.queue("default", redis).pop_job_id()
    Job.fetch("outbox-1", redis, serializer=JSONSerializer).set_status(status)


def test_job_that_died_with_its_worker_is_sent_anew(redis: Redis) -> None:
    was_taken(redis, JobStatus.STARTED)
    jobs.send(1, "default", redis)
    assert waiting(redis) == ["outbox-1"]


@pytest.mark.usefixtures("clean_database")
def test_job_that_was_given_up_is_put_off_and_then_sent_anew(redis: Redis) -> None:
    """Its row may be gone meanwhile: its customer was erased."""
    was_taken(redis, JobStatus.FAILED)
    jobs.send(1, "default", redis)
    assert waiting(redis) == []
    jobs.send(1, "default", redis)
    assert waiting(redis) == ["outbox-1"]
