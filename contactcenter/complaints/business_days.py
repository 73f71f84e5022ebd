"""Arithmetic of due dates (SPEC §1.3): working days, corresponding dates, pauses, rolls, and when a date is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contactcenter.complaints.calendars import Calendar

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A clock that rested from the day `since` to the day `until` it went on, and why."""

    since: date
    until: date
    reason: str = ""


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The date on the wall in `zone` at that instant."""
    return at.astimezone(zone).date()


def last_day(late_from: datetime, zone: ZoneInfo) -> date:
    """The last date that is in time for what is late from that instant, which is often a midnight."""
    return local_date(late_from - timedelta(microseconds=1), zone)


def at_wall_time(day: date, zone: ZoneInfo, wall: time = time()) -> datetime:
    """The UTC instant of a wall time: daylight saving is met by converting, never by adding seconds."""
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)


def add_business_days(calendar: Calendar, start: date, n: int, pauses: Sequence[Pause] = ()) -> date:
    """The n-th business day strictly after `start`, not counting those d with since < d ≤ until of a pause."""
    day = start
    while n > 0:
        day = calendar.next_business_day(day)
        if not any(pause.since < day <= pause.until for pause in pauses):
            n -= 1
    return day


def business_days_before(calendar: Calendar, day: date, n: int) -> date:
    """The n-th business day strictly before `day`."""
    for _ in range(n):
        day = calendar.previous_business_day(day)
    return day


def add_months(start: date, n: int) -> date:
    """The corresponding date n months on, else the month's end (Civil Code art. 202; the same in England)."""
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    return date(year, month + 1, min(start.day, _days_in(year, month + 1)))


def add_period(calendar: Calendar, start: date, n: int, unit: str, pauses: Sequence[Pause] = ()) -> date:
    """`start` plus n BD, D, W or M; calendar units shift by the length of each pause."""
    if unit == "BD":
        return add_business_days(calendar, start, n, pauses)
    rested = sum((pause.until - pause.since for pause in pauses), timedelta())
    if unit == "M":
        return add_months(start, n) + rested
    return start + timedelta(days=n * (7 if unit == "W" else 1)) + rested


def roll_forward(calendar: Calendar, day: date) -> date:
    """`day`, or the next business day if it is none (Civil Code art. 203)."""
    return day if calendar.is_business_day(day) else calendar.next_business_day(day)


def late_from(due: date, zone: ZoneInfo, cutoff: time | None = None) -> datetime:
    """The first late instant: the cut-off on the due date, else the local midnight after it."""
    return at_wall_time(due, zone, cutoff) if cutoff else at_wall_time(due + _ONE_DAY, zone)


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - _ONE_DAY).day
