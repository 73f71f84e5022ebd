"""Who is asking: the cookie of a browser or the bearer token of a program becomes `g.user`."""

from flask import Request, Response, g, request

from contactcenter.accounts.models import User
from contactcenter.accounts.sessions import LONGEST, find_session, is_stale
from contactcenter.accounts.tokens import find_token
from contactcenter.core.config import get_settings
from contactcenter.core.db import reading, unit_of_work
from contactcenter.core.errors import NotSignedIn
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import access_of

COOKIE = "candor_session"


def load_user() -> None:
    """Before every request: set `g.user` (None: nobody) and the `g.session_id` of a browser or `g.token_id` of a program.

    `g.read_only`: the program's token lets it change nothing.

    A program's door ignores cookies and a page ignores tokens: neither can stand in for the other.
    """
    g.user = g.session_id = g.token_id = None
    g.read_only = False
    access = access_of(request)
    if access is not None and access.door == "token":
        _load_token(bearer_token(request))
    elif request.cookies.get(COOKIE):
        _load_session(request.cookies[COOKIE])


def bearer_token(incoming: Request) -> str | None:
    """The token of `Authorization: Bearer …`, if there is one."""
    scheme, _space, token = incoming.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _load_token(token: str | None) -> None:
    if token is None:
        return
    with unit_of_work() as session:
        found = find_token(session, token)
        if found is not None:
            g.user, g.token_id, g.read_only = found.user, found.id, found.read_only


def _load_session(token: str) -> None:
    with reading() as session:
        found = find_session(session, token, used=False)
    if found is None:
        return
    g.user, g.session_id = found.user, found.id
    if is_stale(found):
        with unit_of_work() as session:
            find_session(session, token)


def current_user() -> User:
    """Who is signed in (detached: its columns and team are loaded, nothing else). Raises NotSignedIn."""
    user = g.get("user")
    if not isinstance(user, User):
        raise NotSignedIn(_("Sign in first."))
    return user


def set_session_cookie(response: Response, token: str) -> Response:
    """Keep a session's token in the browser, out of reach of scripts and of other sites' forms."""
    lifetime_s = int(LONGEST.total_seconds())  # when it ends before that, the server decides
    response.set_cookie(COOKIE, token, max_age=lifetime_s, httponly=True, samesite="Lax", secure=is_https())
    return response


def clear_session_cookie(response: Response) -> Response:
    """Forget the token in the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=is_https())
    return response


def is_https() -> bool:
    """Whether people reach us by https, as the proxy or PUBLIC_URL says."""
    return request.is_secure or get_settings().base_url.startswith("https://")
