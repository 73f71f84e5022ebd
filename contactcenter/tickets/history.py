"""What happened to a ticket besides messages: the lines between them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.core.events import EventRow

HISTORY_MAX = 200


def history_of(
    session: Session, ticket_id: int, names: Sequence[str], *, since: datetime | None = None
) -> Sequence[EventRow]:
    """The ticket's events of these names at or after `since`, oldest first; of very many the latest."""
    query = select(EventRow).where(EventRow.ticket_id == ticket_id, EventRow.name.in_(names))
    if since is not None:
        query = query.where(EventRow.at >= since)
    rows = session.scalars(query.order_by(EventRow.id.desc()).limit(HISTORY_MAX)).all()
    return rows[::-1]
