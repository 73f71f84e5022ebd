"""A mail as it was laid out, as a document of its own for a frame that may do nothing but show it."""

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from contactcenter.accounts.models import Role
from contactcenter.conversations.formatted import formatted
from contactcenter.conversations.queries import get_message
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import signed_in
from contactcenter.edge.requests import read_query
from contactcenter.edge.security import csp_nonce
from contactcenter.edge.sessions import current_user
from contactcenter.tickets.access import access_ticket
from contactcenter.web.console.read import STAFF

blueprint = Blueprint("console_mail", __name__, url_prefix="/console")


@blueprint.get("/messages/<int:message_id>/html")
@signed_in(*STAFF, Role.INVESTIGATOR, Role.APPROVER, Role.REVIEWER, Role.ADMINISTRATOR)
def show(message_id: int) -> ResponseReturnValue:
    """The document. With `images` its reader has asked for the pictures that lie elsewhere."""
    remote = bool(read_query().fields.get("images"))
    with unit_of_work() as session:
        message = get_message(session, message_id)
        if message is None:
            raise NotFound(_("This message does not exist."))
        access_ticket(session, current_user(), message.ticket_id)
        body = formatted(message, fold_label=_("Show quoted text"), remote=remote)
    response = make_response(render_template("console/mail.html", body=body))
    response.headers["Content-Security-Policy"] = _policy(remote=remote)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _policy(*, remote: bool) -> str:
    """No scripts, no origin, no requests; links open outside the frame."""
    pictures = "data: https: http:" if remote else "data:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'nonce-{csp_nonce()}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
