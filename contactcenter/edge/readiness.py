"""Can requests be served? Asked often and by anybody, so the engines are asked at most once in KEPT_S by a process."""

import threading
import time
from dataclasses import dataclass
from typing import Literal

import psycopg
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from contactcenter.core.config import Settings

PATIENCE_S = 1
KEPT_S = 1.5

EXTENSION = "candor.readiness"

Word = Literal["ok", "degraded", "down"]


def init_readiness(app: Flask, settings: Settings) -> None:
    """Let this application know which engines it needs."""
    app.extensions[EXTENSION] = Probe(settings.database_url, settings.redis_url)


def look() -> "Readiness":
    """How this application's engines are."""
    probe: Probe = current_app.extensions[EXTENSION]
    return probe.look()


@dataclass(frozen=True, slots=True)
class Readiness:
    """Degraded still works: without Redis nothing is pushed live, but nothing is lost either."""

    database: bool
    redis: bool

    @property
    def status(self) -> Word:
        """`down` means: send nobody here."""
        if not self.database:
            return "down"
        return "ok" if self.redis else "degraded"


class Probe:
    """Asks the two engines, each for about a second at most, on connections of its own: a full pool must not hide them."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._database_url, self._redis_url = database_url, redis_url
        self._one_at_a_time = threading.Lock()
        self._seen: Readiness | None = None
        self._fresh_until = 0.0

    def look(self) -> Readiness:
        """How it is, or was KEPT_S ago at most; whoever comes while somebody asks waits for his answer."""
        with self._one_at_a_time:
            if self._seen is None or time.monotonic() >= self._fresh_until:
                self._seen = Readiness(_database_answers(self._database_url), _redis_answers(self._redis_url))
                self._fresh_until = time.monotonic() + KEPT_S
            return self._seen


def _database_answers(url: str) -> bool:
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    timeout = f"-c statement_timeout={PATIENCE_S * 1000}"
    try:
        with psycopg.connect(dsn, connect_timeout=PATIENCE_S, options=timeout) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _redis_answers(url: str) -> bool:
    if not url:
        return False
    client = Redis.from_url(url, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()
