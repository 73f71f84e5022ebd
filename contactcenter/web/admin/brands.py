"""Administration of brands: language, zone, privacy notice, complaint rules."""

from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from contactcenter.accounts.brands import EDITABLE, NOTICE_MAX, create_brand, edit_brand, list_brands
from contactcenter.accounts.models import Brand
from contactcenter.complaints import words
from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.packs import load_packs
from contactcenter.core.config import get_settings
from contactcenter.core.i18n import LANGUAGES
from contactcenter.edge.requests import Form
from contactcenter.edge.sessions import current_user
from contactcenter.web.admin.screen import Context, Screen, doors


def _listed(session: Session) -> Context:
    return {"brands": list_brands(session)}


def _fields(_session: Session, brand: Brand | None) -> Context:
    if brand is not None:
        return {field: getattr(brand, field) for field in (*EDITABLE, "slug", "version")}
    settings = get_settings()
    return {
        "slug": "",
        "name": "",
        "language": settings.default_language,
        "zone": settings.default_zone,
        "privacy_notice": "",
        "complaint_pack": settings.complaint_pack,
        "further_packs": [],
        "complaint_calendar": settings.complaint_calendar,
        "version": 0,
    }


def _choices(_session: Session) -> Context:
    return {
        "zones": sorted(available_timezones()),
        "packs": [(name, words.say(words.PACKS, name)) for name in load_packs()],
        "calendars": [(name, words.say(words.CALENDARS, name)) for name in load_calendars()],
    }


def _store(session: Session, form: Form, brand: Brand | None) -> Brand:
    values: dict[str, Any] = {  # Any: EDITABLE
        "name": form.text("name", longest=100),
        "language": form.choice("language", LANGUAGES),
        "zone": form.choice("zone", available_timezones()),
        "privacy_notice": form.text("privacy_notice", longest=NOTICE_MAX, required=False),
        "complaint_pack": form.choice("complaint_pack", load_packs()),
        "further_packs": form.choices("further_packs", load_packs()),
        "complaint_calendar": form.choice("complaint_calendar", load_calendars()),
    }
    actor = current_user().actor
    if brand is None:
        slug = form.text("slug", longest=40)
        form.check()
        return create_brand(session, slug=slug, actor=actor, **values)
    version = form.number("version", default=0)
    form.check()
    edit_brand(session, brand, version, values, actor=actor)
    return brand


blueprint = doors(Screen("brands", "brand", Brand, _listed, _fields, _store, _choices))
