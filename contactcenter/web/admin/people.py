"""Administration of people: list, add, edit, new password, let in and out."""

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.service import (
    create_user,
    deactivate_user,
    edit_user,
    list_people,
    reactivate_user,
    set_password,
)
from contactcenter.accounts.teams import list_teams
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import Conflict
from contactcenter.core.i18n import LANGUAGES, lazy_gettext
from contactcenter.core.i18n import gettext as _
from contactcenter.core.security import PASSWORD_MIN
from contactcenter.edge.requests import Form, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.queues.service import agent_levels, set_agent_skills
from contactcenter.web.admin.forms import (
    Errors,
    administrators,
    answer_form,
    found,
    go_to,
    read_levels,
    write_levels,
)

blueprint = Blueprint("people", __name__, url_prefix="/admin/people")

ROLES = {
    Role.AGENT: lazy_gettext("Agent"),
    Role.SUPERVISOR: lazy_gettext("Supervisor"),
    Role.INVESTIGATOR: lazy_gettext("Investigator"),
    Role.APPROVER: lazy_gettext("Approver"),
    Role.REVIEWER: lazy_gettext("Reviewer"),
    Role.ADMINISTRATOR: lazy_gettext("Administrator"),
    Role.SALES: lazy_gettext("Sales"),
}
NEW = {
    "name": "",
    "email": "",
    "roles": [Role.AGENT.value],
    "team_id": "",
    "language": "en",
    "zone": "Europe/London",
    "skills": "",
}
Stored = dict[str, object]


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """Everybody."""
    with unit_of_work() as session:
        return render_template("admin/people.html", people=list_people(session), roles=ROLES)


@blueprint.get("/new")
@administrators
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, {})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """Somebody new."""

    def store() -> str:
        form = read_form()
        password, values, levels = form.secret("password"), _read(form), read_levels(form, "skills")
        form.check()
        with unit_of_work() as session:
            user = create_user(session, password=password, actor=current_user().actor, **values)
            if levels:
                set_agent_skills(session, user.id, levels, actor=current_user().actor)
        return "/admin/people/"

    return answer_form(store, lambda errors: _page(None, errors))


@blueprint.get("/<int:user_id>")
@administrators
def show(user_id: int) -> ResponseReturnValue:
    """One person's form."""
    return _page(user_id, {})


@blueprint.post("/<int:user_id>")
@administrators
def save(user_id: int) -> ResponseReturnValue:
    """What was changed about a person."""

    def store() -> str:
        form = read_form()
        version, values, levels = form.number("version"), _read(form), read_levels(form, "skills")
        form.check()
        with unit_of_work() as session:
            user = found(session.get(User, user_id))
            _refuse_service_user(user)
            edit_user(session, user, version, values, actor=current_user().actor)
            if levels != agent_levels(session, user.id):
                set_agent_skills(session, user.id, levels, actor=current_user().actor)
        return "/admin/people/"

    return answer_form(store, lambda errors: _page(user_id, errors))


@blueprint.post("/<int:user_id>/password")
@administrators
def give_password(user_id: int) -> ResponseReturnValue:
    """A new password for somebody who lost his; he is signed out everywhere."""

    def store() -> str:
        form = read_form()
        password = form.secret("password")
        form.check()
        with unit_of_work() as session:
            user = found(session.get(User, user_id))
            _refuse_service_user(user)
            set_password(session, user, password, actor=current_user().actor)
        return f"/admin/people/{user_id}"

    return answer_form(store, lambda errors: _page(user_id, {}, password_errors=errors))


@blueprint.post("/<int:user_id>/active")
@administrators
def set_active(user_id: int) -> ResponseReturnValue:
    """Let somebody in again (`active` = 1) or out (0)."""
    wanted = read_form().flag("active")
    with unit_of_work() as session:
        user = found(session.get(User, user_id))
        change = reactivate_user if wanted else deactivate_user
        change(session, user, actor=current_user().actor)
    flash(_("Saved."), "good")
    return go_to(f"/admin/people/{user_id}")


def _refuse_service_user(user: User) -> None:
    if user.service:
        raise Conflict(_("This is a program. Its tokens are on the page of tokens."))


def _read(form: Form) -> dict[str, Any]:  # Any: each field's own type
    return {
        "name": form.text("name", longest=100),
        "email": form.text("email", longest=254),
        "roles": form.choices("roles", [role.value for role in Role]),
        "team_id": form.row_id("team_id"),
        "language": form.choice("language", LANGUAGES),
        "zone": form.choice("zone", available_timezones()),
    }


def _page(user_id: int | None, errors: Errors, *, password_errors: Errors | None = None) -> str:
    with unit_of_work() as session:
        user = None if user_id is None else found(session.get(User, user_id))
        stored: Stored = dict(NEW) if user is None else _stored(user, agent_levels(session, user.id))
        teams = [(team.id, team.name) for team in list_teams(session)]
    return render_template(
        "admin/person.html",
        person=user,
        form=typed_over(stored) if errors else stored,
        errors=errors,
        password_errors=password_errors or {},
        teams=teams,
        roles=ROLES,
        zones=sorted(available_timezones()),
        password_min=PASSWORD_MIN,
    )


def _stored(user: User, levels: dict[str, int]) -> Stored:
    fields = ("name", "email", "roles", "team_id", "language", "zone", "version")
    return {**{field: getattr(user, field) for field in fields}, "skills": write_levels(levels)}
