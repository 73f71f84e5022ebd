"""The follow-up contacts that are still to be made: by when, where the customer is, and whose turn it is (rule U-03)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, false, func, select, true
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.models import User
from contactcenter.complaints.access import View, cases_visible_to, view_of
from contactcenter.complaints.business_days import last_day
from contactcenter.complaints.chosen import Slot, slot_of
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.decide import judge_people
from contactcenter.complaints.model import Person, Violation
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.people import load_people
from contactcenter.complaints.record import ABOUT
from contactcenter.complaints.vault import load_events
from contactcenter.core import clock
from contactcenter.core.i18n import gettext as _
from contactcenter.core.paging import Page, fetch_page
from contactcenter.surveys.models import FollowUp

VIEWS = ("all", "late", "today", "coming")
"""Every contact that is due: past its date · due, or chosen by the customer, today where the case is handled · later."""

PAGE = 20
NAMES = 3
CALLERS = frozenset({"investigator", "approver", "reviewer"})
"""The parts of those who see a whole case: only they can note a contact in it."""

_INSTANT = timedelta(microseconds=1)
_CASE_OF_IT = (FollowUp.subject_kind == ABOUT) & (FollowUp.subject_id == ComplaintCase.reference)


@dataclass(frozen=True, slots=True)
class Turn:
    """One contact to be made, as `user` sees it.

    `last_day` is the last day on which it is in time, `there` the customer's wall clock now, `slot` the time at
    which he chose to be called. `why_not` is empty if
    `user` may make it; `others` are names of some who may.
    """

    case: ComplaintCase
    late: bool
    last_day: date
    there: datetime
    slot: Slot | None
    why_not: str
    others: Sequence[str]


def list_follow_ups(
    session: Session, user: User, view: str = "all", *, after: str | None = None, limit: int = PAGE
) -> Page[Turn]:
    """Contacts to be made in cases that `user` may see, the one that is due first on top."""
    now = clock.now()
    query = select(FollowUp).join(ComplaintCase, _CASE_OF_IT)
    query = query.where(*_due(session, user), _in_view(view, now))
    page = fetch_page(
        session, query, keys=[FollowUp.due_at, FollowUp.id], after=after, limit=limit, descending=False
    )
    cases = _cases(session, page.items)
    people = load_people(session)
    turns = [_turn(session, user, cases[task.subject_id], task, people, now) for task in page.items]
    return Page(turns, page.next)


def count_follow_ups(session: Session, user: User) -> Mapping[str, int]:
    """How many contacts each of VIEWS lists for `user`, in one pass."""
    now = clock.now()
    columns = [func.count().filter(_in_view(view, now)).cast(Integer).label(view) for view in VIEWS]
    query = select(*columns).select_from(FollowUp).join(ComplaintCase, _CASE_OF_IT)
    row = session.execute(query.where(*_due(session, user))).one()
    return dict(row._mapping)  # noqa: SLF001  the documented way to a row's names


def _due(session: Session, user: User) -> tuple[ColumnElement[bool], ...]:
    return FollowUp.state == "due", cases_visible_to(session, user)


def _in_view(view: str, now: datetime) -> ColumnElement[bool]:
    due_on = func.date(func.timezone(ComplaintCase.zone, FollowUp.due_at - _INSTANT))
    today = func.date(func.timezone(ComplaintCase.zone, now))
    called_on = func.date(func.timezone(ComplaintCase.zone, FollowUp.wished_at))
    for_today = (due_on == today) | func.coalesce(called_on <= today, false())
    in_time = FollowUp.due_at > now
    return {
        "all": true(),
        "late": ~in_time,
        "today": in_time & for_today,
        "coming": in_time & ~for_today,
    }[view]


def _cases(session: Session, tasks: Sequence[FollowUp]) -> dict[str, ComplaintCase]:
    query = select(ComplaintCase).where(ComplaintCase.reference.in_([task.subject_id for task in tasks]))
    loaded = query.options(joinedload(ComplaintCase.customer), joinedload(ComplaintCase.ticket))
    return {case.reference: case for case in session.scalars(loaded)}


def _turn(
    session: Session,
    user: User,
    case: ComplaintCase,
    task: FollowUp,
    people: Mapping[str, Person],
    now: datetime,
) -> Turn:
    events, context = load_events(session, case), replace(case_settings(case), people=people)
    callers = [key for key, person in people.items() if person.roles & CALLERS and key != user.actor]
    judged = judge_people(events, "callback", [user.actor, *callers], context, now)
    mine = next(judged, (user.actor, ()))[1]
    able = (key for key, violations in judged if not violations)
    return Turn(
        case=case,
        late=task.due_at <= now,
        last_day=last_day(task.due_at, ZoneInfo(case.zone)),
        slot=slot_of(task, now),
        there=now.astimezone(ZoneInfo(case.customer.zone or case.zone)),
        why_not=_why_not(view_of(session, user, case), mine),
        others=[people[key].name for key in islice(able, NAMES)],
    )


def _why_not(seen: View | None, violations: Sequence[Violation]) -> str:
    if seen is not View.FULL:
        return _("Those who handle complaints make it.")
    if any(one.rule == "U-03" for one in violations):
        return _("You handled this case: another person must call.")
    return violations[0].message if violations else ""
