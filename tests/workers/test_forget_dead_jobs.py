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


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.STARTED])
def test_job_that_failed_or_died_with_its_worker_is_sent_anew(redis: Redis, status: JobStatus) -> None:
    jobs.send(1, "default", redis)
    jobs.queue("default", redis).pop_job_id()
    Job.fetch("outbox-1", redis, serializer=JSONSerializer).set_status(status)
    jobs.send(1, "default", redis)
    assert waiting(redis) == ["outbox-1"]
