"""Business time: when a queue is open, when it opens, and what "four hours from now" means for it.

A week is seven lists (Monday first) of ["HH:MM", "HH:MM"] pairs in the hours' own zone; "24:00" ends a day.
All instants are aware; local wall times are turned into instants one by one, so DST never shifts an opening.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _
from contactcenter.queues.models import BusinessHours, Queue

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_HORIZON_DAYS = 400
Week = Sequence[Sequence[Sequence[str]]]


def is_open(queue: Queue, at: datetime) -> bool:
    """Whether work of `queue` may reach an agent at `at`: switched on, and inside its hours (none = always)."""
    return queue.open and (queue.hours is None or opens_at(queue.hours, at) == at)


def opens_at(hours: BusinessHours, at: datetime) -> datetime | None:
    """`at` itself if open then, else the next opening; None if these hours never open again within 400 days."""
    for start, end in _spans(hours, at):
        if end > at:
            return max(start, at)
    return None


def add_business_time(hours: BusinessHours | None, start: datetime, seconds: float) -> datetime:
    """The instant at which `seconds` of opening time have passed since `start`; without hours, plain time.

    Hours that never open count plain time too: a promise must end some day, at the latest with the last closing
    within 400 days.
    """
    if hours is None:
        return start + timedelta(seconds=seconds)
    left, last = timedelta(seconds=seconds), start
    for opening, closing in _spans(hours, start):
        begin = max(opening, start)
        if closing <= begin:
            continue
        if closing - begin >= left:
            return begin + left
        left, last = left - (closing - begin), closing
    return max(start + timedelta(seconds=seconds), last)


def checked_week(week: Any) -> list[list[list[str]]]:  # Any: JSON from a form or the API
    """The week in its canonical form (sorted pairs). Raises Invalid naming the day that is wrong."""
    if not isinstance(week, list) or len(week) != 7:
        raise Invalid(_("Opening hours need seven days, Monday first."), field="week")
    return [_checked_day(number, day) for number, day in enumerate(week, start=1)]


def _checked_day(number: int, day: Any) -> list[list[str]]:
    problem = _("Day %(day)s: write opening times like 09:00-17:30, not overlapping.", day=number)
    written = isinstance(day, list) and all(isinstance(pair, list | tuple) for pair in day)
    pairs = sorted([str(value) for value in pair] for pair in day) if written else [["?"]]
    edges = [edge for pair in pairs for edge in pair]
    whole = all(len(pair) == 2 and pair[0] < pair[1] for pair in pairs)
    if not whole or not all(_TIME.fullmatch(edge) for edge in edges) or edges != sorted(edges):
        raise Invalid(problem, field=f"day_{number}")
    return pairs


def _spans(hours: BusinessHours, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Opening spans as instants, in order and apart, from the day of `since` on.

    A wall time that the clocks skip in spring lies after the hour that follows it; no span may run backwards for that.
    """
    zone = ZoneInfo(hours.zone)
    closed = {holiday.day for holiday in hours.holidays}
    first = since.astimezone(zone).date()
    before = datetime.min.replace(tzinfo=UTC)
    for offset in range(_HORIZON_DAYS):
        day = first + timedelta(days=offset)
        for start, end in hours.week[day.weekday()] if day not in closed else ():
            opening, closing = max(_instant(day, start, zone), before), _instant(day, end, zone)
            if opening < closing:
                yield opening, closing
                before = closing


def _instant(day: date, wall: str, zone: ZoneInfo) -> datetime:
    if wall == "24:00":
        day, wall = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(wall), zone).astimezone(UTC)
