"""The one RQ job: do an outbox row, or several that are alike. Rows are the truth; the job only says "look at them now"."""

import contextlib
import time
from collections.abc import Sequence

from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError

from contactcenter.conversations.append import ANALYSE
from contactcenter.core import outbox
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger

log = get_logger(__name__)
TIMEOUT_S = {"default": 60, "nlp": 30}
KEEP_S = 600
DATABASE_PAUSE_S = 1.0
TOGETHER_N = {ANALYSE: 16}
"""So many rows of a task may share a job: it and its transaction cost more than to read a message."""

CUT_OFF = "Its worker was killed each time, or it took too long."


def queue(name: str, redis: Redis) -> Queue:
    """The RQ queue `name`: JSON only, so that whoever can write Redis cannot run code here."""
    return Queue(name, connection=redis, serializer=JSONSerializer, default_timeout=TIMEOUT_S[name])


def parcels(due: Sequence[outbox.Due]) -> list[list[outbox.Due]]:
    """What one job is to do: each row by itself, but for those that are alike, new and may go together; in their order."""
    found: list[list[outbox.Due]] = []
    with_room: dict[str, list[outbox.Due]] = {}
    for row in due:
        parcel = with_room.get(row.task, []) if row.fresh else []
        if not parcel or len(parcel) >= TOGETHER_N.get(row.task, 1):
            parcel = []
            found.append(parcel)
            if row.fresh:
                with_room[row.task] = parcel
        parcel.append(row)
    return found


def send_together(row_ids: Sequence[int], name: str, redis: Redis) -> None:
    """Ask a worker to do these rows in one go. Once only: if it is killed they count as lost, and each comes by itself."""
    queue(name, redis).enqueue("workers.jobs.perform", *row_ids, result_ttl=0, failure_ttl=KEEP_S)


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


def perform(*row_ids: int) -> None:
    """Do a row in its own transaction; a failure is counted, kept and tried again by the back-off table.

    Several rows share one, and a failure is nobody's: each is sent again by itself. While the database is away nothing
    else could be done, so we wait for it; RQ's time-out ends the waiting.
    """
    while not _tried(row_ids):
        time.sleep(DATABASE_PAUSE_S)


def _tried(row_ids: Sequence[int]) -> bool:
    """False if the database went away meanwhile, and with it everything that was done."""
    try:
        with unit_of_work() as session:
            outbox.perform(session, *row_ids)
    except OperationalError as error:
        log.warning("database_away", reason=type(error.orig).__name__, row_ids=row_ids)
        return False
    except Exception as error:  # the worker's loop: whatever a handler raises must not lose a row
        log.exception("outbox_failed", row_ids=row_ids)
        with unit_of_work() as session:
            if len(row_ids) > 1:
                outbox.send_apart(session, row_ids)
            else:
                outbox.postpone(session, row_ids[0], f"{type(error).__name__}: {error}")
    return True
