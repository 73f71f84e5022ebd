"""Errors become answers here and nowhere else: a page, a fragment for htmx, or JSON for programs; one sentence each."""

import json
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from psycopg.errors import UniqueViolation
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from contactcenter.core.errors import Conflict, DomainError, NotSignedIn, TooMany
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext
from contactcenter.core.logs import get_logger
from contactcenter.core.urls import read_url
from contactcenter.edge.observe import route_asked

logger = get_logger(__name__)

_SENTENCES = {
    400: lazy_gettext("The request could not be understood."),
    404: lazy_gettext("There is nothing at this address."),
    405: lazy_gettext("This address does not accept that method."),
    406: lazy_gettext("This address cannot answer in the format asked for."),
    408: lazy_gettext("The request took too long to arrive."),
    411: lazy_gettext("The request does not say how long it is."),
    413: lazy_gettext("That is too large. Send less."),
    414: lazy_gettext("The address is too long."),
    415: lazy_gettext("This address does not accept that kind of content."),
    416: lazy_gettext("The file does not have that range."),
    429: lazy_gettext("Too many attempts. Wait a moment and try again."),
    431: lazy_gettext("The request's headers are too large."),
    500: lazy_gettext("Something went wrong on our side. It has been written down."),
    503: lazy_gettext("Candor is not ready just now. Try again in a moment."),
}
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_type",
    429: "too_many",
    500: "internal",
    503: "not_ready",
}

TOAST_MS = 8000

Details = list[dict[str, Any]]  # Any: JSON
ExcInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


def init_errors(app: Flask) -> None:
    """Give every error its answer."""
    app.register_error_handler(DomainError, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(DataError, answer_unstorable)
    app.register_error_handler(IntegrityError, answer_twin)
    app.register_error_handler(OperationalError, answer_no_database)


def answer_refusal(error: DomainError) -> ResponseReturnValue:
    """A refusal of ours, with its own sentence."""
    if isinstance(error, NotSignedIn) and not wants_json():
        return _to_sign_in()
    response = _answer(error.status, error.code, error.message, error.details)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = 'Bearer realm="candor"'
    return response


def _to_sign_in() -> ResponseReturnValue:
    """A page leads to the sign-in and back; a fragment must not put a whole page into a corner of another."""
    if is_htmx():
        there = read_url(request.headers.get("HX-Current-URL", ""))
        response = _answer(401, NotSignedIn.code, _("Sign in first."), [])
        response.headers["HX-Redirect"] = _sign_in_url(
            f"{there.path}?{there.query}" if there.query else there.path
        )
        return response
    here = request.full_path if request.query_string else request.path
    return redirect(
        _sign_in_url(here if request.method == "GET" else ""), 302 if request.method == "GET" else 303
    )


def _sign_in_url(then: str) -> str:
    return "/sign-in?" + urlencode({"next": then}) if then not in ("", "/") else "/sign-in"


def answer_http(error: HTTPException) -> ResponseReturnValue:
    """An error of the framework; only our sentences are shown, never its own."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if isinstance(error, CSRFError):
        return _answer(403, "csrf", _("This form is out of date. Reload the page and send it again."), [])
    response = _answer(status, _CODES.get(status, "error"), _(_SENTENCES.get(status, _SENTENCES[400])), [])
    if isinstance(error, RateLimitExceeded):
        response.headers["Retry-After"] = str(_seconds_left(error))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers.setdefault(name, value)
    return response


def _seconds_left(error: RateLimitExceeded) -> int:
    return int(error.limit.limit.get_expiry())


def answer_unstorable(error: DataError) -> ResponseReturnValue:
    """Input that passed every check and still fits no column: the sender's mistake, and a gap in our checks."""
    logger.warning("request.unstorable", error=type(error.orig).__name__, route=route_asked())
    return _answer(
        422, "invalid", _("A value is too large or contains characters that cannot be stored."), []
    )


def answer_twin(error: IntegrityError) -> ResponseReturnValue:
    """Two who store the same at one moment both find the name free; the second meets the first one's row."""
    if not isinstance(error.orig, UniqueViolation):
        raise error
    logger.warning("request.twin", constraint=error.orig.diag.constraint_name, route=route_asked())
    return _answer(409, Conflict.code, _("Somebody stored the same at this moment. Reload and look."), [])


def answer_no_database(error: OperationalError) -> ResponseReturnValue:
    """The database is away: temporary, and no fault of whoever asks."""
    logger.error("request.no_database", error=type(error.orig).__name__, route=route_asked())
    response = _answer(503, _CODES[503], _(_SENTENCES[503]), [])
    response.headers["Retry-After"] = "5"
    return response


def log_crash(exc_info: ExcInfo) -> None:
    """An error nobody foresaw: the trace goes to the log under the request's id, and only there."""
    logger.error("request.failed", route=route_asked(), method=request.method, exc_info=exc_info)


def wants_json() -> bool:
    """Whether a program asks: by address, by what it sends, or by what it accepts."""
    if request.path.startswith(("/api/", "/hooks/")) or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" and not is_htmx()


def is_htmx() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def _answer(status: int, code: str, message: str, details: Details) -> Response:
    if wants_json():
        body = jsonify({"error": {"code": code, "message": message, "details": details}})
        return make_response(body, status)
    if is_htmx():
        return _toast(status, message)
    page = render_template(
        "errors/error.html", status=status, message=message, request_id=g.get("request_id", "")
    )
    return make_response(page, status)


def _toast(status: int, message: str) -> Response:
    """Said beside the page, not put in place of what the request was about: nothing that somebody typed is lost."""
    response = make_response(render_template("errors/_error.html", status=status, message=message), status)
    toast = {"target": "body", "text": message, "tone": "bad", "last": TOAST_MS}
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = json.dumps({"cc:toast": toast})
    return response
