"""How answers are written and the common arguments read."""

from flask import Response, request
from pydantic import BaseModel

from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _


def json_answer(model: BaseModel, status: int = 200, *, location: str | None = None) -> Response:
    """The model as JSON; a version becomes the ETag that If-Match wants."""
    response = Response(model.model_dump_json(), status, mimetype="application/json")
    version = getattr(model, "version", None)
    if version is not None:
        response.set_etag(str(version))
    if location:
        response.headers["Location"] = location
    return response


def page_arguments() -> tuple[str | None, int | None]:
    """`after` and `limit` of a list. Raises Invalid for a limit that is no number."""
    limit = request.args.get("limit")
    if limit is not None and not (limit.isdecimal() and len(limit) < 6):
        raise Invalid(_("limit must be a whole number."), field="limit")
    return request.args.get("after") or None, int(limit) if limit else None


def version_wanted() -> int | None:
    """The version in If-Match, or None without one. Raises Invalid for something else."""
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given or given == "*":
        return None
    if not given.isdecimal() or len(given) > 9:
        raise Invalid(_("If-Match carries the version that was read."), field="If-Match")
    return int(given)
