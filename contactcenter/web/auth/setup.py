"""The first page of a fresh installation."""

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from contactcenter.accounts.service import has_people
from contactcenter.accounts.sessions import start_session
from contactcenter.accounts.setup import create_first_administrator
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError
from contactcenter.core.security import PASSWORD_MIN
from contactcenter.edge.deco import public
from contactcenter.edge.limits import check_rate
from contactcenter.edge.requests import field_errors, read_form
from contactcenter.edge.sessions import set_session_cookie

blueprint = Blueprint("setup", __name__)

PACE = "5 per minute"


@blueprint.get("/first-administrator")
@public
def show() -> ResponseReturnValue:
    """The form, as long as nobody can sign in."""
    with unit_of_work() as session:
        if has_people(session):
            return redirect("/sign-in")
    return _page({})


@blueprint.post("/first-administrator")
@public
def create() -> ResponseReturnValue:
    """The administrator, signed in at once."""
    check_rate(PACE, "first-administrator", get_remote_address())
    form = read_form()
    try:
        code, name, email = form.text("code"), form.text("name"), form.text("email")
        password = form.secret("password")
        form.check()
        with unit_of_work() as session:
            user = create_first_administrator(session, code, name=name, email=email, password=password)
            token = start_session(session, user, request.headers.get("User-Agent", ""))
    except DomainError as error:
        return _page(field_errors(error)), error.status
    return set_session_cookie(make_response(redirect("/admin", 303)), token)


def _page(errors: dict[str, str]) -> str:
    typed = {name: request.form.get(name, "") for name in ("code", "name", "email")}
    return render_template(
        "auth/first_administrator.html", form=typed, errors=errors, password_min=PASSWORD_MIN
    )
