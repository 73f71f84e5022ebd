"""When a customer wants to be called about how it went: a wall time where he is (C-08), kept with the planned contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.chosen import Slot, slot_of
from contactcenter.complaints.contacts import FIRST, LAST, masked, wall_instant
from contactcenter.complaints.context import case_settings
from contactcenter.complaints.facts import Facts, calls_possible, number_of, would_take_calls
from contactcenter.complaints.folding import fold
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.record import ABOUT
from contactcenter.complaints.service import apply
from contactcenter.complaints.vault import load_events
from contactcenter.complaints.wall_time import happens_once, unreal_time
from contactcenter.core import clock
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import format_time
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.service import canonical_address, region_of
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
class CallChoice:
    """What the customer may choose from, by the clock in `zone`, and what he chose; `number`, in part, is where we call."""

    zone: str
    days: Sequence[CallDay]
    chosen: Slot | None
    number: str


def call_choice(session: Session, case: ComplaintCase, facts: Facts, now: datetime) -> CallChoice | None:
    """None where no contact is due, or the customer will not be called; without a number he may give one."""
    task = due_follow_up(session, About(ABOUT, case.reference)) if would_take_calls(facts) else None
    if task is None:
        return None
    zone = case.customer.zone or case.zone
    return CallChoice(zone, _days(case, task, zone, now), slot_of(task, now), masked(number_of(facts)))


def choose_slot(session: Session, case: ComplaintCase, wall: datetime, zone: str, number: str = "") -> None:
    """Keep when, and if he says so at which number, the customer wants to be called.

    Raises Invalid (fields "slot", "number") for a time at which nobody can be called, a number that is none, or none where
    we know none; Conflict if no call is planned any more.
    """
    task = due_follow_up(session, About(ABOUT, case.reference))
    facts = fold(load_events(session, case), case_settings(case).machine)
    if task is None or not would_take_calls(facts):
        raise Conflict(_("No call is planned any more."))
    _refuse(case, task, wall, zone)
    _keep_number(session, case, facts, number, zone)
    task.wished_time, task.wished_zone = wall.isoformat(timespec="minutes"), zone
    task.wished_at = wall_instant(task.wished_time, zone)
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


def _keep_number(session: Session, case: ComplaintCase, facts: Facts, typed: str, zone: str) -> None:
    """A correction of the file: sealed in it, and erased with it."""
    if not typed:
        if calls_possible(facts):
            return
        raise Invalid(_("Give the number at which we may call you."), field="number")
    number = canonical_address("phone", typed, region=region_of(zone), field="number")
    if number == number_of(facts):
        return
    outcome = apply(session, case, "correct", case.customer.actor, {"what": "phone", "value": number})
    if not outcome.accepted:
        raise Conflict(" ".join(one.message for one in outcome.violations))


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
