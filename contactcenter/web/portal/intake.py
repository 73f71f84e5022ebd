"""The public form for a complaint: no account, no password, no script needed, and nobody has to say who he is."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from contactcenter.accounts.models import Brand
from contactcenter.complaints.by_form import BY_MAIL, HERE, WAYS, Told, complain, may_be_anonymous
from contactcenter.complaints.links import issue_link
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError, Invalid, TooMany
from contactcenter.core.i18n import current_language, lazy_gettext
from contactcenter.core.i18n import gettext as _
from contactcenter.core.idempotency import KeyReused, do_once
from contactcenter.core.ids import new_token
from contactcenter.edge.deco import proof, public
from contactcenter.edge.limits import check_rate, who_asks
from contactcenter.edge.requests import Form, field_errors, read_form, read_query
from contactcenter.web.portal.actions import TEXT_MAX

blueprint = Blueprint("intake", __name__, url_prefix="/complain")
PACE = ("5 per minute", "30 per hour")
NOTHING: MultiDict[str, str] = MultiDict()
LABELS = {
    "email": lazy_gettext("By e-mail"),
    "phone": lazy_gettext("By telephone"),
    "page": lazy_gettext("Only on a page of my own: I would rather not say who I am"),
}


@blueprint.get("")
@public
def form() -> ResponseReturnValue:
    """The form of one brand (`?brand=harbour`), or the brands to choose from."""
    slug = read_query().text("brand", longest=40, required=False)
    with unit_of_work() as session:
        return _page(session, slug)


@blueprint.post("")
@proof()
def tell() -> ResponseReturnValue:
    """Open the complaint once, however often the form is sent, and lead to its page."""
    sent = read_form()
    slug = sent.text("brand", longest=40, required=False)
    try:
        for rule in PACE:
            check_rate(rule, "complaint-form", who_asks())
        with unit_of_work() as session:
            link = _opened(session, slug, sent)
    except DomainError as error:
        return _refused(slug, sent, error)
    flash(
        _(
            "Thank you. We have your complaint: this is its page. Keep its address; whoever has it can read here."
        ),
        "good",
    )
    return redirect(link, 303)


def _opened(session: Session, slug: str, sent: Form) -> str:
    brand = _brand(session, slug)
    told = _read(sent, brand)
    key = sent.text("client_id", longest=40)
    sent.check()
    asked = repr((brand.slug, told)).encode()
    return do_once(session, "complaint form", key, asked, lambda: _link(session, brand, told)).answer


def _link(session: Session, brand: Brand, told: Told) -> str:
    token = issue_link(session, complain(session, brand, told)).rsplit("/", 1)[1]
    return f"/complaint/{token}"


def _read(sent: Form, brand: Brand) -> Told:
    way = sent.choice("way", _ways(brand), default=BY_MAIL)
    contact = sent.text("contact", longest=320, required=False)
    if way != HERE and not contact:
        sent.errors["contact"] = _("Say where we may answer you.")
    text, name = sent.text("text", longest=TEXT_MAX), sent.text("name", longest=200, required=False)
    return Told(text, way, contact, name, current_language())


def _ways(brand: Brand) -> Sequence[str]:
    return WAYS if may_be_anonymous(brand) else tuple(one for one in WAYS if one != HERE)


def _brand(session: Session, slug: str) -> Brand:
    """The brand of that short name; without one the only one there is. Raises Invalid where that leaves a choice."""
    if slug:
        found = session.scalars(select(Brand).where(Brand.slug == slug)).all()
    else:
        found = session.scalars(select(Brand).order_by(Brand.id).limit(2)).all()
    if len(found) != 1:
        raise Invalid(_("Choose whom you want to complain about."), field="brand")
    return found[0]


def _refused(slug: str, sent: Form, error: DomainError) -> ResponseReturnValue:
    typed = sent.fields.copy()
    if isinstance(error, KeyReused):
        typed.poplist("client_id")  # what he sends now is something new
    with unit_of_work() as session:
        page = make_response(_page(session, slug, field_errors(error), typed))
    page.status_code = error.status
    if isinstance(error, TooMany):
        page.headers["Retry-After"] = str(error.retry_after_s)
    return page


def _page(
    session: Session, slug: str, errors: Mapping[str, str] | None = None, typed: MultiDict[str, str] = NOTHING
) -> ResponseReturnValue:
    try:
        brand = _brand(session, slug)
    except Invalid as error:
        brands = session.scalars(select(Brand).order_by(Brand.name)).all()
        page = render_template("portal/whom.html", brands=brands, error=error.message if slug else "")
        return make_response(page, error.status if slug else 200)
    return make_response(
        render_template(
            "portal/intake.html",
            brand=brand,
            ways=[(way, _(LABELS[way])) for way in _ways(brand)],
            errors=errors or {},
            typed=typed,
            client_id=typed.get("client_id") or new_token(16),
        )
    )
