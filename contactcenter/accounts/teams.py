"""Teams: who works together, and whom they report to."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.events import TeamChanged, TeamCreated
from contactcenter.accounts.models import Role, Team, User
from contactcenter.accounts.service import checked_name
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import gettext as _


def create_team(session: Session, *, name: str, manager_id: int | None = None, actor: str) -> Team:
    """A new team. Raises Conflict for a name in use, Invalid for a manager who is no supervisor."""
    team = Team(name=_free_name(session, name), manager_id=_checked_manager(session, manager_id))
    session.add(team)
    session.flush()  # the event needs the id
    record(session, TeamCreated(team.id, team.name, team.manager_id), actor=actor, subject=Subject())
    return team


def edit_team(
    session: Session, team: Team, version: int, *, name: str, manager_id: int | None, actor: str
) -> None:
    """Rename a team or give it another manager. Raises Conflict if it changed since `version` was shown."""
    if team.version != version:
        raise Conflict(_("Somebody changed this team meanwhile. Reload and try again."))
    before = {"name": team.name, "manager_id": team.manager_id}
    team.name = name.strip() if name.strip() == team.name else _free_name(session, name)
    team.manager_id = _checked_manager(session, manager_id)
    changes = {
        field: [old, getattr(team, field)] for field, old in before.items() if getattr(team, field) != old
    }
    if changes:
        team.version += 1
        record(session, TeamChanged(team.id, changes), actor=actor, subject=Subject())


def list_teams(session: Session) -> Sequence[Team]:
    """All teams by name."""
    return session.scalars(select(Team).order_by(Team.name)).all()


def _free_name(session: Session, name: str) -> str:
    checked = checked_name(name)
    with session.no_autoflush:
        taken = session.scalar(select(Team.id).where(Team.name == checked))
    if taken is not None:
        raise Conflict(_("There is a team of this name already."), details=[{"field": "name"}])
    return checked


def _checked_manager(session: Session, manager_id: int | None) -> int | None:
    if manager_id is None:
        return None
    with session.no_autoflush:
        manager = session.get(User, manager_id)
    if manager is None or not manager.has(Role.SUPERVISOR, Role.ADMINISTRATOR):
        raise Invalid(_("A team's manager is an active supervisor or administrator."), field="manager_id")
    return manager_id
