"""How complaints went, as their customers say: satisfaction c = Σb ÷ Σa of a period, over the cases one may see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.access import cases_visible_to
from contactcenter.complaints.business_days import add_months, local_date
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.record import ABOUT
from contactcenter.core import clock
from contactcenter.surveys.service import SatisfactionIndex, satisfaction_index

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The index of the cases whose customers answered in [since, until)."""

    period: str
    since: datetime
    until: datetime
    index: SatisfactionIndex


def satisfaction_with_complaints(session: Session, user: User, period: str) -> Satisfaction:
    """Of the cases that `user` may see, by his own calendar; `period` is one of PERIODS."""
    zone = ZoneInfo(user.zone)
    since, until = (
        datetime.combine(day, time(), zone) for day in PERIODS[period](local_date(clock.now(), zone))
    )
    seen = select(ComplaintCase.reference).where(cases_visible_to(session, user))
    return Satisfaction(period, since, until, satisfaction_index(session, ABOUT, since, until, among=seen))


def _this_month(today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    return first, add_months(first, 1)


def _last_month(today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    return add_months(first, -1), first


def _90_days(today: date) -> tuple[date, date]:
    return today - 89 * DAY, today + DAY


PERIODS: dict[str, Callable[[date], tuple[date, date]]] = {
    "this_month": _this_month,
    "last_month": _last_month,
    "90_days": _90_days,
}
"""Each with its first day and the day after its last; the ninety days end with today."""
