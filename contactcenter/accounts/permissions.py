"""Who may do what, one condition per line; higher floors build their `access_…` functions on these.

A person's view of the work is a set of teams: `visible_team_ids` says which, None meaning every team there is.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, Team, User

STAFF = tuple(role for role in Role if role is not Role.SALES)
COMPLAINT_ROLES = (Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER)


def visible_team_ids(session: Session, user: User) -> set[int] | None:
    """The teams whose work `user` sees: None is all of them, an empty set none (then only what he owns)."""
    if user.has(Role.ADMINISTRATOR):
        return None
    if _works_for_every_team(user):
        return None
    if user.has(Role.SUPERVISOR):
        return managed_team_ids(session, user) | _own_team(user)
    if user.has(Role.AGENT):
        return _own_team(user)
    return set()


def managed_team_ids(session: Session, user: User) -> set[int]:
    """The teams whose manager is `user`."""
    return set(session.scalars(select(Team.id).where(Team.manager_id == user.id)))


def _works_for_every_team(user: User) -> bool:
    return user.service and user.team_id is None and user.has(Role.AGENT, Role.SUPERVISOR)


def _own_team(user: User) -> set[int]:
    return {user.team_id} if user.team_id is not None else set()


def may_supervise(session: Session, user: User, team_id: int | None) -> bool:
    """Whether `user` may watch and direct the people and queues of a team (None: people without a team)."""
    if user.has(Role.ADMINISTRATOR):
        return True
    if not user.has(Role.SUPERVISOR):
        return False
    if _works_for_every_team(user):
        return True
    return team_id is not None and team_id in managed_team_ids(session, user) | _own_team(user)


def may_see_complaints(user: User) -> bool:
    """Whether complaint data may reach `user` at all; who sells never sees it, whatever else he does (F-17)."""
    if Role.SALES in user.roles:
        return False
    return user.has(*STAFF)


def may_handle_complaints(user: User) -> bool:
    """Whether `user` is one of those through whose hands complaints go; the complaint's own rules narrow this."""
    if not may_see_complaints(user):
        return False
    return user.has(*COMPLAINT_ROLES)
