"""The audit trail: what was set up and changed, by whom, read from the event log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.core.events import EventRow
from contactcenter.core.paging import Page, fetch_page


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail. `who` and `whom` are names: '' for the system, and for what concerns nobody."""

    at: datetime
    name: str
    who: str
    whom: str
    data: Mapping[str, Any]  # Any: JSON of the event


def list_entries(session: Session, names: Collection[str], *, after: str | None = None) -> Page[Entry]:
    """Events of these names, newest first, with the people in them named. Raises Invalid for a foreign cursor."""
    query = select(EventRow).where(EventRow.name.in_(names))
    page = fetch_page(session, query, keys=(EventRow.id,), after=after)
    people = _names_of(session, page.items)
    entries = [
        Entry(row.at, row.name, people.get(row.actor, ""), people.get(f"user:{row.user_id}", ""), row.data)
        for row in page.items
    ]
    return Page(entries, page.next)


def _names_of(session: Session, rows: Collection[EventRow]) -> dict[str, str]:
    """Actor → name, of everybody who acts or is acted upon in `rows`."""
    ids = {row.user_id for row in rows if row.user_id}
    ids |= {int(row.actor.removeprefix("user:")) for row in rows if row.actor.startswith("user:")}
    return {user.actor: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}
