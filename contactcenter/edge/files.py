"""Hand out a stored file as harmless bytes; whoever calls this has decided that the asker may have it."""

from flask import Response, send_file

from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.core.storage import INLINE_TYPES, file_path

CACHE_S = 3600


def answer_with_file(sha256: str, *, filename: str, content_type: str) -> Response:
    """Pictures and PDFs are shown, everything else is saved; nothing in it can run, reach out or be framed.

    `content_type` is what the bytes are, as `core.storage` found, never what a sender claimed. Raises NotFound.
    """
    path = file_path(sha256)
    if not path.is_file():
        raise NotFound(_("This file does not exist (any more)."))
    shown = content_type in INLINE_TYPES
    response = send_file(
        path.absolute(),
        mimetype=content_type if shown else "application/octet-stream",
        as_attachment=not shown,
        download_name=filename,
        etag=sha256,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = f"private, max-age={CACHE_S}"
    return response
