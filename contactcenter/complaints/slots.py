"""When a customer wants to be called about how it went: a wall time where he is (C-08), kept with the planned contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.contacts import FIRST, LAST, SLOT_SLACK, is_call, wall_instant
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.facts import Facts, calls_possible
from contactcenter.complaints.folding import fold
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.record import ABOUT
from contactcenter.complaints.vault import load_events
from contactcenter.complaints.wall_time import happens_once, unreal_time
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import format_time
from contactcenter.core.i18n import gettext as _
from contactcenter.surveys.events import FollowUpTimeChosen
from contactcenter.surveys.models import FollowUp
from contactcenter.surveys.service import About, due_follow_up

EVERY = timedelta(hours=1)
NOTICE = timedelta(hours=1)
DAYS = 5


@dataclass(frozen=True, slots=True)
class CallDay:
    """A working day with the wall times at which one can be called."""

    day: date
    times: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class Slot:
    """The time the customer chose: `there` on his wall clock in `zone`, `at` as an instant. `missed`: nobody called then."""

    there: datetime
    zone: str
    at: datetime
    missed: bool


@dataclass(frozen=True, slots=True)
class CallChoice:
    """What the customer may choose from, by the clock in `zone`, and what he chose."""

    zone: str
    days: Sequence[CallDay]
    chosen: Slot | None


def call_choice(session: Session, case: ComplaintCase, facts: Facts, now: datetime) -> CallChoice | None:
    """None where no contact is due, or the customer cannot or will not be called."""
    task = due_follow_up(session, About(ABOUT, case.reference)) if calls_possible(facts) else None
    if task is None:
        return None
    zone = case.customer.zone or case.zone
    return CallChoice(zone, _days(case, task, zone, now), slot_of(task, now))


def slot_of(task: FollowUp, now: datetime) -> Slot | None:
    """The time that the customer asked for."""
    if not task.wished_time or not task.wished_zone:
        return None
    at = wall_instant(task.wished_time, task.wished_zone)
    there = datetime.fromisoformat(task.wished_time)
    return Slot(there, task.wished_zone, at.astimezone(UTC), missed=now > at + SLOT_SLACK)


def with_slot(session: Session, case: ComplaintCase, data: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    """What is noted of a contact; of a call also the time its customer chose, which nobody else may name."""
    said = {key: value for key, value in data.items() if key not in ("slot", "slot_zone")}
    task = due_follow_up(session, About(ABOUT, case.reference))
    if task is None or not task.wished_time or not is_call(data):
        return said
    return {**said, "slot": task.wished_time, "slot_zone": task.wished_zone}


def choose_slot(session: Session, case: ComplaintCase, wall: datetime, zone: str) -> None:
    """Keep when the customer wants to be called. Raises Invalid (field "slot") for a time at which nobody can.

    Raises Conflict if no call is planned any more.
    """
    task = due_follow_up(session, About(ABOUT, case.reference))
    facts = fold(load_events(session, case), case_settings(case).machine)
    if task is None or not calls_possible(facts):
        raise Conflict(_("No call is planned any more."))
    _refuse(case, task, wall, zone)
    task.wished_time, task.wished_zone = wall.isoformat(timespec="minutes"), zone
    event = FollowUpTimeChosen(task.id, task.subject_kind, task.subject_id, task.wished_time, zone)
    record(session, event, actor=case.customer.actor, subject=Subject(customer_id=case.customer_id))


def _refuse(case: ComplaintCase, task: FollowUp, wall: datetime, zone: str) -> None:
    unreal = unreal_time(wall, zone)
    if unreal is not None:
        raise Invalid(unreal.message, field="slot")
    if not FIRST <= wall.time() <= LAST:
        first, last = format_time(FIRST), format_time(LAST)
        raise Invalid(_("We call between %(first)s and %(last)s.", first=first, last=last), field="slot")
    now, at = clock.now(), wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if not now + NOTICE <= at <= _until(case, task, now):
        raise Invalid(_("Choose one of the offered times: this one is too soon or too late."), field="slot")


def _until(case: ComplaintCase, task: FollowUp, now: datetime) -> datetime:
    """The contact is due by a date; once that has passed, two working days more."""
    calendar = load_calendars()[case.calendar]
    day = calendar.next_business_day(calendar.next_business_day(now.date()))
    return max(task.due_at, datetime.combine(day, LAST, ZoneInfo(case.zone)))


def _days(case: ComplaintCase, task: FollowUp, zone: str, now: datetime) -> list[CallDay]:
    calendar, until = load_calendars()[case.calendar], _until(case, task, now)
    there = ZoneInfo(zone)
    day = now.astimezone(there).date()
    days: list[CallDay] = []
    while len(days) < DAYS and datetime.combine(day, FIRST, there) <= until:
        times = [wall for wall in _hours(day) if _is_free(wall, there, now, until)]
        if times and calendar.is_business_day(day):
            days.append(CallDay(day, times))
        day += timedelta(days=1)
    return days


def _hours(day: date) -> list[datetime]:
    first, last = datetime.combine(day, FIRST), datetime.combine(day, LAST)
    return [first + n * EVERY for n in range(1 + (last - first) // EVERY)]


def _is_free(wall: datetime, zone: ZoneInfo, now: datetime, until: datetime) -> bool:
    return happens_once(wall, zone) and now + NOTICE <= wall.replace(tzinfo=zone) <= until
