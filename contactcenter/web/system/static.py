"""Scripts, styles, fonts and pictures."""

import gzip
import mimetypes
import re
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from contactcenter.core.assets import PACKED, STATIC, assets_version, packed
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
    if not versioned or versioned[1] != assets_version():
        response.headers["Cache-Control"] = "no-cache"
        return response
    if response.status_code == 200 and versioned[2].endswith(PACKED):
        response.close()
        response = send_packed(Path(versioned[2]), response.mimetype or "")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def send_packed(path: Path, mimetype: str) -> Response:
    """The whole file at once, small; a browser that takes no gzip gets it unpacked."""
    body = packed(path)
    if not request.accept_encodings["gzip"]:
        return Response(gzip.decompress(body), mimetype=mimetype, headers={"Vary": "Accept-Encoding"})
    headers = {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
    return Response(body, mimetype=mimetype, headers=headers)
