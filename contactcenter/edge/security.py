"""What every answer says to the browser, and what a request that changes something must prove."""

import secrets

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect

from contactcenter.core.config import get_settings
from contactcenter.core.errors import NotAllowed
from contactcenter.core.i18n import gettext as _
from contactcenter.core.urls import read_url
from contactcenter.edge.deco import access_of
from contactcenter.edge.sessions import is_https

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HSTS = "max-age=31536000"
PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()"
POLICY = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "img-src": ("'self'", "data:", "blob:"),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "media-src": ("'self'", "blob:"),
    "frame-src": ("'self'",),
    "manifest-src": ("'self'",),
    "base-uri": ("'none'",),
    "form-action": ("'self'",),
}

csrf = CSRFProtect()


def init_security(app: Flask) -> None:
    """Check forms for their token and put the headers on every answer."""
    # The token lives as long as the browser's visit: a console stays open all day.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_SSL_STRICT=False)
    csrf.init_app(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(put_headers)


def refuse_forged() -> None:
    """Before every request that changes something: it comes from our own pages. Raises NotAllowed or CSRFError.

    Two proofs, because each has failed somewhere: the browser's word on where the request comes from,
    and a token that only our pages know. Doors that need no cookie (tokens, signed links) need neither.
    """
    access = access_of(request)
    if request.method in SAFE_METHODS or access is None or not access.needs_csrf:
        return
    if not comes_from_us():
        raise NotAllowed(_("This request comes from another site."))
    csrf.protect()


def comes_from_us() -> bool:
    """Whether the browser says that one of our own pages sent this."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    ours = {read_url(request.host_url).netloc, read_url(get_settings().base_url).netloc}
    return read_url(origin).netloc in ours - {""}


def csp_nonce() -> str:
    """This answer's nonce for `<style nonce>`; scripts need none, they all come from files."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def allow_frames(*ancestors: str) -> None:
    """Let these origins (or `'self'`) show this answer in a frame; without this nobody may."""
    g.frame_ancestors = ancestors


def put_headers(response: Response) -> Response:
    """After every request: what a browser must and must not do with the answer; a view's own headers stay."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")  # pages hold form tokens and people's data
    if is_https():
        headers.setdefault("Strict-Transport-Security", HSTS)
    return response


def content_policy() -> str:
    """The Content-Security-Policy of this answer."""
    style = ("'self'", f"'nonce-{g.csp_nonce}'") if "csp_nonce" in g else ("'self'",)
    directives = {**POLICY, "style-src": style, "frame-ancestors": g.get("frame_ancestors", ("'none'",))}
    return "; ".join(" ".join((name, *sources)) for name, sources in directives.items())
