"""The complaints desk's lists: pages by key, and counts that are made of the same conditions as the lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.models import User
from contactcenter.complaints.access import cases_visible_to
from contactcenter.complaints.models import ComplaintCase
from contactcenter.core import clock
from contactcenter.core.paging import Page, fetch_page
from contactcenter.tickets.models import Ticket

OVER = ("closed", "merged")
COUNTED = 100  # shown as "99+"
SOON = timedelta(days=2)
VIEWS = ("open", "mine", "late", "soon", "undone", "over")
"""What is not over · where I have a part · past a date · within two days of one · whose remedy was taken back, over or not
· closed and merged."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see: one of VIEWS, and of it the cases in one state (empty: any)."""

    view: str = "open"
    state: str = ""


def list_cases(
    session: Session, user: User, wish: Wish, *, after: str | None = None, limit: int | None = None
) -> Page[ComplaintCase]:
    """Cases that `user` may see, the one that is late first on top; what is over, the newest first."""
    query = (
        select(ComplaintCase)
        .where(*_conditions(session, user, wish))
        .options(
            joinedload(ComplaintCase.customer),
            joinedload(ComplaintCase.ticket),
            joinedload(ComplaintCase.brand),
        )
    )
    if wish.view == "over":
        return fetch_page(session, query, keys=[ComplaintCase.id], after=after, limit=limit)
    keys = [ComplaintCase.due_or_never, ComplaintCase.id]
    return fetch_page(session, query, keys=keys, after=after, limit=limit, descending=False)


def count_cases(session: Session, user: User, state: str = "") -> Mapping[str, int]:
    """How many cases each of VIEWS lists for `user`, up to COUNTED: nobody waits for the count of what is long over."""
    counts = [
        select(func.count())
        .select_from(
            select(ComplaintCase.id)
            .where(*_conditions(session, user, Wish(view, state)))
            .limit(COUNTED)
            .subquery()
        )
        .scalar_subquery()
        .label(view)
        for view in VIEWS
    ]
    row = session.execute(select(*counts)).one()
    return dict(row._mapping)  # noqa: SLF001  the documented way to a row's names


@dataclass(frozen=True, slots=True)
class NearClock:
    """One line of the wallboard: whose clock is near or gone."""

    reference: str
    ticket_id: int
    state: str
    holder: str
    clock: str
    due_at: datetime
    late: bool


def clocks_near(session: Session, user: User, *, before: datetime, limit: int = 50) -> list[NearClock]:
    """Open complaints that `user` may see, whose next clock of ours is late from an instant before `before`, the latest first."""
    query = (
        select(ComplaintCase)
        .where(cases_visible_to(session, user), ComplaintCase.due_or_never < before)
        .where(ComplaintCase.state.not_in(("closed", "merged")))
        .order_by(ComplaintCase.due_or_never, ComplaintCase.id)
        .limit(limit)
    )
    now = clock.now()
    return [
        NearClock(
            case.reference,
            case.ticket_id,
            case.state,
            case.holder,
            case.next_clock or "",
            case.next_due_at,
            late=case.next_due_at <= now,
        )
        for case in session.scalars(query)
        if case.next_due_at is not None
    ]


def _conditions(session: Session, user: User, wish: Wish) -> list[ColumnElement[bool]]:
    return [
        cases_visible_to(session, user),
        _in_view(wish.view, user, clock.now()),
        _in_state(wish.state),
    ]


def _in_state(state: str) -> ColumnElement[bool]:
    return ComplaintCase.state == state if state else true()


def _in_view(view: str, user: User, now: datetime) -> ColumnElement[bool]:
    if view == "over":
        return ComplaintCase.state.in_(OVER)
    if view == "undone":
        return ComplaintCase.remedy_undone.is_(True)
    is_open = ComplaintCase.state.not_in(OVER)
    more: dict[str, ColumnElement[bool]] = {
        "mine": _has_a_part(user),
        "late": ComplaintCase.due_or_never <= now,
        "soon": ComplaintCase.due_or_never.between(now, now + SOON),
    }
    return is_open & more.get(view, true())


def _has_a_part(user: User) -> ColumnElement[bool]:
    """Whoever holds a role in the case, or owns its ticket."""
    me: Any = literal({"me": user.actor}, JSONB)  # Any: a bound JSON value
    handles = func.jsonb_path_exists(ComplaintCase.handlers, cast("$.* ? (@ == $me)", JSONPATH), me)
    return handles | ComplaintCase.ticket.has(Ticket.owner_id == user.id)
