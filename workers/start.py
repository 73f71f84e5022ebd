"""What every background process does first: settings, logs, database, composition, a way to tell browsers."""

import signal
import threading

from redis import Redis

from contactcenter.compose import compose
from contactcenter.core import db, push
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.logs import configure_logs


def begin(pool_n: int = 4) -> Settings:
    """Make this process part of the system; returns its settings."""
    settings = get_settings()
    configure_logs(settings.log_level)
    db.connect(settings.database_url, pool_n=pool_n)
    compose()
    push.connect(settings.redis_url)
    return settings


def redis_of(settings: Settings) -> Redis:
    """A connection to the broker (RQ keeps bytes)."""
    return Redis.from_url(settings.redis_url, socket_timeout=60)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set, for loops to end between two pieces of work."""
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    return stop
