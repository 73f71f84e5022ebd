"""Who may call a view: every view says so with one of these decorators, and the guard enforces it.

A view that says nothing is refused, so forgetting is safe; `tests/test_permissions_matrix.py` finds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Request, current_app, g, request

from contactcenter.accounts.models import Role
from contactcenter.core.config import get_settings
from contactcenter.core.errors import NotAllowed, NotSignedIn
from contactcenter.core.i18n import gettext as _

Door = Literal["public", "signed_in", "token", "proof"]
READING = ("GET", "HEAD", "OPTIONS")
ENVELOPE_BYTES = 64 * 1024  # what a form around an uploaded file may add

View = TypeVar("View", bound=Callable[..., Any])  # Any: whatever a view takes and returns


@dataclass(frozen=True, slots=True)
class Access:
    """`proof`: the view itself checks what the request carries (visitor token, signed link, provider signature).

    `may_upload` looks at the request's head whether big bodies are read for whoever sends it.
    """

    door: Door
    roles: tuple[Role, ...] = ()
    may_upload: Callable[[], bool] | None = None

    @property
    def needs_csrf(self) -> bool:
        """Only a cookie is sent along without anybody's will; tokens and proofs are not."""
        return self.door in ("public", "signed_in")


def public(view: View) -> View:
    """Anybody may call this."""
    return _declare(view, Access("public"))


def signed_in(*roles: Role, uploads: bool = False) -> Callable[[View], View]:
    """Only people who are signed in and hold one of `roles` (none named: any); `uploads` lets big bodies in."""
    return lambda view: _declare(view, Access("signed_in", roles, (lambda: True) if uploads else None))


def token(*roles: Role) -> Callable[[View], View]:
    """Only programs with `Authorization: Bearer …` whose user holds one of `roles` (none named: any)."""
    return lambda view: _declare(view, Access("token", roles))


def proof(*, may_upload: Callable[[], bool] | None = None) -> Callable[[View], View]:
    """The view checks a visitor token, a signed link or a provider's signature before anything else."""
    return lambda view: _declare(view, Access("proof", (), may_upload))


def _declare(view: View, access: Access) -> View:
    view.__dict__["access"] = access
    return view


def access_of(incoming: Request) -> Access | None:
    """What the view of this request declared; None for unknown addresses and for views that say nothing."""
    if incoming.endpoint is None:
        return None
    found: Access | None = getattr(current_app.view_functions[incoming.endpoint], "access", None)
    return found


def let_uploads_in() -> None:
    """Before anything reads the body: big ones may come in where a view takes files, from whom it takes them."""
    access = access_of(request)
    if access is not None and access.may_upload is not None and access.may_upload():
        request.max_content_length = get_settings().upload_max_bytes + ENVELOPE_BYTES


def guard() -> None:
    """Before every request: let in whom the view lets in. Raises NotSignedIn or NotAllowed."""
    if request.endpoint is None:
        return
    access = access_of(request)
    if access is None:
        raise NotAllowed(_("You may not open this."))
    if access.door in ("public", "proof"):
        return
    user = g.get("user")
    if user is None:
        raise NotSignedIn(_("Sign in first."))
    if g.read_only and request.method not in READING:
        raise NotAllowed(_("This token may only read."))
    if access.roles and not user.has(*access.roles):
        raise NotAllowed(_("Your role does not allow this."))
