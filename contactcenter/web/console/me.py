"""What is mine alone: offers, presence, preferences."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.service import edit_own_settings
from contactcenter.assignment.presence import cancel_planned_break, finish_then_break, set_presence
from contactcenter.assignment.queries import ringing_offers
from contactcenter.assignment.service import accept_offer, decline_offer
from contactcenter.assignment.staff import agent_now
from contactcenter.conversations.glance import NOTHING, glances
from contactcenter.core.db import unit_of_work
from contactcenter.core.urls import read_url
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import read_form
from contactcenter.edge.sessions import current_user

blueprint = Blueprint("console_me", __name__, url_prefix="/console")


@blueprint.get("/offers")
@signed_in(Role.AGENT)
def offers() -> ResponseReturnValue:
    """What is held out to me now."""
    with unit_of_work() as session:
        found = ringing_offers(session, current_user())
        seen = glances(session, [offer.conversation.ticket_id for offer in found])
        pairs = [(offer, seen.get(offer.conversation.ticket_id, NOTHING)) for offer in found]
        return render_template("console/_offers.html", offers=pairs)


@blueprint.post("/offers/<int:offer_id>/accept")
@signed_in(Role.AGENT)
def accept(offer_id: int) -> ResponseReturnValue:
    """Mine; on to its ticket."""
    with unit_of_work() as session:
        conversation = accept_offer(session, session.get_one(User, current_user().id), offer_id)
        ticket_id = conversation.ticket_id
    return _go_to(f"/console/tickets/{ticket_id}")


@blueprint.post("/offers/<int:offer_id>/decline")
@signed_in(Role.AGENT)
def decline(offer_id: int) -> ResponseReturnValue:
    """Not mine; it goes to somebody else."""
    with unit_of_work() as session:
        decline_offer(session, session.get_one(User, current_user().id), offer_id)
    return ""


@blueprint.get("/presence")
@signed_in(Role.AGENT)
def presence() -> ResponseReturnValue:
    """What I am doing, and the menu to change it."""
    with unit_of_work() as session:
        return render_template("console/_presence.html", presence=agent_now(session, current_user()))


@blueprint.post("/presence")
@signed_in(Role.AGENT)
def change_presence() -> ResponseReturnValue:
    """Ready, break or away; or finish, then break; or no break after all."""
    form = read_form()
    then_break = form.text("then_break", longest=80, required=False)
    state, reason = form.text("state", required=False), form.text("reason", longest=80, required=False)
    form.check()
    with unit_of_work() as session:
        me = session.get_one(User, current_user().id)
        if form.flag("no_break"):
            cancel_planned_break(session, me, by=me.actor)
        elif then_break:
            finish_then_break(session, me, then_break, by=me.actor)
        else:
            set_presence(session, me, state, reason, by=me.actor)
        return render_template("console/_presence.html", presence=agent_now(session, me))


@blueprint.post("/preferences")
@signed_in()
def preferences() -> ResponseReturnValue:
    """Whether single keys act at once."""
    form = read_form()
    with unit_of_work() as session:
        me = session.get_one(User, current_user().id)
        edit_own_settings(session, me, {"single_keys": form.flag("single_keys")})
    return "", 204


def _go_to(path: str) -> Response:
    """Inside the console only the panes change; from elsewhere the console opens."""
    response = make_response("", 200)
    there = read_url(request.headers.get("HX-Current-URL", "")).path
    if there == "/console" or there.startswith("/console/"):
        response.headers["HX-Location"] = f'{{"path": "{path}", "target": "#thread", "push": "true"}}'
    else:
        response.headers["HX-Redirect"] = path
    return response
