"""Find a customer, see one timeline over all channels, correct what we know."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import DomainError, NotFound
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.models import Customer
from contactcenter.customers.queries import search_customers
from contactcenter.customers.service import ADJUSTMENTS, add_identity, edit_customer
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import read_form
from contactcenter.edge.sessions import current_user
from contactcenter.tickets.access import has_visible_ticket
from contactcenter.tickets.queries import tickets_of_customer

blueprint = Blueprint("customers", __name__, url_prefix="/customers")
READERS = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INVESTIGATOR)
EDITORS = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)


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
    form = read_form()
    changes = {
        "name": form.text("name", longest=200, required=False),
        "language": form.choice("language", LANGUAGES),
        "segment": form.text("segment", longest=40, required=False),
        "vulnerable": form.flag("vulnerable"),
        "adjustments": form.choices("adjustments", ADJUSTMENTS),
    }
    version = form.number("version")
    if form.errors:
        return _page(customer_id, form.errors), 422
    with unit_of_work() as session:
        me = _me(session)
        edit_customer(session, access_customer(session, me, customer_id), version, changes, actor=me.actor)
    flash(_("Saved."))
    return redirect(f"/customers/{customer_id}", 303)


@blueprint.post("/<int:customer_id>/identities")
@signed_in(*EDITORS)
def add_address(customer_id: int) -> ResponseReturnValue:
    """One more address by which he is known."""
    form = read_form()
    kind = form.choice("kind", ("email", "phone"))
    value = form.text("value", longest=320)
    if not form.errors:
        try:
            with unit_of_work() as session:
                me = _me(session)
                customer = access_customer(session, me, customer_id)
                add_identity(
                    session, customer, "phone" if kind == "phone" else "email", value, actor=me.actor
                )
        except DomainError as error:
            form.errors["value"] = error.message
    if form.errors:
        return _page(customer_id, form.errors), 422
    return redirect(f"/customers/{customer_id}", 303)


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


def _page(customer_id: int, errors: dict[str, str]) -> str:
    with unit_of_work() as session:
        me = _me(session)
        customer = access_customer(session, me, customer_id)
        tickets = tickets_of_customer(session, me, customer.id, limit=50)
        context = {"customer": customer, "tickets": tickets, "errors": errors, "adjustments": ADJUSTMENTS}
        return render_template("customers/customer.html", may_edit=me.has(*EDITORS), **context)
