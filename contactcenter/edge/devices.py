"""Browsers that somebody has signed in on before, by a signed cookie that outlives the session.

Guesses at a password are counted for each account over all senders. On a browser known for the account they are
counted apart, so that a stranger who uses up the account's attempts cannot keep its owner out ("device cookies", OWASP).
"""

from flask import Response, request

from contactcenter.core.config import get_settings
from contactcenter.core.security import digest, sign, unsign
from contactcenter.edge.sessions import is_https

COOKIE = "candor_known"
PURPOSE = "known device"
KNOWN_FOR_S = 180 * 24 * 3600


def remember_device(response: Response, email: str) -> Response:
    """This browser has just proved that it may sign in as `email`."""
    value = sign(get_settings().secret_key, PURPOSE, digest(email))
    response.set_cookie(
        COOKIE, value, max_age=KNOWN_FOR_S, path="/sign-in", httponly=True, samesite="Lax", secure=is_https()
    )
    return response


def known_device(email: str) -> str | None:
    """A name for this browser if it is known for `email`."""
    cookie = request.cookies.get(COOKIE, "")
    account = unsign(get_settings().secret_keys, PURPOSE, cookie, max_age_s=KNOWN_FOR_S)
    return digest(cookie) if account == digest(email) else None
