"""Is it alive, is it ready, how is it doing."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from contactcenter.edge import observe, readiness
from contactcenter.edge.deco import proof, public
from contactcenter.edge.limits import limiter

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@limiter.exempt
@public
def healthz() -> ResponseReturnValue:
    """The process answers; nothing else is asked, so that a slow database does not get it restarted."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@limiter.exempt
@public
def readyz() -> ResponseReturnValue:
    """200 while requests can be served (`ok`, or `degraded` without Redis), 503 without the database."""
    seen = readiness.look()
    words = {True: "ok", False: "down"}
    body = {"status": seen.status, "database": words[seen.database], "redis": words[seen.redis]}
    return jsonify(body), 200 if seen.database else 503


@blueprint.get("/metrics")
@limiter.limit("60 per minute")
@proof()
def metrics() -> Response:
    """Counters without any personal data; still nobody's business but the operator's."""
    observe.refuse_curious()
    return observe.metrics()
