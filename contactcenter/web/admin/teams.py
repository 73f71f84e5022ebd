"""Administration of teams: name and manager."""

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role, Team, User
from contactcenter.accounts.service import list_people
from contactcenter.accounts.teams import create_team, edit_team, list_teams
from contactcenter.core.db import unit_of_work
from contactcenter.edge.requests import read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.web.admin.forms import Errors, administrators, answer_form, found

blueprint = Blueprint("teams", __name__, url_prefix="/admin/teams")


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """All teams with their managers."""
    with unit_of_work() as session:
        people = list_people(session)
        teams = [
            (team, next((one for one in people if one.id == team.manager_id), None), _size(team, people))
            for team in list_teams(session)
        ]
    return render_template("admin/teams.html", teams=teams)


def _size(team: Team, people: Sequence[User]) -> int:
    return sum(1 for one in people if one.team_id == team.id and one.active)


@blueprint.get("/new")
@administrators
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, {})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new team."""

    def store() -> str:
        form = read_form()
        name, manager_id = form.text("name", longest=100), form.row_id("manager_id")
        form.check()
        with unit_of_work() as session:
            create_team(session, name=name, manager_id=manager_id, actor=current_user().actor)
        return "/admin/teams/"

    return answer_form(store, lambda errors: _page(None, errors))


@blueprint.get("/<int:team_id>")
@administrators
def show(team_id: int) -> ResponseReturnValue:
    """One team's form."""
    return _page(team_id, {})


@blueprint.post("/<int:team_id>")
@administrators
def save(team_id: int) -> ResponseReturnValue:
    """What was changed about a team."""

    def store() -> str:
        form = read_form()
        name, manager_id = form.text("name", longest=100), form.row_id("manager_id")
        version = form.number("version")
        form.check()
        with unit_of_work() as session:
            team = found(session.get(Team, team_id))
            edit_team(session, team, version, name=name, manager_id=manager_id, actor=current_user().actor)
        return "/admin/teams/"

    return answer_form(store, lambda errors: _page(team_id, errors))


def _page(team_id: int | None, errors: Errors) -> str:
    with unit_of_work() as session:
        team = None if team_id is None else found(session.get(Team, team_id))
        people = list_people(session)
    managers = [(one.id, one.name) for one in people if one.has(Role.SUPERVISOR, Role.ADMINISTRATOR)]
    stored = {
        "name": team.name if team else "",
        "manager_id": team.manager_id if team else "",
        "version": team.version if team else 0,
    }
    return render_template(
        "admin/team.html",
        team=team,
        form=typed_over(stored) if errors else stored,
        errors=errors,
        managers=managers,
    )
