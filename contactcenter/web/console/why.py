"""Why me, and why is this waiting: what the router had in mind, in plain words, for those who may see the ticket."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role
from contactcenter.assignment.queries import get_offer
from contactcenter.assignment.reasons import why_here, why_me
from contactcenter.conversations.models import OVER
from contactcenter.conversations.queries import conversations_of
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.sessions import current_user
from contactcenter.tickets.access import access_ticket
from contactcenter.web.console.read import STAFF

blueprint = Blueprint("console_why", __name__, url_prefix="/console")


@blueprint.get("/offers/<int:offer_id>/why")
@signed_in(Role.AGENT)
def offer(offer_id: int) -> ResponseReturnValue:
    """Why this offer rings at me."""
    with unit_of_work() as session:
        held = get_offer(session, offer_id)
        if held is None or held.user_id != current_user().id:
            raise NotFound(_("This offer does not exist."))
        return render_template("console/_why.html", sentences=why_me(held))


@blueprint.get("/tickets/<int:ticket_id>/why")
@signed_in(*STAFF, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)
def place(ticket_id: int) -> ResponseReturnValue:
    """Why its conversation waits, or why it is where it is."""
    user = current_user()
    with unit_of_work() as session:
        ticket = access_ticket(session, user, ticket_id)
        open_ones = [one for one in conversations_of(session, ticket.id) if one.state not in OVER]
        sentences = why_here(session, user, open_ones[-1]) if open_ones else []
        return render_template("console/_why.html", sentences=sentences)
