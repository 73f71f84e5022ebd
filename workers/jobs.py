"""The one RQ job: do an outbox row. The row is the truth; the job only says "look at it now"."""

import contextlib
import time

from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError

from contactcenter.core import outbox
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger

log = get_logger(__name__)
TIMEOUT_S = {"default": 60, "nlp": 30}
KEEP_S = 600
DATABASE_PAUSE_S = 1.0
CUT_OFF = "Its worker was killed each time, or it took too long."


def queue(name: str, redis: Redis) -> Queue:
    """The RQ queue `name`: JSON only, so that whoever can write Redis cannot run code here."""
    return Queue(name, connection=redis, serializer=JSONSerializer, default_timeout=TIMEOUT_S[name])


def send(row_id: int, name: str, redis: Redis) -> None:
    """Ask a worker to do row `row_id`; a row that waits in the queue already is not queued twice.

    A row that was sent long ago comes again. RQ may remember its job as failed, or as running in a worker that was
    killed: that is forgotten, for it would keep the row from being done until RQ's own memory fades.
    """
    home, job_id = queue(name, redis), f"outbox-{row_id}"
    try:
        _enqueue(home, job_id, row_id)
    except DuplicateJobError:
        if home.get_job_position(job_id) is None and not _was_cut_off(job_id, row_id, redis):
            with contextlib.suppress(DuplicateJobError):  # another relay was faster
                _enqueue(home, job_id, row_id)


def _was_cut_off(job_id: str, row_id: int, redis: Redis) -> bool:
    """Forget what RQ knows of the job. If it was given up, the row is put off: at once it would kill the next worker."""
    try:
        job = Job.fetch(job_id, redis, serializer=JSONSerializer)
    except NoSuchJobError:  # ended a moment ago
        return False
    given_up = job.is_failed
    job.delete()
    if given_up:
        log.warning("job_cut_off", row_id=row_id)
        with unit_of_work() as session:
            outbox.postpone(session, row_id, CUT_OFF)
    return given_up


def _enqueue(home: Queue, job_id: str, row_id: int) -> None:
    home.enqueue(
        "workers.jobs.perform",
        row_id,
        job_id=job_id,
        unique=True,
        result_ttl=0,
        failure_ttl=KEEP_S,
        retry=Retry(max=3),
    )


def perform(row_id: int) -> None:
    """Do one row in its own transaction; a failure is counted, kept and tried again by the back-off table.

    While the database is away nothing else could be done, so we wait for it; RQ's time-out ends the waiting.
    """
    while not _tried(row_id):
        time.sleep(DATABASE_PAUSE_S)


def _tried(row_id: int) -> bool:
    """False if the database went away meanwhile, and with it everything that was done."""
    try:
        with unit_of_work() as session:
            outbox.perform(session, row_id)
    except OperationalError as error:
        log.warning("database_away", reason=type(error.orig).__name__, row_id=row_id)
        return False
    except Exception as error:  # the worker's loop: whatever a handler raises must not lose the row
        log.exception("outbox_failed", row_id=row_id)
        with unit_of_work() as session:
            outbox.postpone(session, row_id, f"{type(error).__name__}: {error}")
    return True
