"""Wall times where the customer is: when the clocks change, some do not happen and some happen twice (rule C-08)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from contactcenter.complaints.model import Violation
from contactcenter.complaints.rules import violation
from contactcenter.core.i18n import gettext as _

_STEP = timedelta(minutes=30)


def unreal_time(wall: datetime, zone_name: str) -> Violation | None:
    """Why nobody can be called at that wall time, with the nearest ones that exist once; None if it does."""
    if zone_name not in available_timezones():
        return violation("C-08", says=_("%(zone)s is not a time zone.", zone=zone_name))
    zone = ZoneInfo(zone_name)
    if happens_once(wall, zone):
        return None
    earlier, later = _neighbours(wall, zone)
    return violation("C-08", time=f"{wall:%H:%M}", zone=zone_name, a=f"{earlier:%H:%M}", b=f"{later:%H:%M}")


def happens_once(wall: datetime, zone: ZoneInfo) -> bool:
    """Its offset is the same read early and late."""
    early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    return early.utcoffset() == late.utcoffset()


def _neighbours(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The nearest such wall times before and after, in steps of half an hour."""
    before, after = wall - _STEP, wall + _STEP
    while not happens_once(before, zone):
        before -= _STEP
    while not happens_once(after, zone):
        after += _STEP
    return before, after
