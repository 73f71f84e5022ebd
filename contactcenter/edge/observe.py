"""See from outside what a process does: request ids in every log line, and counters."""

import hmac
import math
import re
import time
from ipaddress import ip_address

import structlog
from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import OperationalError

from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import NotAllowed
from contactcenter.core.i18n import gettext as _
from contactcenter.core.ids import readable_code
from contactcenter.core.outbox import backlog
from contactcenter.edge.sessions import bearer_token

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "http_requests", "Answers by route and status", ["route", "method", "status"], registry=REGISTRY
)
SECONDS = Histogram("http_request_seconds", "Time to answer", ["route"], registry=REGISTRY)
OUTBOX_ROWS = Gauge("outbox_open_rows", "Side effects that are not done yet", registry=REGISTRY)
OUTBOX_AGE = Gauge("outbox_oldest_seconds", "Age of the oldest of them", registry=REGISTRY)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


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


def refuse_curious() -> None:
    """Metrics are for this machine, and for who carries METRICS_TOKEN. Raises NotAllowed."""
    token = get_settings().metrics_token
    if token and hmac.compare_digest((bearer_token(request) or "").encode(), token.encode()):
        return
    if not _asked_from_here():
        raise NotAllowed(_("Metrics are for this machine, and for who carries their token."))


def _asked_from_here() -> bool:
    """A proxy on this machine that we were not told of asks from here too, for others: its headers give it away."""
    untold = get_settings().trusted_proxies == 0 and any(name in request.headers for name in FORWARDED)
    try:
        return not untold and ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def metrics() -> Response:
    """This process's counters and the backlog of the whole system (unknown without the database), for Prometheus."""
    rows, age_s = _backlog()
    OUTBOX_ROWS.set(rows)
    OUTBOX_AGE.set(age_s)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _backlog() -> tuple[float, float]:
    try:
        with unit_of_work() as session:
            return backlog(session)
    except OperationalError:
        return math.nan, math.nan
