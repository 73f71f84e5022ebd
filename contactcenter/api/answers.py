"""How answers are written and the common arguments read."""

import json
import re
from collections.abc import Callable

from flask import Response, g, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.core.idempotency import do_once
from contactcenter.core.paging import LIMIT, MAX_LIMIT
from contactcenter.edge.requests import read_query

KEY = re.compile(r"[!-~]{1,255}")


def json_answer(model: BaseModel, status: int = 200, *, location: str | None = None) -> Response:
    """The model as JSON; a version becomes the ETag that If-Match wants."""
    response = Response(model.model_dump_json(), status, mimetype="application/json")
    version = getattr(model, "version", None)
    if version is not None:
        response.set_etag(str(version))
    if location:
        response.headers["Location"] = location
    return response


def page_arguments() -> tuple[str | None, int]:
    """`after` and `limit` of a list. Raises Invalid for a limit that is none, or beyond what a page may hold."""
    query = read_query()
    limit = query.number("limit", low=1, high=MAX_LIMIT, default=LIMIT)
    query.check()
    return request.args.get("after") or None, limit


def answer_once(session: Session, make: Callable[[], Response]) -> Response:
    """What `make` answers; asked again with the same `Idempotency-Key`, the same answer and nothing done twice.

    A key counts for one token and address. Raises Invalid for one that cannot be a key, KeyReused for another body.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return make()
    if not KEY.fullmatch(key):
        raise Invalid(_("An Idempotency-Key has 1 to 255 visible ASCII characters."), field="Idempotency-Key")
    scope = f"token:{g.token_id} {request.method} {request.path}"
    done = do_once(session, scope, key, request.get_data(), lambda: _written(make()))
    answer = _read(done.answer)
    if done.repeated:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _written(answer: Response) -> str:
    kept = {name: answer.headers[name] for name in ("ETag", "Location") if name in answer.headers}
    return json.dumps([answer.status_code, kept, answer.get_data(as_text=True)])


def _read(written: str) -> Response:
    status, headers, body = json.loads(written)
    return Response(body, status, headers, mimetype="application/json")
