"""Hand due outbox rows to the job queues: woken by NOTIFY, with a look every second as a net."""

import threading
from collections.abc import Sequence
from datetime import datetime

import redis as redis_client
from redis import Redis
from rq.registry import StartedJobRegistry

from contactcenter.core import outbox
from contactcenter.core.clock import now
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger
from workers import jobs
from workers.listen import Listener

log = get_logger(__name__)
REAP_EVERY_S = 10
GATHER_S = 0.25
"""After something was sent, what comes meanwhile goes together: a turn and a job cost more than a row, and nobody waits
for a letter or a reading so closely. Where nothing was sent just now, a row goes at once."""


def relay(stop: threading.Event, database_url: str, redis: Redis) -> None:
    """Run until `stop`. Any number of relays may run: rows are claimed with SKIP LOCKED."""
    with Listener(database_url, outbox.CHANNEL) as listener:
        while not stop.is_set():
            try:
                sent_n = send_due(redis)
                if sent_n:
                    stop.wait(0 if sent_n == outbox.BATCH else GATHER_S)
                    continue
            except redis_client.RedisError as error:
                log.warning("broker_away", reason=type(error).__name__)
                stop.wait(1)
            listener.wait(1.0)


def send_due(redis: Redis) -> int:
    """Claim and send one batch.

    The stamps are durable first: a worker is quicker than our commit, and would pass by a row that is still locked.
    What the broker did not take is given back, and what a killed relay did not send is sent again as if it were lost.
    """
    with unit_of_work() as session:
        due = outbox.claim_due(session)
    left = jobs.parcels(due)
    try:
        while left:
            _send(left[0], redis)
            del left[0]
    except redis_client.RedisError:
        with unit_of_work() as session:
            outbox.give_back(session, [row.id for parcel in left for row in parcel])
        raise
    return len(due)


def _send(parcel: Sequence[outbox.Due], redis: Redis) -> None:
    if len(parcel) == 1:
        jobs.send(parcel[0].id, parcel[0].queue, redis)
    else:
        jobs.send_together([row.id for row in parcel], parcel[0].queue, redis)


def reap(stop: threading.Event, redis: Redis) -> None:
    """Give jobs of killed workers back to their queues."""
    while not stop.wait(REAP_EVERY_S):
        try:
            reap_once(redis, now())
        except redis_client.RedisError as error:
            log.warning("broker_away", reason=type(error).__name__)


def reap_once(redis: Redis, at: datetime) -> None:
    """Queue again what was being done by a worker that has not shown a sign of life for long enough at `at`."""
    for name in outbox.QUEUES:
        StartedJobRegistry(queue=jobs.queue(name, redis)).cleanup(at.timestamp())
