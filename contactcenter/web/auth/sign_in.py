"""Sign in, sign out, and the start page that leads everybody to where he works."""

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.service import has_people
from contactcenter.accounts.sessions import sign_in, sign_out
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import TooMany
from contactcenter.core.i18n import gettext as _
from contactcenter.core.security import digest
from contactcenter.core.urls import NOWHERE, read_url
from contactcenter.edge.deco import public, signed_in
from contactcenter.edge.devices import known_device, remember_device
from contactcenter.edge.limits import check_rate, forget_rate
from contactcenter.edge.requests import Form, read_form
from contactcenter.edge.sessions import COOKIE, clear_session_cookie, current_user, set_session_cookie

blueprint = Blueprint("sign_in", __name__)

PACE = "5 per minute"  # of one sender at one account, until he signs in
PACE_OF_SENDER = "30 per minute"  # at whatever accounts
PACE_OF_ACCOUNT = "20 per hour"  # from whatever senders, until somebody signs in; people's own browsers apart
PACE_OF_DEVICE = "20 per hour"  # of a browser on which this account's owner has signed in before
HOMES = (
    (Role.AGENT, "/console"),
    (Role.SUPERVISOR, "/supervisor"),
    (Role.INVESTIGATOR, "/complaints"),
    (Role.APPROVER, "/complaints"),
    (Role.REVIEWER, "/complaints"),
    (Role.ADMINISTRATOR, "/admin"),
)


@blueprint.get("/")
@signed_in()
def start() -> ResponseReturnValue:
    """Everybody to his own work."""
    return redirect(home_of(current_user()))


def home_of(user: User) -> str:
    """The first area that `user` works in."""
    return next((path for role, path in HOMES if user.has(role)), "/account")


@blueprint.get("/sign-in")
@public
def show() -> ResponseReturnValue:
    """The form; in a fresh installation, the page that creates the first administrator."""
    with unit_of_work() as session:
        if not has_people(session):
            return redirect("/first-administrator")
    return _page(request.args.get("next", ""))


@blueprint.post("/sign-in")
@public
def submit() -> ResponseReturnValue:
    """Right: a session cookie and on to where one wanted to go. Wrong: one sentence that tells nothing."""
    form = read_form()
    email, password, then = _typed_email(form), form.fields.get("password", ""), _local(form)
    try:
        _check_pace(email)
    except TooMany as error:
        return _page(then, email=email, error=error.message), 429, {"Retry-After": str(error.retry_after_s)}
    with unit_of_work() as session:
        token = sign_in(session, email, password, request.headers.get("User-Agent", ""))
    if token is None:
        wrong = _("The e-mail address or the password is wrong.")
        return _page(then, email=email, error=wrong), 422
    for pace in (_pace_of_pair(email), _pace_of_account(email)):
        forget_rate(*pace)
    response = set_session_cookie(make_response(redirect(then or "/", 303)), token)
    return remember_device(response, email)


def _typed_email(form: Form) -> str:
    return form.text("email", required=False).lower()


def _check_pace(email: str) -> None:
    """The same for accounts that exist and those that do not. Raises TooMany."""
    sender = get_remote_address()
    check_rate(PACE_OF_SENDER, "sign-in-sender", sender)
    check_rate(*_pace_of_pair(email))
    check_rate(*_pace_of_account(email))


def _pace_of_pair(email: str) -> tuple[str, str, str]:
    return PACE, "sign-in", digest(f"{email} {get_remote_address()}")


def _pace_of_account(email: str) -> tuple[str, str, str]:
    """Which attempts count together: those on this browser if its owner uses it, else all others in the world."""
    device = known_device(email)
    if device is not None:
        return PACE_OF_DEVICE, "sign-in-device", device
    return PACE_OF_ACCOUNT, "sign-in-account", digest(email)


def _local(form: Form) -> str:
    """Where to go afterwards, if that is a page of ours: a link must not lead from here to somebody else's site."""
    then = form.text("next", longest=2000, required=False)
    parts = read_url(then.replace("\\", "/"))
    ours = parts is not NOWHERE and then.startswith("/") and not parts.scheme and not parts.netloc
    return then if ours and not then.startswith("/sign-") else ""


def _page(then: str, *, email: str = "", error: str | None = None) -> str:
    return render_template("auth/sign_in.html", next=then, email=email, error=error)


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End this browser's session; harmless for who has none."""
    token = request.cookies.get(COOKIE)
    if token:
        with unit_of_work() as session:
            sign_out(session, token)
    return clear_session_cookie(make_response(redirect("/sign-in", 303)))
