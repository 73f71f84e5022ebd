"""Find a customer, see one timeline over all channels, correct what we know."""

from zoneinfo import available_timezones

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.models import Customer
from contactcenter.customers.queries import search_customers
from contactcenter.customers.service import (
    ADJUSTMENTS,
    EDITABLE,
    TEXT_MAX,
    IdentityKind,
    add_identity,
    edit_customer,
)
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.tickets.access import has_visible_ticket
from contactcenter.tickets.queries import tickets_of_customer
from contactcenter.web.forms import Errors, answer_form

blueprint = Blueprint("customers", __name__, url_prefix="/customers")
READERS = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INVESTIGATOR)
EDITORS = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)
ADDRESSES: dict[str, IdentityKind] = {"email": "email", "phone": "phone"}


@blueprint.get("")
@signed_in(*READERS)
def index() -> ResponseReturnValue:
    """Those with a ticket that one may see, by name or address."""
    words = request.args.get("q", "")[:200]
    with unit_of_work() as session:
        page = search_customers(
            session, words, seen=has_visible_ticket(session, _me(session)), after=request.args.get("after")
        )
        part = request.headers.get("HX-Request") and request.args.get("after")
        template = "customers/_rows.html" if part else "customers/index.html"
        return render_template(template, page=page, words=words)


@blueprint.get("/<int:customer_id>")
@signed_in(*READERS)
def show(customer_id: int) -> ResponseReturnValue:
    """One customer."""
    return _page(customer_id, {})


@blueprint.post("/<int:customer_id>")
@signed_in(*EDITORS)
def save(customer_id: int) -> ResponseReturnValue:
    """Correct name, language, need for care; each change is in the log."""

    def store() -> str:
        form = read_form()
        changes = {
            "name": form.text("name", longest=TEXT_MAX["name"], required=False),
            "language": form.choice("language", LANGUAGES),
            "zone": form.choice("zone", {"", *available_timezones()}, default="") or None,
            "segment": form.text("segment", longest=TEXT_MAX["segment"], required=False),
            "vulnerable": form.flag("vulnerable"),
            "adjustments": form.choices("adjustments", ADJUSTMENTS),
        }
        version = form.number("version", default=0)
        form.check()
        with unit_of_work() as session:
            me = _me(session)
            customer = access_customer(session, me, customer_id)
            edit_customer(session, customer, version, changes, actor=me.actor)
        return f"/customers/{customer_id}"

    return answer_form(store, lambda errors: _page(customer_id, errors))


@blueprint.post("/<int:customer_id>/identities")
@signed_in(*EDITORS)
def add_address(customer_id: int) -> ResponseReturnValue:
    """One more address by which he is known."""

    def store() -> str:
        form = read_form()
        kind, value = form.choice("kind", ADDRESSES), form.text("value", longest=320)
        form.check()
        with unit_of_work() as session:
            me = _me(session)
            customer = access_customer(session, me, customer_id)
            add_identity(session, customer, ADDRESSES[kind], value, actor=me.actor)
        return f"/customers/{customer_id}"

    return answer_form(store, lambda errors: _page(customer_id, {}, address_errors=errors))


def access_customer(session: Session, user: User, customer_id: int) -> Customer:
    """The customer, if `user` may see any of his tickets; NotFound otherwise."""
    customer = session.scalar(
        select(Customer).where(Customer.id == customer_id, has_visible_ticket(session, user))
    )
    if customer is None:
        raise NotFound(_("There is no customer %(number)s that you may see.", number=customer_id))
    return customer


def _me(session: Session) -> User:
    return session.get_one(User, current_user().id)


def _page(customer_id: int, errors: Errors, *, address_errors: Errors | None = None) -> str:
    with unit_of_work() as session:
        me = _me(session)
        customer = access_customer(session, me, customer_id)
        stored = {field: getattr(customer, field) for field in (*sorted(EDITABLE), "version")}
        address = {"kind": "email", "value": ""}
        return render_template(
            "customers/customer.html",
            customer=customer,
            tickets=tickets_of_customer(session, me, customer.id, limit=50),
            form=typed_over(stored) if errors else stored,
            errors=errors,
            address=typed_over(address) if address_errors else address,
            address_errors=address_errors or {},
            adjustments=ADJUSTMENTS,
            zones=sorted(available_timezones()),
            may_edit=me.has(*EDITORS),
        )
