"""See from outside how a process is doing: request ids in every log line, liveness, readiness, metrics."""

import re
import time
from dataclasses import dataclass
from typing import Literal

import psycopg
import structlog
from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from contactcenter.core.config import Settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.ids import readable_code
from contactcenter.core.outbox import backlog

PATIENCE_S = 1
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "http_requests", "Answers by route and status", ["route", "method", "status"], registry=REGISTRY
)
SECONDS = Histogram("http_request_seconds", "Time to answer", ["route"], registry=REGISTRY)
OUTBOX_ROWS = Gauge("outbox_open_rows", "Side effects that are not done yet", registry=REGISTRY)
OUTBOX_AGE = Gauge("outbox_oldest_seconds", "Age of the oldest of them", registry=REGISTRY)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

Word = Literal["ok", "degraded", "down"]


def begin() -> None:
    """Before every request: give it an id (a proxy's, if it makes sense) that all its log lines carry."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else readable_code(12)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(response: Response) -> Response:
    """After every request: count it and tell its id."""
    route = route_asked()
    REQUESTS.labels(route, request.method, response.status_code).inc()
    SECONDS.labels(route).observe(time.perf_counter() - g.began)
    response.headers["X-Request-Id"] = g.request_id
    return response


def route_asked() -> str:
    """The rule of this request's address, for counters and logs: the address itself may hold a link's token."""
    return request.url_rule.rule if request.url_rule else "(none)"


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


def look(settings: Settings) -> Readiness:
    """Ask both engines, each for about a second at most, on connections of our own: a full pool must not hide them."""
    return Readiness(_database_answers(settings.database_url), _redis_answers(settings.redis_url))


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


def metrics() -> Response:
    """This process's counters and the backlog of the whole system, in Prometheus' text format."""
    with unit_of_work() as session:
        rows, age_s = backlog(session)
    OUTBOX_ROWS.set(rows)
    OUTBOX_AGE.set(age_s)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
