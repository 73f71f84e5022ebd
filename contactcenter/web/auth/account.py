"""My settings: name, language, zone, appearance, single keys, password, and where I am signed in."""

from zoneinfo import available_timezones

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import User
from contactcenter.accounts.service import OWN, THEMES, change_own_password, edit_own_settings
from contactcenter.accounts.sessions import list_sessions, revoke_session
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.core.security import PASSWORD_MIN
from contactcenter.edge.deco import public, signed_in
from contactcenter.edge.language import set_language_cookie
from contactcenter.edge.limits import check_rate
from contactcenter.edge.requests import field_errors, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.web.auth.devices import name_device

blueprint = Blueprint("account", __name__)

PACE_OF_PASSWORDS = "5 per minute"


@blueprint.get("/account")
@signed_in()
def show() -> ResponseReturnValue:
    """The page."""
    return _page({})


@blueprint.post("/account")
@signed_in()
def save() -> ResponseReturnValue:
    """Name, language, zone, appearance, single keys."""
    form = read_form()
    try:
        changes = {
            "name": form.text("name", longest=100),
            "language": form.choice("language", LANGUAGES),
            "zone": form.choice("zone", available_timezones()),
            "theme": form.choice("theme", THEMES),
            "single_keys": form.flag("single_keys"),
            "undo_chat": form.flag("undo_chat"),
        }
        form.check()
        with unit_of_work() as session:
            edit_own_settings(session, session.get_one(User, current_user().id), changes)
    except DomainError as error:
        return _page(field_errors(error)), error.status
    flash(_("Saved."), "good")
    response = make_response(redirect("/account", 303))
    response.delete_cookie("theme")  # the setting just saved shall show on this device too
    return response


@blueprint.post("/account/password")
@signed_in()
def save_password() -> ResponseReturnValue:
    """A new password by the old one; every other session ends."""
    form = read_form()
    try:
        check_rate(PACE_OF_PASSWORDS, "own-password", str(current_user().id))
        old, new = form.secret("old_password"), form.secret("password")
        form.check()
        with unit_of_work() as session:
            me = session.get_one(User, current_user().id)
            change_own_password(session, me, old, new, keep=g.session_id)
    except DomainError as error:
        return _page(field_errors(error)), error.status
    flash(_("Your password is changed. All other devices are signed out."), "good")
    return redirect("/account", 303)


@blueprint.post("/account/sessions/<int:session_id>/revoke")
@signed_in()
def revoke(session_id: int) -> ResponseReturnValue:
    """Sign out another device."""
    with unit_of_work() as session:
        revoke_session(session, current_user(), session_id)
    flash(_("That device is signed out."), "good")
    return redirect("/account", 303)


@blueprint.post("/language")
@public
def choose_language() -> ResponseReturnValue:
    """The language, from the menu of any page: on this device, and for who is signed in everywhere."""
    form = read_form()
    wish = form.choice("language", LANGUAGES)
    form.check()
    if g.user is not None:
        with unit_of_work() as session:
            edit_own_settings(session, session.get_one(User, g.user.id), {"language": wish})
    response = make_response(_back())
    set_language_cookie(response, wish)
    return response


def _back() -> Response:
    """To the page whose menu was used; the browser names it, and only a path of ours is believed."""
    came_from = request.referrer or ""
    ours = came_from.startswith(request.host_url)
    target = "/" + came_from.removeprefix(request.host_url) if ours else "/"
    return make_response(redirect(target if not target.startswith("//") else "/", 303))


def _page(errors: dict[str, str]) -> str:
    with unit_of_work() as session:
        sessions = list_sessions(session, current_user())
    stored = {field: getattr(current_user(), field) for field in OWN}
    return render_template(
        "auth/account.html",
        form=typed_over(stored) if errors and request.path == "/account" else stored,
        errors=errors,
        sessions=sessions,
        name_device=name_device,
        here=g.session_id,
        zones=sorted(available_timezones()),
        themes=THEMES,
        password_min=PASSWORD_MIN,
    )
