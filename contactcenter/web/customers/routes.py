"""Find a customer, see one timeline over all channels, correct what we know."""

from zoneinfo import available_timezones

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.core.db import lock_row, unit_of_work
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.i18n import gettext as _
from contactcenter.customers.claims import accept_claim, access_claim, refuse_claim
from contactcenter.customers.models import Customer
from contactcenter.customers.persons import separate_customer, survivor_of
from contactcenter.customers.queries import search_customers
from contactcenter.customers.service import (
    ADJUSTMENTS,
    EDITABLE,
    TEXT_MAX,
    IdentityKind,
    add_identity,
    edit_customer,
    find_by_identity,
)
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import read_form, typed_over
from contactcenter.edge.sessions import current_user
from contactcenter.tickets.access import has_visible_ticket
from contactcenter.tickets.queries import tickets_of_customer
from contactcenter.web.customers.claims import EDITORS, claims_view, is_known_by_answer
from contactcenter.web.forms import Errors, answer_form, go_to

blueprint = Blueprint("customers", __name__, url_prefix="/customers")
READERS = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INVESTIGATOR)
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
            customer = access_customer(session, me, customer_id, to_change=True)
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


@blueprint.post("/<int:customer_id>/claims/<int:claim_id>")
@signed_in(*EDITORS)
def settle_claim(customer_id: int, claim_id: int) -> ResponseReturnValue:
    """Whether an address that he typed is his: `verdict` accept or refuse. Joining needs a right to see both.

    Of somebody who only answered our mail there is nothing else to see.
    Sent beside a ticket it leads back to that.
    """
    with unit_of_work() as session:
        me = _me(session)
        claim = access_claim(session, access_customer(session, me, customer_id), claim_id)
        form = read_form()
        verdict, ticket_id = form.choice("verdict", ("accept", "refuse")), form.row_id("ticket")
        form.check()
        if verdict == "refuse":
            refuse_claim(session, claim, actor=me.actor)
        else:
            holder = find_by_identity(session, "email", claim.value)
            if holder is not None and not is_known_by_answer(session, claim, holder):
                access_customer(session, me, holder.id)
            customer_id = accept_claim(session, claim, actor=me.actor).id
    flash(_("Saved."), "good")
    return go_to(f"/console/tickets/{ticket_id}" if ticket_id else f"/customers/{customer_id}")


@blueprint.post("/<int:customer_id>/separate")
@signed_in(*EDITORS)
def separate(customer_id: int) -> ResponseReturnValue:
    """Undo a joining."""
    with unit_of_work() as session:
        me = _me(session)
        separate_customer(session, access_customer(session, me, customer_id), actor=me.actor)
    flash(_("Saved."), "good")
    return go_to(f"/customers/{customer_id}")


def access_customer(session: Session, user: User, customer_id: int, *, to_change: bool = False) -> Customer:
    """The customer, if `user` may see any ticket of this person; NotFound otherwise.

    `to_change`: nobody else changes it meanwhile.
    """
    customer = lock_row(session, Customer, customer_id) if to_change else session.get(Customer, customer_id)
    if customer is None or not tickets_of_customer(session, user, customer.id, limit=1):
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
            survivor=survivor_of(session, customer),
            claimed=claims_view(session, me, customer),
            form=typed_over(stored) if errors else stored,
            errors=errors,
            address=typed_over(address) if address_errors else address,
            address_errors=address_errors or {},
            adjustments=ADJUSTMENTS,
            zones=sorted(available_timezones()),
            may_edit=me.has(*EDITORS),
        )
