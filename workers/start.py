"""What every background process does first: settings, logs, database, composition, a way to tell browsers."""

import signal
import threading
from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from contactcenter.compose import compose
from contactcenter.core import db, push
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.lines import broker
from contactcenter.core.logs import configure_logs, get_logger

log = get_logger(__name__)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 10.0


def begin(pool_n: int = 4, *, idle_in_transaction_s: float = 0) -> Settings:
    """Make this process part of the system; returns its settings. `idle_in_transaction_s`: see `db.connect`."""
    settings = get_settings()
    configure_logs(settings.log_level)
    db.connect(settings.database_url, pool_n=pool_n, idle_in_transaction_s=idle_in_transaction_s)
    compose()
    push.connect(settings.redis_url)
    return settings


def redis_of(settings: Settings) -> Redis:
    """A connection to the broker (RQ keeps bytes)."""
    return broker(settings.redis_url, answers_within_s=60)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set, for loops to end between two pieces of work."""
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    return stop


def once_there(stop: threading.Event, act: Callable[[], object]) -> bool:
    """Do what a process does first, as soon as database and broker are there; False when told to stop before.

    The pauses grow: after a power cut everything starts at once and in any order.
    """
    pause_s = FIRST_PAUSE_S
    while not stop.is_set():
        try:
            act()
        except (OperationalError, RedisError) as error:
            log.warning("engine_away", reason=type(error).__name__, pause_s=pause_s)
            stop.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        else:
            return True
    return False
