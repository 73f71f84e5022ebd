"""`python app.py worker [default|nlp …]`: one process that does outbox rows of one queue, or of several."""

import argparse
import os
from collections.abc import Sequence

from rq import SimpleWorker
from rq.serializers import JSONSerializer

from contactcenter.core.outbox import QUEUES
from workers import analysis, jobs
from workers.start import begin, once_there, redis_of, stop_on_signals

WORKER_TTL_S = 30  # an idle worker looks up this often, so that abandoned jobs are noticed


def main(argv: Sequence[str] = ()) -> int:
    """Work until told to stop; SIGTERM lets the job at hand finish."""
    parser = argparse.ArgumentParser(prog="app.py worker", description=__doc__)
    parser.add_argument("queue", nargs="*", default=["default"], type=queue_named, help=" or ".join(QUEUES))
    names = parser.parse_args(list(argv)).queue
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    settings = begin()
    reader = analysis.register(settings)
    redis = redis_of(settings)
    stop = stop_on_signals()
    if not once_there(stop, redis.ping) or ("nlp" in names and not once_there(stop, reader.announce)):
        return 0
    worker = SimpleWorker(
        [jobs.queue(name, redis) for name in names],
        connection=redis,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_S,
    )
    worker.work(logging_level="WARNING")
    return 0


def queue_named(name: str) -> str:
    """Itself; raises ArgumentTypeError for a queue that there is not (`choices` refuses an empty list)."""
    if name not in QUEUES:
        raise argparse.ArgumentTypeError(f"there is no queue {name}, only {' and '.join(QUEUES)}")
    return name
