"""Administration of brands: language, zone, privacy notice, complaint rules."""

from zoneinfo import available_timezones

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.brands import EDITABLE, NOTICE_MAX, create_brand, edit_brand, list_brands
from contactcenter.accounts.models import Brand
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.i18n import LANGUAGES
from contactcenter.edge.requests import Form, read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.web.admin.forms import Errors, administrators, answer_form, found

blueprint = Blueprint("brands", __name__, url_prefix="/admin/brands")


@blueprint.get("/")
@administrators
def index() -> ResponseReturnValue:
    """All brands."""
    with unit_of_work() as session:
        return render_template("admin/brands.html", brands=list_brands(session))


@blueprint.get("/new")
@administrators
def new() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, {})


@blueprint.post("/")
@administrators
def create() -> ResponseReturnValue:
    """A new brand."""

    def store() -> str:
        form = read_form()
        slug, values = form.text("slug", longest=40), _read(form)
        form.check()
        with unit_of_work() as session:
            create_brand(session, slug=slug, actor=current_user().actor, **values)
        return "/admin/brands/"

    return answer_form(store, lambda errors: _page(None, errors))


@blueprint.get("/<int:brand_id>")
@administrators
def show(brand_id: int) -> ResponseReturnValue:
    """One brand's form."""
    return _page(brand_id, {})


@blueprint.post("/<int:brand_id>")
@administrators
def save(brand_id: int) -> ResponseReturnValue:
    """What was changed about a brand."""

    def store() -> str:
        form = read_form()
        version, values = form.number("version"), _read(form)
        form.check()
        with unit_of_work() as session:
            brand = found(session.get(Brand, brand_id))
            edit_brand(session, brand, version, values, actor=current_user().actor)
        return "/admin/brands/"

    return answer_form(store, lambda errors: _page(brand_id, errors))


def _read(form: Form) -> dict[str, str]:
    return {
        "name": form.text("name", longest=100),
        "language": form.choice("language", LANGUAGES),
        "zone": form.choice("zone", available_timezones()),
        "privacy_notice": form.text("privacy_notice", longest=NOTICE_MAX, required=False),
        "complaint_pack": form.text("complaint_pack", longest=60),
        "complaint_calendar": form.text("complaint_calendar", longest=60),
    }


def _page(brand_id: int | None, errors: Errors) -> str:
    with unit_of_work() as session:
        brand = None if brand_id is None else found(session.get(Brand, brand_id))
    stored = (
        _new()
        if brand is None
        else {field: getattr(brand, field) for field in (*EDITABLE, "slug", "version")}
    )
    return render_template(
        "admin/brand.html",
        brand=brand,
        form=typed_over(stored) if errors else stored,
        errors=errors,
        zones=sorted(available_timezones()),
    )


def _new() -> dict[str, object]:
    settings = get_settings()
    return {
        "slug": "",
        "name": "",
        "language": settings.default_language,
        "zone": settings.default_zone,
        "privacy_notice": "",
        "complaint_pack": settings.complaint_pack,
        "complaint_calendar": settings.complaint_calendar,
        "version": 0,
    }
