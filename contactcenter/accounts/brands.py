"""Brands: the companies we answer for."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.events import BrandChanged, BrandCreated
from contactcenter.accounts.models import Brand
from contactcenter.accounts.service import checked_name
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import Subject, record
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _

EDITABLE = (
    "name",
    "language",
    "zone",
    "privacy_notice",
    "complaint_pack",
    "further_packs",
    "complaint_calendar",
)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,60}")
NOTICE_MAX = 5000

Values = Mapping[str, Any]  # Any: each field is checked by its rule below


def create_brand(
    session: Session, *, slug: str, name: str, actor: str, **values: Any
) -> Brand:  # Any: EDITABLE
    """A new brand; `slug` is its short name in addresses and never changes. Raises Conflict if it is in use."""
    if not _SLUG.fullmatch(slug):
        raise Invalid(_("A short name has a-z, 0-9 and - only, at most 40."), field="slug")
    if session.scalar(select(Brand.id).where(Brand.slug == slug)) is not None:
        raise Conflict(_("There is a brand of this short name already."), details=[{"field": "slug"}])
    brand = Brand(slug=slug)
    _apply(brand, {"name": name, **values})
    session.add(brand)
    session.flush()  # the event needs the id
    record(session, BrandCreated(brand.id, slug), actor=actor, subject=Subject())
    return brand


def edit_brand(session: Session, brand: Brand, version: int, changes: Values, *, actor: str) -> None:
    """Change fields of EDITABLE. Raises Conflict if somebody changed the brand since `version` was shown."""
    if brand.version != version:
        raise Conflict(_("Somebody changed this brand meanwhile. Reload and try again."))
    before = {field: getattr(brand, field) for field in changes if field in EDITABLE}
    _apply(brand, changes)
    changed = {
        field: [old, getattr(brand, field)] for field, old in before.items() if getattr(brand, field) != old
    }
    if changed:
        brand.version += 1
        record(session, BrandChanged(brand.id, changed), actor=actor, subject=Subject())


def list_brands(session: Session) -> Sequence[Brand]:
    """All brands by name."""
    return session.scalars(select(Brand).order_by(Brand.name, Brand.id)).all()


def _apply(brand: Brand, values: Values) -> None:
    for field, value in values.items():
        if field not in EDITABLE:
            raise Invalid(_("%(field)s cannot be changed here.", field=field), field=field)
        setattr(brand, field, _checked(field, value))


def _checked(field: str, value: object) -> str | list[str]:
    if field == "name":
        return checked_name(value)
    if field == "further_packs":
        return _checked_codes(field, value)
    if not isinstance(value, str):
        raise Invalid(_("Choose one of the offered values."), field=field)
    if field == "privacy_notice":
        return _checked_notice(value)
    if field == "language" and value in LANGUAGES:
        return value
    if field == "zone" and value in available_timezones():
        return value
    if field.startswith("complaint_") and _CODE.fullmatch(value):
        return value
    raise Invalid(_("Choose one of the offered values."), field=field)


def _checked_codes(field: str, value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(one, str) and _CODE.fullmatch(one) for one in value):
        return value
    raise Invalid(_("Choose one of the offered values."), field=field)


def _checked_notice(text: str) -> str:
    if len(text) > NOTICE_MAX:
        raise Invalid(_("The notice has at most %(n)s characters.", n=NOTICE_MAX), field="privacy_notice")
    return text.strip()
