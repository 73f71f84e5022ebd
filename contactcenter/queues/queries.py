"""Read queues."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.accounts.permissions import visible_team_ids
from contactcenter.queues.models import BusinessHours, Queue


def queues_seen_by(session: Session, user: User) -> Sequence[Queue]:
    """The queues whose work `user` sees, by brand and name."""
    teams = visible_team_ids(session, user)
    query = select(Queue).order_by(Queue.brand_id, Queue.name)
    if teams is not None:
        query = query.where(Queue.team_id.in_(teams))
    return session.scalars(query).all()


def all_queues(session: Session) -> Sequence[Queue]:
    """Every queue that work can be handed to, by brand and name."""
    return session.scalars(select(Queue).order_by(Queue.brand_id, Queue.name)).all()


def list_hours(session: Session) -> Sequence[BusinessHours]:
    """All opening hours, by name."""
    return session.scalars(select(BusinessHours).order_by(BusinessHours.name)).all()
