"""Administration of opening hours: a week, and the days on which it does not hold."""

import re
from datetime import date
from zoneinfo import available_timezones

from babel import dates
from sqlalchemy.orm import Session

from contactcenter.core.config import get_settings
from contactcenter.core.i18n import current_language
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.requests import Form
from contactcenter.edge.sessions import current_user
from contactcenter.queues.models import BusinessHours
from contactcenter.queues.queries import list_hours
from contactcenter.queues.service import edit_hours, name_hours, save_hours
from contactcenter.web.admin.screen import Context, Screen, doors

DAYS = tuple(f"day_{number}" for number in range(1, 8))
WORKING_DAY = "09:00-17:30"
_SPAN = re.compile(r"(\d\d:\d\d)\s*[-–—]\s*(\d\d:\d\d)")
_HOLIDAY = re.compile(r"(\d{4}-\d\d-\d\d)\s*(.*)")


def _listed(session: Session) -> Context:
    return {"all_hours": list_hours(session), "days": day_names()}


def day_names() -> list[str]:
    """Monday to Sunday in the reader's language."""
    names = dates.get_day_names("wide", locale={"zh": "zh_CN"}.get(current_language(), "en_GB"))
    return [str(names[number]) for number in range(7)]


def _fields(_session: Session, hours: BusinessHours | None) -> Context:
    if hours is None:
        week = {day: WORKING_DAY if day in DAYS[:5] else "" for day in DAYS}
        return {"name": "", "zone": get_settings().default_zone, "holidays": "", "version": 0, **week}
    week = {
        day: ", ".join(f"{opens}-{closes}" for opens, closes in spans)
        for day, spans in zip(DAYS, hours.week, strict=True)
    }
    holidays = "\n".join(f"{holiday.day.isoformat()} {holiday.name}".strip() for holiday in hours.holidays)
    return {
        "name": hours.name,
        "zone": hours.zone,
        "holidays": holidays,
        "version": hours.version,
        **week,
    }


def _choices(_session: Session) -> Context:
    return {"days": list(zip(DAYS, day_names(), strict=True)), "zones": sorted(available_timezones())}


def _store(session: Session, form: Form, hours: BusinessHours | None) -> BusinessHours:
    name, zone = form.text("name", longest=80), form.choice("zone", available_timezones())
    week, holidays = [_read_day(form, day) for day in DAYS], _read_holidays(form)
    version, actor = form.number("version", default=0), current_user().actor
    form.check()
    if hours is None:
        hours = BusinessHours()
        name_hours(session, hours, name=name, zone=zone)
        return save_hours(session, hours, week, holidays, actor=actor)
    edit_hours(session, hours, version, name=name, zone=zone, week=week, holidays=holidays, actor=actor)
    return hours


def _read_day(form: Form, day: str) -> list[list[str]]:
    """`09:00-12:00, 13:00-17:30` as pairs; an empty day is closed."""
    typed = [
        part.strip() for part in form.text(day, required=False).replace("，", ",").split(",") if part.strip()
    ]
    spans = [_SPAN.fullmatch(part) for part in typed]
    if None in spans:
        form.errors[day] = _("Write opening times like 09:00-12:00, 13:00-17:30; leave a closed day empty.")
    return [[span[1], span[2]] for span in spans if span]


def _read_holidays(form: Form) -> dict[date, str]:
    found_days: dict[date, str] = {}
    for line in form.lines("holidays", at_most=400):
        match = _HOLIDAY.fullmatch(line)
        try:
            day = date.fromisoformat(match[1]) if match else None
        except ValueError:
            day = None
        if match is None or day is None:
            form.errors["holidays"] = _("Write one day on each line, like: 2026-12-25 Christmas Day")
        else:
            found_days[day] = match[2].strip()
    return found_days


blueprint = doors(Screen("hours", "opening", BusinessHours, _listed, _fields, _store, _choices))
