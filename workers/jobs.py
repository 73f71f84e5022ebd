"""The one RQ job: do an outbox row. The row is the truth; the job only says "look at it now"."""

from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from contactcenter.core import outbox
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger

log = get_logger(__name__)
TIMEOUT_S = {"default": 60, "nlp": 30}
KEEP_S = 600


def queue(name: str, redis: Redis) -> Queue:
    """The RQ queue `name`: JSON only, so that whoever can write Redis cannot run code here."""
    return Queue(name, connection=redis, serializer=JSONSerializer, default_timeout=TIMEOUT_S[name])


def send(row_id: int, name: str, redis: Redis) -> None:
    """Ask a worker to do row `row_id`; a row that is in the queue already is not queued twice."""
    try:
        queue(name, redis).enqueue(
            "workers.jobs.perform",
            row_id,
            job_id=f"outbox-{row_id}",
            unique=True,
            result_ttl=0,
            failure_ttl=KEEP_S,
            retry=Retry(max=3),
        )
    except DuplicateJobError:
        log.debug("already_queued", row_id=row_id)


def perform(row_id: int) -> None:
    """Do one row in its own transaction; a failure is counted, kept and tried again by the back-off table."""
    try:
        with unit_of_work() as session:
            outbox.perform(session, row_id)
    except Exception as error:  # the worker's loop: whatever a handler raises must not lose the row
        log.exception("outbox_failed", row_id=row_id)
        with unit_of_work() as session:
            outbox.postpone(session, row_id, f"{type(error).__name__}: {error}")
