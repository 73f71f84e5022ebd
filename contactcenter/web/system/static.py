"""Scripts, styles, fonts and pictures."""

import mimetypes
import re

from flask import Blueprint, Response, send_from_directory

from contactcenter.core.templating import STATIC, assets_version
from contactcenter.edge.deco import public
from contactcenter.edge.limits import limiter

blueprint = Blueprint("static", __name__)
_VERSIONED = re.compile(r"([0-9a-f]{10})/(.+)")

for _suffix, _type in ((".js", "text/javascript"), (".woff2", "font/woff2"), (".svg", "image/svg+xml")):
    mimetypes.add_type(_type, _suffix)  # systems differ; browsers refuse a module of another type


@blueprint.get("/static/<path:path>")
@limiter.exempt
@public
def serve(path: str) -> Response:
    """`/static/<version>/path` for ever if the version is ours; any other spelling is checked again each time."""
    versioned = _VERSIONED.fullmatch(path)
    response = send_from_directory(STATIC, versioned[2] if versioned else path)
    if versioned and versioned[1] == assets_version():
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response
