"""The audit trail: what was set up and changed, by whom, read from the event log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Team, User
from contactcenter.core.events import EventRow
from contactcenter.core.paging import Page, fetch_page

NAMED: Mapping[str, type[Team] | type[Brand] | type[User]] = {
    "team_id": Team,
    "brand_id": Brand,
    "manager_id": User,
}
Data = Mapping[str, Any]  # Any: JSON of an event
Names = Mapping[tuple[str, object], str]  # (field, number) → name


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail. `who` and `whom` are names: '' for the system, and for what concerns nobody.

    In `data` the numbers of NAMED are names, too, as far as there still is what they stand for.
    """

    at: datetime
    name: str
    who: str
    whom: str
    data: Data


def list_entries(session: Session, names: Collection[str], *, after: str | None = None) -> Page[Entry]:
    """Events of these names, newest first, with the people in them named. Raises Invalid for a foreign cursor."""
    each = [
        EventRow.name == name for name in names
    ]  # rare among all that happens: found by name, and not by walking back
    page = fetch_page(session, select(EventRow), keys=(EventRow.at, EventRow.id), after=after, ways=each)
    people, known = _names_of(session, page.items), _names_in(session, page.items)
    entries = [
        Entry(
            row.at,
            row.name,
            people.get(row.actor, ""),
            people.get(f"user:{row.user_id}", ""),
            _named(row.data, known),
        )
        for row in page.items
    ]
    return Page(entries, page.next)


def _names_of(session: Session, rows: Collection[EventRow]) -> dict[str, str]:
    """Actor → name, of everybody who acts or is acted upon in `rows`."""
    ids = {row.user_id for row in rows if row.user_id}
    ids |= {int(row.actor.removeprefix("user:")) for row in rows if row.actor.startswith("user:")}
    return {user.actor: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}


def _names_in(session: Session, rows: Collection[EventRow]) -> Names:
    """The names of whatever NAMED numbers in the data of `rows` stand for, one query for each kind."""
    found: dict[tuple[str, object], str] = {}
    for field, model in NAMED.items():
        ids = {number for row in rows for number in _numbers(row.data, field)}
        if ids:
            known = session.execute(select(model.id, model.name).where(model.id.in_(ids)))
            found.update({(field, number): name for number, name in known})
    return found


def _numbers(data: Data, field: str) -> set[int]:
    values = (data.get(field), *data.get("changes", {}).get(field, ()))
    return {value for value in values if isinstance(value, int)}


def _named(data: Data, names: Names) -> Data:
    changes = {
        field: [names.get((field, value), value) for value in pair]
        for field, pair in data.get("changes", {}).items()
        if field in NAMED
    }
    own = {field: names.get((field, data[field]), data[field]) for field in NAMED if field in data}
    return {**data, **own, **({"changes": {**data["changes"], **changes}} if changes else {})}
