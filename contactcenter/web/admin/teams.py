"""Administration of teams: name and manager."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, Team, User
from contactcenter.accounts.service import list_people
from contactcenter.accounts.teams import create_team, edit_team, list_teams
from contactcenter.edge.requests import Form
from contactcenter.edge.sessions import current_user
from contactcenter.web.admin.screen import Context, Screen, doors


def _listed(session: Session) -> Context:
    people = list_people(session)
    by_id = {one.id: one for one in people}
    teams = [(team, by_id.get(team.manager_id or 0), _size(team, people)) for team in list_teams(session)]
    return {"teams": teams}


def _size(team: Team, people: Sequence[User]) -> int:
    return sum(1 for one in people if one.team_id == team.id and one.active)


def _fields(_session: Session, team: Team | None) -> Context:
    if team is None:
        return {"name": "", "manager_id": "", "version": 0}
    return {"name": team.name, "manager_id": team.manager_id, "version": team.version}


def _choices(session: Session) -> Context:
    able = (one for one in list_people(session) if one.has(Role.SUPERVISOR, Role.ADMINISTRATOR))
    return {"managers": [(one.id, one.name) for one in able]}


def _store(session: Session, form: Form, team: Team | None) -> Team:
    name, manager_id = form.text("name", longest=100), form.row_id("manager_id")
    version, actor = form.number("version", default=0), current_user().actor
    form.check()
    if team is None:
        return create_team(session, name=name, manager_id=manager_id, actor=actor)
    edit_team(session, team, version, name=name, manager_id=manager_id, actor=actor)
    return team


blueprint = doors(Screen("teams", "team", Team, _listed, _fields, _store, _choices))
