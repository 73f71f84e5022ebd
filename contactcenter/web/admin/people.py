"""Administration of people: list, add, edit, new password, let in and out."""

from typing import Any
from zoneinfo import available_timezones

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

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
from contactcenter.edge.requests import Form, read_form
from contactcenter.edge.sessions import current_user
from contactcenter.queues.service import agent_levels, set_agent_skills
from contactcenter.tickets.queries import TicketFilter, count_tickets
from contactcenter.web.admin.forms import administrators, read_levels, write_levels
from contactcenter.web.admin.screen import Context, Screen, doors
from contactcenter.web.forms import answer_form, found, go_to

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
    "speaks": ["en"],
    "zone": "Europe/London",
    "skills": "",
    "version": 0,
}


def _listed(session: Session) -> Context:
    return {"people": list_people(session), "roles": ROLES}


def _fields(session: Session, user: User | None) -> Context:
    if user is None:
        return NEW
    stored = {field: getattr(user, field) for field in NEW if field != "skills"}
    return {**stored, "skills": write_levels(agent_levels(session, user.id))}


def _choices(session: Session) -> Context:
    return {
        "teams": [(team.id, team.name) for team in list_teams(session)],
        "roles": ROLES,
        "zones": sorted(available_timezones()),
        "password_min": PASSWORD_MIN,
    }


def _about(session: Session, user: User) -> Context:
    unfinished = TicketFilter(owner_id=user.id, live_only=True)
    return {"unfinished_n": count_tickets(session, current_user(), unfinished)}


def _store(session: Session, form: Form, user: User | None) -> User:
    values, levels, actor = _read(form), read_levels(form, "skills"), current_user().actor
    if user is None:
        password = form.secret("password")
        form.check()
        user = create_user(session, password=password, actor=actor, **values)
    else:
        version = form.number("version", default=0)
        form.check()
        _refuse_service_user(user)
        edit_user(session, user, version, values, actor=actor)
    if levels != agent_levels(session, user.id):
        set_agent_skills(session, user.id, levels, actor=actor)
    return user


def _read(form: Form) -> dict[str, Any]:  # Any: each field's own type
    return {
        "name": form.text("name", longest=100),
        "email": form.text("email", longest=254),
        "roles": form.choices("roles", [role.value for role in Role]),
        "team_id": form.row_id("team_id"),
        "language": form.choice("language", LANGUAGES),
        "speaks": form.choices("speaks", LANGUAGES),
        "zone": form.choice("zone", available_timezones()),
    }


def _refuse_service_user(user: User) -> None:
    if user.service:
        raise Conflict(_("This is a program. Its tokens are on the page of tokens."))


SCREEN = Screen("people", "person", User, _listed, _fields, _store, _choices, _about)
blueprint = doors(SCREEN)


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

    return answer_form(store, lambda errors: SCREEN.page(user_id, {}, password_errors=errors))


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
